// Makes a disagreement small: first the request, then the description, as long as model and HAProxy still differ.
import type { Edge } from "../../src/description/define-edge.ts";
import type { Difference } from "../../src/lab/expectation.ts";
import type { FuzzRequest } from "./requests.ts";
import { compareOn, type Disagreement, type Pair, planOf, withLab } from "./round.ts";

/** Maximum number of labs to start. */
const MOST_LABS = 250;

export async function shrink(found: Disagreement): Promise<Disagreement> {
  const smaller = found.pair === null ? found : await shrinkRequest(found);
  return shrinkDescription(smaller);
}

interface Outcome {
  readonly pair: Pair | null;
  readonly differences: readonly Difference[];
}

/** The disagreement about a request: undefined when they agree, or when there is nothing to compare. */
async function outcomeOf(description: Edge, { haproxy, pair }: Disagreement): Promise<Outcome | undefined> {
  const { plan } = planOf(description);
  if (
    plan === undefined ||
    (pair !== null && !plan.listeners.some(({ name }) => name === pair.request.listener))
  )
    return undefined;
  let outcome: Outcome | undefined;
  const failure = await withLab(plan, haproxy, async (lab, client, plain) => {
    if (pair !== null) outcome = await compareOn(lab, client, pair.request, plain);
  });
  if (failure !== undefined) return pair === null ? { pair, differences: [failure] } : undefined;
  return outcome === undefined || outcome.differences.length === 0 ? undefined : outcome;
}

async function shrinkRequest(found: Disagreement): Promise<Disagreement> {
  const { plan } = planOf(found.description);
  if (plan === undefined) return found;
  let best = found;
  await withLab(plan, found.haproxy, async (lab, client, plain) => {
    for (let changed = true; changed; ) {
      changed = false;
      for (const candidate of best.pair === null ? [] : simplerRequests(best.pair.request)) {
        const outcome = await compareOn(lab, client, candidate, plain);
        if (outcome.differences.length === 0) continue;
        best = { ...best, ...outcome };
        changed = true;
        break;
      }
    }
  });
  return best;
}

function* simplerRequests(request: FuzzRequest): Generator<FuzzRequest> {
  const { headers, target, method, httpVersion, body } = request;
  if (body !== "")
    yield {
      ...request,
      body: "",
      headers: headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name)),
    };
  for (const index of headers.keys())
    if (!/^(content-length|transfer-encoding)$/i.test(headers[index]?.[0] ?? ""))
      yield { ...request, headers: headers.toSpliced(index, 1) };
  if (method !== "GET") yield { ...request, method: "GET" };
  if (httpVersion !== "HTTP/1.1") yield { ...request, httpVersion: "HTTP/1.1" };
  for (let length = Math.floor(target.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = 1; at < target.length; at += length)
      yield { ...request, target: `${target.slice(0, at)}${target.slice(at + length)}` };
  }
  for (const [index, [name, value]] of headers.entries())
    if (value.length > 3)
      yield { ...request, headers: headers.with(index, [name, value.slice(0, value.length / 2)]) };
}

type Place = readonly (string | number)[];

async function shrinkDescription(found: Disagreement): Promise<Disagreement> {
  let best = found;
  let labs = 0;
  for (let changed = true; changed && labs < MOST_LABS; ) {
    changed = false;
    // The largest parts come first: their contents need not be tried one by one.
    for (const place of placesOf(best.description)) {
      const smaller = without(best.description, place) as Edge;
      if (planOf(smaller).plan === undefined) continue;
      if (labs++ >= MOST_LABS) break;
      const outcome = await outcomeOf(smaller, best);
      if (outcome === undefined) continue;
      best = { ...best, ...outcome, description: smaller };
      changed = true;
      break;
    }
  }
  return best;
}

/** Every part of a description that may be removed; outer before inner. */
function placesOf(value: unknown): readonly Place[] {
  const found: Place[] = [];
  let level: { readonly value: unknown; readonly place: Place }[] = [{ value, place: [] }];
  while (level.length > 0) {
    level = level.flatMap(({ value: outer, place }) => {
      if (typeof outer !== "object" || outer === null) return [];
      const keys = Array.isArray(outer) ? [...outer.keys()] : Object.keys(outer);
      return keys.map((key) => ({
        value: (outer as Record<string | number, unknown>)[key],
        place: [...place, key],
      }));
    });
    found.push(...level.map(({ place }) => place));
  }
  return found;
}

function without(value: unknown, [key, ...rest]: Place): unknown {
  if (key === undefined) return value;
  if (Array.isArray(value))
    return rest.length === 0
      ? value.toSpliced(Number(key), 1)
      : value.with(Number(key), without(value[Number(key)], rest));
  const record = value as Readonly<Record<string, unknown>>;
  if (rest.length > 0) return { ...record, [key]: without(record[key], rest) };
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

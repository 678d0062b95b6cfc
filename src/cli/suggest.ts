// Suggests expectations for regions and rules that no expectation exercises: a request of each, with HAProxy's answer.
import type { NewItem } from "../description/source/append-items.ts";
import { maskedConfigLine } from "../findings/masked-text.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import { type LabAnswer, splitUrl } from "../lab/send.ts";
import { DEFAULT_CLIENT } from "../lab/sent-path.ts";
import { type NotSent, requestOfWitness, type WitnessPart } from "../lab/witness-request.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import { conditionsText } from "../space/condition-text.ts";
import { findRegions } from "../space/find-regions.ts";
import { TRUE } from "../space/formula.ts";
import type { Condition } from "../space/predicate.ts";
import type { Answer, Leaf } from "../space/program.ts";
import type { Region } from "../space/regions.ts";
import { type Coverage, type CoveredRule, coverageOf, type Measured, placeOf } from "./coverage.ts";
import type { SentExpectation } from "./locate-expectation.ts";

export interface Suggestions {
  readonly items: readonly NewItem[];
  /** Regions and rules without one, each a line with the reason. */
  readonly without: readonly string[];
  /** No regions, because the evaluation exceeds its budget. */
  readonly incomplete: boolean;
}

type Lab = Pick<LayersLab, "request">;

/** At most this many rules without their own region. */
const MOST_RULES = 200;
/** At most this many requests of a rule are tried. */
const MOST_TRIED = 5;

export async function suggestionsFor(
  lab: Lab,
  measured: Measured,
  sent: readonly SentExpectation[],
): Promise<Suggestions> {
  const before = await coverageOf(measured, sent);
  const [items, without, added]: [NewItem[], string[], SentExpectation[]] = [[], [], []];
  for (const { of, isCovered } of before.regions) {
    if (isCovered) continue;
    const leaf = of.values.get("answer");
    const comment = maskedConfigLine(`${conditionsText(of.conditions)}: ${leaf?.text ?? ""}`);
    const one = await triedFor(lab, measured, of);
    if ("why" in one) without.push(`${comment}: ${one.why}`);
    else {
      items.push({ text: one.text(leaf), comment });
      added.push(one.sent);
    }
  }
  const after = await coverageOf(measured, [...sent, ...added]);
  for (const rule of missingRules(after)) {
    const found = await forRule(lab, measured, rule);
    if ("why" in found) without.push(`${ruleText(rule)}: ${found.why}`);
    else items.push(found);
  }
  return { items, without, incomplete: before.incomplete !== undefined };
}

function missingRules({ rules }: Coverage): readonly CoveredRule[] {
  return rules.flatMap(({ of, isCovered }) => (isCovered ? [] : [of])).slice(0, MOST_RULES);
}

function ruleText({ at, text }: CoveredRule): string {
  return maskedConfigLine(at === undefined ? text : `${text} (${at.file}:${at.line})`);
}

/** A request of a region of a first-match list. */
async function triedFor(lab: Lab, measured: Measured, region: Region): Promise<Tried | NotSent> {
  const { witness, values } = region;
  if (witness === undefined) return { why: "no request for it was found" };
  // Earlier regions may test the host, too. The Host of CONNECT is its target.
  const hosts =
    witness.method === "CONNECT"
      ? []
      : measured.located.regions.flatMap(({ conditions }) => conditions.filter(isOnHost));
  const conditions = [...region.conditions, ...hosts];
  const one = await tried(lab, measured, { witness, conditions, answers: [values.get("answer")?.answer] });
  if ("why" in one) return one;
  return (await placeOf(measured, one.sent)).region?.values === values ? one : ELSEWHERE;
}

/** A request that the rule decides, whatever its region. */
async function forRule(lab: Lab, measured: Measured, rule: CoveredRule): Promise<NewItem | NotSent> {
  const { program, formulas } = measured.input;
  const { regions } = findRegions(
    program,
    {
      requests: TRUE,
      verdictOf: () => "yes",
      throughRule: ({ at }) => at?.file === rule.at?.file && at?.line === rule.at?.line,
    },
    { formulas, mostRegions: MOST_TRIED },
  );
  let first: NotSent | undefined;
  for (const { witness, conditions, answer } of regions) {
    const one = await tried(lab, measured, { witness, conditions, answers: [answer.answer] });
    if ("why" in one) {
      first ??= one;
      continue;
    }
    const place = (await placeOf(measured, one.sent)).rule;
    if (place?.at?.line === rule.at?.line && place?.at?.file === rule.at?.file)
      return { text: one.text(answer), comment: ruleText(rule) };
    first ??= ELSEWHERE;
  }
  return first ?? { why: "no request for it was found" };
}

interface Tried {
  readonly sent: SentExpectation;
  /** As an item of a list of expectations. */
  readonly text: (leaf: Leaf | undefined) => string;
}

async function tried(lab: Lab, { input, entrances }: Measured, part: WitnessPart): Promise<Tried | NotSent> {
  const sent = requestOfWitness(part, input.dimensions.listeners);
  if ("why" in sent) return sent;
  const { frontend, from = DEFAULT_CLIENT, retryOnStale: _, ...options } = sent.options;
  const request: ExpectationPlan["request"] = {
    url: sent.url,
    ...options,
    ...(frontend !== undefined && { frontend }),
    from: options.through === "internal" ? null : from,
  };
  if (!isWritable(request)) return { why: "an expectation cannot contain the request" };
  const answer = await lab.request(sent.url, sent.options);
  const expectation = { request, at: undefined };
  const isNamed = frontend !== undefined && !entrances.isDefault(request.url, frontend);
  return {
    sent: { expectation, answer },
    text: (leaf) => itemText(request, isNamed, outcomeOf(answer, leaf?.answer)),
  };
}

/** Another region or rule decides, or may decide. */
const ELSEWHERE: NotSent = { why: "HAProxy's answer does not show that the request reaches it" };

function isOnHost({ on }: Condition): boolean {
  return on.id === "host" || on.id === "host-port";
}

/** Text that needs no quoting in YAML or in a request. */
function isWritable({ url, headers }: ExpectationPlan["request"]): boolean {
  const texts = [url, ...headers.flat()];
  return texts.every((text) => /^[ -~]*$/.test(text)) && !/[\s#]/.test(url);
}

type Outcome = Readonly<Record<string, string | number | true | readonly string[]>>;

function outcomeOf({ refused, status, location, backend }: LabAnswer, expected: Answer | undefined): Outcome {
  if (refused !== null || status === null) return { refused: true };
  if (location !== null) return { status, location };
  if (backend === null) return { status };
  const several = expected?.kind === "forward" && expected.backends !== undefined ? expected.backends : [];
  return { backend: several.length > 1 ? [...several] : backend };
}

function itemText(request: ExpectationPlan["request"], isNamed: boolean, outcome: Outcome): string {
  const { method, url, headers, body, webSocket, through, frontend, from } = request;
  const own = headers.filter(([name, value]) => name !== "Host" || value !== splitUrl(url).authority);
  const byName = Map.groupBy(own, ([name]) => name);
  const entries: readonly (readonly [key: string, value: unknown])[] = [
    method === "GET" ? ["get", url] : ["request", `${method} ${url}`],
    ...(byName.size === 0
      ? []
      : [
          [
            "headers",
            Object.fromEntries([...byName].map(([name, lines]) => [name, headerValue(lines)])),
          ] as const,
        ]),
    ...(body === "" ? [] : [["body", body] as const]),
    ...(webSocket ? [["websocket", true] as const] : []),
    ...(isNamed ? [["through", frontend] as const] : []),
    ...(through === "public" ? [] : [["through", through] as const]),
    ...(from === null || from === DEFAULT_CLIENT ? [] : [["from", from] as const]),
    ...Object.entries(outcome),
  ];
  return `{ ${entries.map(([key, value]) => `${key}: ${flow(value)}`).join(", ")} }`;
}

function headerValue(lines: readonly (readonly [name: string, value: string])[]): string | readonly string[] {
  const values = lines.map(([, value]) => value);
  const [only] = values;
  return only !== undefined && values.length === 1 ? only : values;
}

/** YAML in flow style; texts in double quotes. */
function flow(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${key}: ${JSON.stringify(one)}`);
  return `{ ${entries.join(", ")} }`;
}

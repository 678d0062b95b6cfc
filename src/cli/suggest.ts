// Suggests expectations for regions and rules that no expectation exercises: a request of each, with HAProxy's answer.
import type { NewItem } from "../description/source/append-items.ts";
import { maskedConfigLine } from "../findings/masked-text.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import { type LabAnswer, splitUrl } from "../lab/send.ts";
import { DEFAULT_CLIENT } from "../lab/sent-path.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import { conditionsText } from "../space/condition-text.ts";
import { findRegions } from "../space/find-regions.ts";
import { TRUE } from "../space/formula.ts";
import type { Answer, Leaf } from "../space/program.ts";
import { urlOfWitness, type Witness } from "../space/witness.ts";
import { type Coverage, type CoveredRule, coverageOf, type Measured, placeOf } from "./coverage.ts";
import type { SentExpectation } from "./locate-expectation.ts";
import { witnessOptions } from "./witness-request.ts";

export interface Suggestions {
  readonly items: readonly NewItem[];
  /** Regions and rules without one, each a line: no request that an expectation can express was seen to reach them. */
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
    const one = of.witness && (await tried(lab, measured, of.witness));
    const isThere = one !== undefined && (await placeOf(measured, one.sent)).region?.values === of.values;
    if (isThere) {
      items.push({ text: one.text(leaf), comment });
      added.push(one.sent);
    } else without.push(comment);
  }
  const after = await coverageOf(measured, [...sent, ...added]);
  for (const rule of missingRules(after)) {
    const found = await forRule(lab, measured, rule);
    if (found === undefined) without.push(ruleText(rule));
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

/** A request that the rule decides, whatever its region. */
async function forRule(lab: Lab, measured: Measured, rule: CoveredRule): Promise<NewItem | undefined> {
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
  for (const { witness, answer } of regions) {
    const one = await tried(lab, measured, witness);
    const place = one && (await placeOf(measured, one.sent)).rule;
    if (one !== undefined && place?.at?.line === rule.at?.line && place?.at?.file === rule.at?.file)
      return { text: one.text(answer), comment: ruleText(rule) };
  }
  return undefined;
}

interface Tried {
  readonly sent: SentExpectation;
  /** As an item of a list of expectations. */
  readonly text: (leaf: Leaf | undefined) => string;
}

/** undefined: an expectation cannot express the request. */
async function tried(lab: Lab, { input, entrances }: Measured, witness: Witness): Promise<Tried | undefined> {
  const { listeners } = input.dimensions;
  const listener = listeners.find(({ name }) => name === witness.listener);
  const options = listener && witnessOptions(witness, listener);
  if (listener === undefined || options === undefined || witness.host === undefined) return undefined;
  const { method, headers, body = "", from = DEFAULT_CLIENT, through, frontend } = options;
  const request: ExpectationPlan["request"] = {
    method,
    url: urlOfWitness(witness, listener),
    headers,
    body,
    webSocket: witness.webSocket,
    through,
    ...(frontend !== undefined && { frontend }),
    from: through === "internal" ? null : from,
  };
  if (!isWritable(request)) return undefined;
  const answer = await lab.request(request.url, options);
  const expectation = { request, at: undefined };
  const isNamed = frontend !== undefined && !entrances.isDefault(request.url, frontend);
  return {
    sent: { expectation, answer },
    text: (leaf) => itemText(request, isNamed, outcomeOf(answer, leaf?.answer)),
  };
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

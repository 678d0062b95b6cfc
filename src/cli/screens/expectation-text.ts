// Results of expectations as text: one line each, and for a failed one the difference, its hop, and the reason.
import { countOf } from "../../findings/count.ts";
import { maskedDifference, maskedHeader } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { ExpectationResult } from "../../lab/expectation.ts";
import { decidesAnswers, type NotRun } from "../../lab/not-run.ts";
import type { LabAnswer } from "../../lab/send.ts";
import type { Decision } from "../../model/decide.ts";
import type { ExpectationPlan } from "../../plan/expectation-plan.ts";
import { type Colours, coloursOf, column, type Screen, seconds, widest } from "./layout.ts";
import { notRunSummary } from "./not-run-text.ts";
import { actionText, matchText } from "./route-text.ts";

const SOURCE_TEXT: Readonly<
  Record<ExpectationResult["expectation"]["request"]["through"], readonly string[]>
> = {
  public: [],
  internal: ["from inside the cluster"],
  untrusted: ["from an untrusted source"],
  pod: ["from a pod in `sources`"],
};

/** The width of the column of requests. */
export function urlWidthOf(expectations: readonly ExpectationPlan[], width: number): number {
  const longest = widest(expectations.map((expectation) => requestText({ expectation })));
  return Math.min(longest, Math.max(30, width - 46)) + 2;
}

/** `✓ https://app.example.com/   200 from app`. */
export function resultLine(result: ExpectationResult, urlWidth: number, screen: Screen): string {
  const colours = coloursOf(screen);
  const ok = result.differences.length === 0;
  const mark = ok ? colours.green("✓") : colours.red("✗");
  const at = ok ? "" : place(result.expectation.at);
  return `${mark} ${column(requestText(result), urlWidth)}${ok ? outcomeText(result) : at}`.trimEnd();
}

export function requestText({
  expectation: { request },
}: {
  readonly expectation: Pick<ExpectationPlan, "request">;
}): string {
  const method = request.method === "GET" ? "" : `${request.method} `;
  return `${method}${request.url}`;
}

export function outcomeText({ answer, expectation: { request } }: ExpectationResult): string {
  const notes = [
    ...request.headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`),
    ...SOURCE_TEXT[request.through],
    ...(request.frontend === undefined ? [] : [`through ${request.frontend}`]),
  ];
  const what = labAnswerText(answer);
  return notes.length === 0 ? what : `${column(what, 22)}${notes.join("  ")}`;
}

export function labAnswerText({ refused, location, status, backend }: LabAnswer): string {
  if (refused !== null) return "refused";
  return location === null ? `${status} from ${backend ?? "HAProxy"}` : `${status} → ${location}`;
}

/** What differed, the request's path, the model's reason, and the command that explains it. */
export function failureText(
  result: ExpectationResult,
  decision: Decision | null,
  screen: Screen,
  see: string = explainCommand(result.expectation),
  raw: readonly string[] = [],
): string {
  const colours = coloursOf(screen);
  const label = (text: string) => `    ${colours.dim(column(text, 11))}`;
  const hops = {
    connection: "on the path",
    haproxy: "at HAProxy",
    backend: "at the backend",
    answer: "in the response",
  } as const;
  const lines = result.differences
    .map(maskedDifference)
    .map(
      ({ what, hop, expected, got }) =>
        `${label(what)}expected ${colours.green(expected)}    got ${colours.red(got)}    ${colours.dim(hops[hop])}`,
    );
  return [
    ...lines,
    ...(result.answer.path === undefined ? [] : [`${label("path")}${result.answer.path}`]),
    ...(result.answer.servers ?? []).map((text, index) => `${label(index === 0 ? "servers" : "")}${text}`),
    ...(decision === null ? [] : whyLines(decision, label)),
    ...(raw.length === 0
      ? []
      : [`${label("raw lines")}${raw.map(maskedConfigLine).join("; ")} (not part of the reason above)`]),
    `${label("see")}${see}`,
  ].join("\n");
}

function whyLines(decision: Decision, label: (text: string) => string): readonly string[] {
  const { route, site } = decision;
  const chosenAt = decision.verdicts.findIndex(({ chosen }) => chosen);
  const before = chosenAt === -1 ? decision.verdicts : decision.verdicts.slice(0, chosenAt);
  const near = before.find(
    ({ pathMatches, misses }) => misses !== undefined && (pathMatches || misses.includes("whole segments")),
  );
  const first = near?.misses === undefined ? [] : [`${label("why")}${near.misses}`];
  const then =
    route === null
      ? decision.because
      : `${site?.name}: ${matchText(route)} → ${actionText(route)}${decision.because === "forwarded" ? "" : `; ${decision.because}`}`;
  return [
    ...first,
    `${label(first.length === 0 ? "why" : "")}${then}    ${place(route?.at ?? site?.at ?? null)}`.trimEnd(),
  ];
}

/** `input`: the arguments that name the layers; empty: a description in the working directory. */
export function explainCommand({ request }: Pick<ExpectationPlan, "request">, input = ""): string {
  const headers = request.headers
    .map(([name, value]) => ` -H ${quoted(`${name}: ${maskedHeader(name, value)}`)}`)
    .join("");
  const entrance = request.frontend ?? request.through;
  const through = entrance === "public" ? "" : ` --through ${quoted(entrance)}`;
  const body = request.body === "" ? "" : ` -d ${quoted(request.body)}`;
  const webSocket = request.webSocket ? " --websocket" : "";
  const from = request.from === null ? "" : ` --from ${request.from}`;
  return `portico explain ${request.method} ${quoted(request.url)}${input}${headers}${body}${webSocket}${through}${from}`;
}

/** For a POSIX shell. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function place(at: Position | null | undefined): string {
  return at == null ? "" : `${at.file}:${at.line}`;
}

export function summaryLine(
  results: readonly ExpectationResult[],
  tookMs: number,
  haproxy: string,
  colours: Colours,
  notRun: readonly NotRun[],
): string {
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  const good = results.length - failed;
  const text = `${good} of ${countOf(results.length, "expectation")} as expected on HAProxy ${haproxy} in ${seconds(tookMs)}${notRunSummary(notRun)}`;
  return failed === 0 && !notRun.some(decidesAnswers) ? text : colours.red(text);
}

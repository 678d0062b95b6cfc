// The explanation of one request to layers or a haproxy.cfg: its path, what HAProxy's log says, and the response.
import { countOf } from "../../findings/count.ts";
import { maskedHeader } from "../../findings/credentials.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { NotRun } from "../../lab/not-run.ts";
import type { LabAnswer } from "../../lab/send.ts";
import type { Stream } from "../../lab/stream-log.ts";
import type { ExplainedRule, RulesExplanation } from "../../space/haproxy/explain-rules.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import type { ExplainedRequest } from "../commands/explain.ts";
import { place } from "./expectation-text.ts";
import { gotText, type Row, rowLines, seenRow } from "./explanation-rows.ts";
import { coloursOf, type Screen } from "./layout.ts";
import { notRunLines } from "./not-run-text.ts";

export interface LayersExplanation {
  readonly request: ExplainedRequest;
  readonly layer: HaproxyLayer;
  readonly answer: LabAnswer;
  /** In the order in which they ended; undefined: HAProxy does not take the log lines of the lab. */
  readonly streams: readonly Stream[] | undefined;
  readonly notRun: readonly NotRun[];
  /** undefined: HAProxy gets no request that its rules could read. */
  readonly rules: RulesExplanation | undefined;
  /** A defect of Portico: what the rules say as Portico reads them, and what HAProxy does. */
  readonly difference: { readonly expected: string; readonly got: string } | undefined;
  readonly haproxy: string;
}

export function layersExplanationText(explanation: LayersExplanation, screen: Screen): string {
  const { request, answer, difference, haproxy, notRun } = explanation;
  const colours = coloursOf(screen);
  const head = [
    `${request.method} ${request.url}`,
    `from ${answer.client}`,
    ...request.options.headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`),
    ...(request.options.webSocket === true ? ["a WebSocket"] : []),
  ];
  return [
    ...(difference === undefined
      ? []
      : [
          colours.red(
            `HAProxy ${haproxy} does not do what the rules say as Portico reads them: ${difference.expected}, but ${difference.got}. This is a defect of Portico.`,
          ),
          "",
        ]),
    head.join("    "),
    "",
    ...rows(explanation).flatMap((row) => rowLines(row, screen, colours)),
    "",
    `  HAProxy ${haproxy}: ${gotText(answer)}`,
    ...notRunLines(notRun).map((line) => `  ${line}`),
  ].join("\n");
}

function rows({ answer, streams, rules }: LayersExplanation): readonly Row[] {
  return [
    ...(answer.path === undefined ? [] : [{ name: "path", text: answer.path }]),
    ...(rules === undefined ? [] : ruleRows(rules)),
    ...streamRows(streams),
    ...(answer.servers ?? []).map((text, index) => ({ name: index === 0 ? "servers" : "", text })),
    ...(answer.backend === null ? [] : [seenRow(answer)]),
    responseRow(answer),
  ];
}

/** At most this many rules that do not match; `--json` has all. */
const MOST_MISSES = 20;

function ruleRows({ rules, answer, unexamined }: RulesExplanation): readonly Row[] {
  const reached = rules.filter(({ state }) => state !== "not-reached");
  const misses = reached.filter(({ state }) => state === "not-matched");
  const hidden = new Set(misses.slice(0, Math.max(0, misses.length - MOST_MISSES)));
  const shown = reached.filter((rule) => !hidden.has(rule));
  const notes = [
    ...(hidden.size === 0
      ? []
      : [`${countOf(hidden.size, "rule")} before these did not match (--json has all)`]),
    ...(rules.length === reached.length
      ? []
      : [`${countOf(rules.length - reached.length, "rule")} after the deciding one`]),
    ...unexamined.map(({ text, at }) => `not examined: ${text}${at === undefined ? "" : `    ${place(at)}`}`),
  ];
  return [
    ...shown.map(ruleRow),
    ...(notes.length === 0 ? [] : [{ name: "", text: notes[0] ?? "", below: notes.slice(1) }]),
    {
      name: "the rules say",
      text: answer === undefined ? "unknown: it depends on what is not followed" : answerText(answer),
    },
  ];
}

function answerText({ text, dependsOn = [] }: NonNullable<RulesExplanation["answer"]>): string {
  const shown = maskedConfigLine(text).replaceAll("\n", "\\n");
  return [shown, ...dependsOn.map((one) => `depends on ${one.text}`)].join("   ");
}

const STATES: Readonly<Record<ExplainedRule["state"], string>> = {
  matched: "✓ matched",
  "not-matched": "· no match",
  "not-reached": "not reached",
  unknown: "? not known",
};

function ruleRow({ state, text, at, because }: ExplainedRule): Row {
  return {
    name: STATES[state],
    text: maskedConfigLine(text),
    at: place(at),
    below: because.flatMap((one) => [
      one.text,
      ...one.lines.slice(0, 3).map((line) => `  ${maskedConfigLine(line.text)}    ${place(line.at)}`),
    ]),
  };
}

function streamRows(streams: readonly Stream[] | undefined): readonly Row[] {
  if (streams === undefined)
    return [{ name: "log", text: "not known: HAProxy does not take the log of the lab" }];
  return streams.map((stream) => ({ name: "log", text: streamText(stream) }));
}

/** `frontend web → backend app → server app1`. */
function streamText({ frontend, backend, server, ended }: Stream): string {
  const hops = [
    `frontend ${frontend}`,
    ...(backend === "<NOSRV>" || (backend === frontend && server === undefined)
      ? []
      : [`backend ${backend}`]),
    ...serverHop(server),
  ];
  const isDown = server === undefined && ended.startsWith("S");
  const why = isDown ? "no server is available" : ENDED[ended.charAt(0)];
  return `${hops.join(" → ")}${why === undefined ? "" : `   ${why} (${ended})`}`;
}

/** `<STATS>` and the like are services of HAProxy itself. */
function serverHop(server: string | undefined): readonly string[] {
  if (server === undefined) return [];
  return [server.startsWith("<") ? `HAProxy's own ${server}` : `server ${server}`];
}

/** The first character of the termination state (manual 3.2, section 8.5). */
const ENDED: Readonly<Record<string, string>> = {
  C: "the client closed the connection",
  S: "the server closed or refused the connection",
  P: "HAProxy refused the request",
  L: "HAProxy answered the request itself",
  R: "a resource of HAProxy was exhausted",
  I: "HAProxy found an internal error",
  c: "the client was idle for too long",
  s: "the server was idle for too long",
};

function responseRow({ refused, status, location, headers }: LabAnswer): Row {
  if (refused !== null) return { name: "response", text: refused };
  const first = `${status}${location === null ? "" : ` → ${location}`}`;
  const own = headers
    .filter(([name]) => !SHOWN_OR_FRAMING.has(name.toLowerCase()))
    .map(
      ([name, value]) =>
        `${name.toLowerCase()} ${maskedHeader(name, Buffer.from(value, "latin1").toString())}`,
    );
  return { name: "response", text: [first, ...own].join("   ") };
}

const SHOWN_OR_FRAMING: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "location",
  "transfer-encoding",
]);

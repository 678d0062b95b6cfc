// The explanation of one request to layers or a haproxy.cfg: its path, what HAProxy's log says, and the response.
import { maskedHeader } from "../../findings/credentials.ts";
import type { NotRun } from "../../lab/not-run.ts";
import type { LabAnswer } from "../../lab/send.ts";
import type { Stream } from "../../lab/stream-log.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import type { ExplainedRequest } from "../commands/explain.ts";
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
  readonly haproxy: string;
}

export function layersExplanationText(account: LayersExplanation, screen: Screen): string {
  const { request, answer, haproxy, notRun } = account;
  const colours = coloursOf(screen);
  const head = [
    `${request.method} ${request.url}`,
    `from ${answer.client}`,
    ...request.options.headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`),
    ...(request.options.webSocket === true ? ["a WebSocket"] : []),
  ];
  return [
    head.join("    "),
    "",
    ...rows(account).flatMap((row) => rowLines(row, screen, colours)),
    "",
    `  HAProxy ${haproxy}: ${gotText(answer)}`,
    ...notRunLines(notRun).map((line) => `  ${line}`),
  ].join("\n");
}

function rows({ answer, streams }: LayersExplanation): readonly Row[] {
  return [
    ...(answer.path === undefined ? [] : [{ name: "path", text: answer.path }]),
    ...streamRows(streams),
    ...(answer.backend === null ? [] : [seenRow(answer)]),
    responseRow(answer),
  ];
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
  const why = ENDED[ended.charAt(0)];
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

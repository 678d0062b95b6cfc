// What counts as a breach: from the handlers' records, HAProxy's log, and the attacker's answers.
import { DENIED_HOST, FORGED_ADDRESS, TRAILER_ADDRESS } from "./attacks/attack.ts";
import { IDENTITY_HEADERS } from "./attacks/headers.ts";
import type { LogLine } from "./edge.ts";
import type { HandlerRun } from "./running-server.ts";

/** The status of every handler of every server: no server answers it by itself, and neither does HAProxy. */
export const HANDLER_STATUS = 203;

/** `maxBody` of /upload, in bytes. */
const MAX_BODY = 1_000;

/** Headers that the edge writes, or that frame the message: the next proxy drops what `Connection` names. */
const OF_THE_EDGE = ["x-forwarded-for", "x-forwarded-proto", "host", "content-length", "transfer-encoding"];

const ALWAYS_DENIED = ["admin", "team", "secret", "private", "tunnel"];

/** Where the handler runs behind the edge, the client address that it must get. */
export interface Behind {
  readonly client: string;
  /** HAProxy's, as "3.2". */
  readonly branch: string;
}

/** Why this handler must not have run, or not with this request; undefined where it may. Without `behind` the edge is not checked. */
export function breachOf(run: HandlerRun, behind: Behind | undefined): string | undefined {
  if (ALWAYS_DENIED.includes(run.handler)) return `the handler \`${run.handler}\` ran`;
  if (/\bsmuggled=yes/.test(run.query)) return "a smuggled request ran";
  if (run.handler === "write" && !["GET", "HEAD"].includes(run.method.toUpperCase()))
    return `the handler \`write\` ran with ${run.method}`;
  if (run.handler === "beta") return "the handler `beta` ran without `x-beta: open`";
  if (run.body > MAX_BODY && run.handler === "upload") return `a body of ${run.body} bytes was read`;
  return hostBreach(run.host ?? "") ?? headerBreach(run, behind);
}

/** Why HAProxy's log alone shows a breach. */
export function logBreach({ status, server }: LogLine, neverForwarded: boolean): string | undefined {
  if (status === 101) return "the connection became a tunnel";
  if (neverForwarded && isForwarded(server)) return "HAProxy forwarded it";
  return undefined;
}

/** Requests that reached a handler by HAProxy's log: at least and at most. What ended badly may have reached one. */
export function loggedRuns(lines: readonly LogLine[]): { readonly least: number; readonly most: number } {
  const forwarded = lines.filter(({ server }) => isForwarded(server));
  const sure = forwarded.filter(({ status }) => status === HANDLER_STATUS);
  const unsure = forwarded.filter(
    ({ status, end, retries }) => status !== HANDLER_STATUS && (end !== "--" || Number(retries) !== 0),
  );
  return { least: sure.length, most: sure.length + unsure.length };
}

function isForwarded(server: string | undefined): boolean {
  return server !== undefined && server !== "<NOSRV>" && server !== "<STATS>";
}

function hostBreach(host: string): string | undefined {
  const name = host.replace(/^.*@/, "").replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  if (name === DENIED_HOST) return `the server sees the host ${JSON.stringify(host)}`;
  if (!/^([A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(host))
    return `the server sees the host ${JSON.stringify(host)}`;
  return undefined;
}

function headerBreach({ headers }: HandlerRun, behind: Behind | undefined): string | undefined {
  const forged = headers.find(
    ([name, value]) =>
      value.includes(FORGED_ADDRESS) && (IDENTITY_HEADERS as readonly string[]).includes(normalName(name)),
  );
  if (forged !== undefined) return `the server sees \`${forged[0]}: ${forged[1]}\``;
  if (behind === undefined) return undefined;
  const named = valuesOf(headers, "connection")
    .flatMap((value) => value.toLowerCase().split(","))
    .find((option) => OF_THE_EDGE.includes(option.trim()));
  if (named !== undefined) return `the server sees \`Connection: ${named}\``;
  const received = valuesOf(headers, "x-forwarded-for").filter((value) => value !== TRAILER_ADDRESS);
  if (received.length !== 1 || received[0] !== behind.client)
    return `the server sees X-Forwarded-For ${JSON.stringify(received)} instead of ${behind.client}`;
  return undefined;
}

/** Whether a header came from a trailer, of this request or of another one. */
export function seesTrailer({ headers }: HandlerRun): boolean {
  return headers.some(([, value]) => value.includes(TRAILER_ADDRESS));
}

function valuesOf(headers: HandlerRun["headers"], wanted: string): readonly string[] {
  return headers.filter(([name]) => normalName(name) === wanted).map(([, value]) => value);
}

/** As CGI's rule makes them, which WSGI, PHP and others keep: `_` and `.` are `-`. */
function normalName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_.]/g, "-")
    .replace(/[\s\x00-\x1f]/g, "");
}

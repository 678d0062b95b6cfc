// The log lines: JSON with route, backend, server and timers, or HAProxy's own httplog.
import { ID_SEPARATOR } from "../../plan/route-ids.ts";
import { clientVariable, type HaproxyContext, routeWord } from "./context.ts";
import { type Line, line } from "./writing.ts";

type Fields = readonly (readonly [name: string, value: string])[];

/**
 * Names and their values in HAProxy (manual section 8.2.6). Only text of a client goes through json(): sites, routes,
 * backends and servers have no character that JSON escapes.
 */
const fields = (context: HaproxyContext): Fields => [
  ["time", "%Ts.%ms"],
  ["client", `"%[var(${clientVariable(context.plan)})]"`],
  ["listener", '"%f"'],
  ["method", '"%HM"'],
  ["host", '"%[var(txn.host),json(ascii)]"'],
  ["path", '"%[capture.req.uri,json(ascii)]"'],
  // The route's name, or its host and path: what distinguishes it from others is behind the #.
  ["route", `"%[${routeWord(context, "id", '"')},field(1,${ID_SEPARATOR})]"`],
  ["backend", '"%b"'],
  ["server", '"%s"'],
  ["status", "%ST"],
  ["bytes", "%B"],
  ["request_ms", "%TR"],
  ["queue_ms", "%Tw"],
  ["connect_ms", "%Tc"],
  ["response_ms", "%Tr"],
  ["total_ms", "%Ta"],
  // Text: HAProxy writes +1 if the request was redispatched (manual section 8.2.3), which is not a number in JSON.
  ["retries", '"%rc"'],
  ["end", '"%ts"'],
];

/** Connections without a request: a failed TLS handshake, a missing PROXY header, no HTTP (manual section 8.2.5). */
const ERROR_FIELDS: Fields = [
  ["time", "%Ts.%ms"],
  ["client", '"%ci"'],
  ["listener", '"%f"'],
  ["status", "%ST"],
  ["end", '"%ts"'],
  ["error", '"%[fc_err_str,json(ascii)]"'],
];

export function logFormat(context: HaproxyContext): readonly Line[] {
  const { logs } = context.plan;
  if (logs.format === "off") return [];
  if (logs.format === "httplog") return [line("option httplog")];
  return [
    line(`log-format ${json(fields(context))}`),
    // HAProxy's default for these lines is not JSON.
    line(`error-log-format ${json(ERROR_FIELDS)}`),
  ];
}

function json(all: Fields): string {
  return `'{${all.map(([name, value]) => `"${name}":${value}`).join(",")}}'`;
}

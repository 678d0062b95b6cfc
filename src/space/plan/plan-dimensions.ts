// The dimensions that a plan tests, and the values that a request can have in each.
import { LONGEST_BODY_BYTES } from "../../plan/limits.ts";
import type { Plan } from "../../plan/plan.ts";
import type {
  AddressDimension,
  ChoiceDimension,
  NumberDimension,
  TextDimension,
  UnknownDimension,
} from "../dimension.ts";

/** Every name that a listener of any plan has, so that all plans have the same dimension. */
export const LISTENER: ChoiceDimension = {
  kind: "choice",
  id: "listener",
  values: ["https", "http", "internal"],
};

/** What requests are apart from the rest: `path` is the usual form, in which the request-target has a path. */
export type RequestForm = "path" | "asterisk" | "connect" | "invalid-host" | "overlong";

/**
 * `asterisk`: `OPTIONS *`; `connect`: CONNECT with host and port; `invalid-host`: the Host is no host name; `overlong`: the announced length of
 * the body is larger than HAProxy accepts. In the latter two the request-target has any form.
 */
export const FORM: ChoiceDimension = {
  kind: "choice",
  id: "request-form",
  values: ["path", "asterisk", "connect", "invalid-host", "overlong"] satisfies readonly RequestForm[],
};

/** As `hostOf` reads it: lower case, without port and trailing dot. */
export const HOST: TextDimension = {
  kind: "text",
  id: "host",
  optional: true,
  universe: "(?:[a-z0-9_.-]*[a-z0-9_-])?|\\[[0-9a-f:.]+\\]",
};

/** Of the form `path`. */
export const METHOD: ChoiceDimension = { kind: "choice", id: "method", values: undefined };

/** The address that HAProxy knows. */
export const CLIENT: AddressDimension = { kind: "address", id: "client" };
/** Where HAProxy sees only the load balancer: the client that connects to it. */
export const BEFORE_LOAD_BALANCER: AddressDimension = { kind: "address", id: "client-of-load-balancer" };

/** Of the body, in bytes, as announced; absent: unknown (Transfer-Encoding). Numbers beyond 2^53 are rounded: no limit is that large. */
export const BODY_LENGTH: NumberDimension = {
  kind: "number",
  id: "body-length",
  optional: true,
  from: 0,
  to: Number(LONGEST_BODY_BYTES),
};

/** Whether Connection, Upgrade and Sec-WebSocket-Key are those of a WebSocket handshake. */
export const UPGRADE_HEADERS: ChoiceDimension = {
  kind: "choice",
  id: "upgrade",
  values: ["none", "websocket"],
};

/** Of the form `path`. */
export function pathDimension(paths: Plan["paths"]): TextDimension {
  return { kind: "text", id: "path", optional: false, universe: paths === "normal" ? NORMAL : AS_IS };
}

/** Visible ASCII without `?` and `#`. */
const AS_IS = '/[!"$->@-~]*';

const ESCAPED = "%(?:0[1-9A-F]|1[0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF]|[89A-F][0-9A-F])";
const UNDOTTED = `(?:[!"$&-\\-0->@-~]|${ESCAPED})`;
const ANY = `(?:[!"$&-.0->@-~]|${ESCAPED})`;
/** Neither `.` nor `..`. */
const SEGMENT = `(?:${UNDOTTED}${ANY}*|\\.${UNDOTTED}${ANY}*|\\.\\.${ANY}+)`;
/** RFC 3986 section 6.2.2, with repeated slashes merged: request-target.ts, `normal`. */
const NORMAL = `/(?:${SEGMENT}/)*(?:${SEGMENT})?`;

/** The last line's value, without white space around it. */
export function headerDimension(name: string): TextDimension {
  const visible = "[!-~\\x80-\\xff]";
  const universe = `(?:${visible}(?:[\\t -~\\x80-\\xff]*${visible})?)?`;
  return { kind: "text", id: `header:${name}`, optional: true, universe };
}

/** A parameter without a value that counts (`?name`, `?name=%zz`): present, and equal to nothing. */
export const NO_VALUE = "\0";

/** The decoded value of the first `name=value`. */
export function queryDimension(name: string): TextDimension {
  return { kind: "text", id: `query:${name}`, optional: true, universe: "[^\\x00]*|\\x00" };
}

/** Headers whose value follows from another dimension. */
const DEPENDENT = new Set(["host", "content-length", "transfer-encoding", "sec-websocket-key"]);

/** undefined: the header is a dimension of its own. */
export function dependentHeader(name: string, condition: string): UnknownDimension | undefined {
  if (!DEPENDENT.has(name)) return undefined;
  const text = `the header ${name} ${condition}`;
  const why = `${name} as a whole is not independent of what is modelled`;
  return { kind: "unknown", id: `header:${name} ${condition}`, text, why, at: undefined };
}

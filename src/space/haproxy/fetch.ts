// Sample fetches (manual section 7.3): what they yield for all requests.
import type { TextDimension } from "../dimension.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { combine, either, mapChoice, one } from "./choice.ts";
import {
  byBind,
  destinationPort,
  inHello,
  majorVersion,
  ofBinds,
  optional,
  sniPresent,
} from "./connection.ts";
import { definition } from "./definition.ts";
import { ANOTHER, fixed, headerAddress, headerCount, headerLines, lastHeader } from "./header-lines.ts";
import { quietValue } from "./quiet.ts";
import { HTTP_VERSION, METHOD, METHODS, PATH } from "./request-dimensions.ts";
import { notExamined, type Scope, severalValues, type Text } from "./scope.ts";
import { unknown } from "./text-tests.ts";
import {
  ABSENT,
  booleanOf,
  constant,
  joined,
  opaque,
  partsOf,
  type Scalar,
  source,
  type Value,
} from "./value.ts";

type Fetch = (scope: Scope, given: readonly string[]) => Value | undefined;

/** undefined: a fetch that is not followed. */
export function fetchValue(scope: Scope, name: string, given: readonly string[]): Value | undefined {
  const quiet = quietValue(scope, name, given);
  if (quiet !== undefined) return quiet;
  const fetch = Object.hasOwn(FETCHES, name) ? FETCHES[name] : undefined;
  if (fetch === undefined) return undefined;
  if (!scope.http && !ANYWHERE.has(name)) return undefined;
  return isOfOtherMessage(scope, name) ? ABSENT : fetch(scope, given);
}

/** Response rules cannot read the request, and request rules cannot read the response: such a condition never matches. */
export function isOfOtherMessage({ phase, proxy }: Scope, name: string): boolean {
  if (name === "status" || name.startsWith("res.")) return phase === "request";
  if (phase === "request" || IN_RESPONSES.has(name)) return false;
  return !ANYWHERE.has(name) || (name.startsWith("req.ssl_") && proxy.mode.value === "http");
}

/** Fetches of the request that HAProxy keeps until the response. */
const IN_RESPONSES: ReadonlySet<string> = new Set([
  ...["method", "capture.req.method", "capture.req.uri", "req.ver", "fc_http_major"],
]);

/** Also without HTTP. */
const ANYWHERE: ReadonlySet<string> = new Set(
  (
    "always_true always_false bool int str ipv4 ipv6 var src fc_src dst_port fc_dst_port ssl_fc ssl_fc_sni req.ssl_sni " +
    "req.ssl_hello_type so_id so_name fe_name fe_defbe be_name"
  ).split(" "),
);

const FETCHES: Readonly<Record<string, Fetch>> = {
  always_true: ({ formulas }) => one(booleanOf(formulas, TRUE)),
  always_false: ({ formulas }) => one(booleanOf(formulas, FALSE)),
  bool: ({ formulas }, [value]) =>
    one(booleanOf(formulas, value === "1" || value?.toLowerCase() === "true" ? TRUE : FALSE)),
  int: (_, [value = "0"]) => one(fixed(Number(value))),
  str: (_, [value = ""]) => one(constant(value)),
  var: (scope, [name = "", ...defaults]) => variable(variableIn(scope, name), defaults[0]),
  path: ({ store }) => store.path,
  pathq: (scope) => pathAndQuery(scope),
  url: (scope) => url(scope),
  query: ({ store }) => store.query,
  base: (scope) => withHost(scope, scope.store.path),
  baseq: (scope) => withHost(scope, pathAndQuery(scope)),
  method: (scope) => (scope.phase === "request" ? receivedMethod(scope) : methodInResponse(scope)),
  "capture.req.method": (scope) => kept(scope, one(source(METHOD))),
  "capture.req.uri": (scope) => kept(scope, receivedTarget(scope)),
  status: ({ store }) => store.response?.status ?? ABSENT,
  "req.hdr": (scope, given) => header(scope, given),
  "req.fhdr": (scope, given) => header(scope, given, true),
  "req.hdr_cnt": (scope, [name = ""]) => (name === "" ? undefined : headerCount(scope, name)),
  "req.fhdr_cnt": (scope, [name = ""]) => (name === "" ? undefined : headerCount(scope, name)),
  "req.hdr_val": (scope, [name = "", occurrence]) =>
    name.toLowerCase() === "content-length" && occurrence === undefined ? lastHeader(scope, name) : undefined,
  "req.hdr_ip": (scope, [name = "", occurrence = "-1"]) =>
    occurrence === "-1" || (occurrence === "1" && !severalValues(scope, name))
      ? oneOfSeveral(scope, name, `req.hdr_ip(${name},${occurrence})`, headerAddress(scope, name))
      : undefined,
  "res.hdr": (scope, given) => header(scope, given),
  "res.fhdr": (scope, given) => header(scope, given, true),
  "res.hdr_cnt": (scope, [name = ""]) => (name === "" ? undefined : headerCount(scope, name)),
  "res.fhdr_cnt": (scope, [name = ""]) => (name === "" ? undefined : headerCount(scope, name)),
  "req.cook": (scope, [name]) => (name ? cookie(scope, name) : undefined),
  url_param: (scope, [name, delimiter]) =>
    name && delimiter === undefined ? queryParameter(scope, name) : undefined,
  src: ({ store }) => store.client,
  fc_src: ({ store, frontend }) => (isDirect(frontend) ? store.connectedClient : undefined),
  dst_port: destinationPort,
  fc_dst_port: destinationPort,
  ssl_fc: (scope) =>
    isBeforeTls(scope)
      ? undefined
      : one(
          booleanOf(
            scope.formulas,
            ofBinds(scope, ({ ssl }) => ssl),
          ),
        ),
  ssl_fc_has_sni: (scope) => one(booleanOf(scope.formulas, sniPresent(scope))),
  ssl_fc_sni: (scope) =>
    either(sniPresent(scope), one<Scalar | undefined>(source(scope.world.dimensions.serverName)), ABSENT),
  "req.ssl_sni": (scope) => inHello(scope, optional(scope, scope.world.dimensions.serverName)),
  "req.ssl_hello_type": (scope) => inHello(scope, one(fixed(1))),
  so_name: (scope) => byBind(scope, ({ name }) => name),
  so_id: (scope) => byBind(scope, ({ id }) => id),
  fe_name: ({ frontend }) => one(constant(frontend.name)),
  be_name: ({ proxy }) => one(constant(proxy.name)),
  "req.ver": (scope) => (scope.phase === "request" ? one(source(HTTP_VERSION)) : undefined),
  "req.proto_http": ({ formulas }) => one(booleanOf(formulas, TRUE)),
  fc_http_major: (scope) => one(majorVersion(scope)),
  "req.body_size": (scope) => (scope.world.everyRequest ? undefined : bodySize(scope)),
};

/** The announced length; without one, what has arrived. */
function bodySize(scope: Scope): Value {
  const arrived = unfollowed(scope, "req.body_size");
  return mapChoice(lastHeader(scope, "content-length"), (length) =>
    length === undefined ? arrived : one<Scalar | undefined>(length),
  );
}

/** A value set by a rule, or by something that is not evaluated. */
export function variableIn(scope: Scope, name: string): Value {
  const { store, world } = scope;
  const isFollowed = !world.setByConverters.has(name);
  const found = store.variables.get(name);
  if (isFollowed && found !== undefined) return found;
  return !isFollowed || world.maySet(name) ? unfollowed(scope, `var(${name})`) : ABSENT;
}

function variable(found: Value, byDefault: string | undefined): Value {
  if (byDefault === undefined) return found;
  return mapChoice(found, (scalar) => one(scalar ?? constant(byDefault)));
}

function header(
  scope: Scope,
  [name = "", occurrence = "-1"]: readonly string[],
  whole = false,
): Value | undefined {
  if (name === "" || (occurrence !== "-1" && (occurrence !== "1" || severalValues(scope, name))))
    return undefined;
  const written = `${scope.phase === "request" ? "req" : "res"}.${whole ? "fhdr" : "hdr"}(${name},${occurrence})`;
  return oneOfSeveral(scope, name, written, lastHeader(scope, name, whole));
}

function oneOfSeveral(scope: Scope, name: string, written: string, value: Value): Value {
  const several = isSentTwice(scope, name);
  return several === FALSE ? value : either(several, unfollowed(scope, written), value);
}

/** Clients send at most one value; where configurations are compared, which one of several is read matters. */
export function isSentTwice(scope: Scope, name: string): Formula {
  if (!scope.world.isCompared || /^(?:host|content-length)$/i.test(name)) return FALSE;
  const text = `several values of ${name}`;
  return unknown(scope, { id: definition(scope, `hdr ${text}`), text, why: text });
}

/** The connection has the address that it is from: no PROXY header, and no UNIX socket. */
function isDirect({ binds, expectProxy }: Scope["frontend"]): boolean {
  return (
    expectProxy.length === 0 &&
    binds.every(({ acceptProxy, address }) => !acceptProxy && address.path === undefined)
  );
}

function isBeforeTls({ connecting, world }: Scope): boolean {
  return connecting === true && world.everyRequest;
}

/** As long as the Cookie header is unchanged or removed. */
function cookie(scope: Scope, name: string): Value | undefined {
  let isFollowed = true;
  const value = mapChoice(headerLines(scope, "cookie"), ({ received, rewritten, added }): Value => {
    isFollowed &&= rewritten === undefined && added.length === 0;
    return received ? optional(scope, scope.world.dimensions.cookie(name)) : ABSENT;
  });
  return isFollowed ? value : undefined;
}

/** While the query is the client's own. */
function queryParameter(scope: Scope, name: string): Value | undefined {
  return scope.store.query === scope.store.receivedQuery
    ? optional(scope, scope.world.dimensions.queryParameter(name))
    : undefined;
}

export function pathAndQuery({ store }: Scope): Value {
  return combine(store.path, store.query, (path, query) => one(appendQuery(path, query)));
}

export function appendQuery(path: Scalar | undefined, query: Scalar | undefined): Scalar | undefined {
  if (path === undefined || query === undefined) return path;
  return { kind: "text", parts: joined(partsOf(path), constant("?").parts, partsOf(query)) };
}

/** Of HTTP/1 in origin form. */
function url(scope: Scope): Value {
  absoluteTargets(scope, "url");
  return pathAndQuery(scope);
}

export function absoluteTargets({ world, at }: Scope, what: string): void {
  const text = `\`${what}\` of requests whose target is absolute, as in HTTP/2: it begins with the scheme and the host`;
  notExamined(world, text, at);
}

function withHost(scope: Scope, path: Value): Value {
  return combine(lastHeader(scope, "host"), path, (host, rest) =>
    one<Scalar | undefined>({ kind: "text", parts: joined(partsOf(host), partsOf(rest)) }),
  );
}

/** `set-method` changes what the server gets; conditions see it only where the client's method is none of HTTP's own. */
export function receivedMethod(scope: Scope): Value {
  const { store, formulas } = scope;
  const received = one<Scalar | undefined>(source(METHOD));
  if (store.method === store.receivedMethod) return received;
  const isKnown = formulas.test({ on: METHOD, test: { kind: "one-of", values: [...METHODS] } });
  const other = opaque({
    id: "method that set-method changed",
    text: "method",
    why: "`set-method` of a method that HAProxy does not know",
    state: false,
    at: scope.at,
  });
  return either(isKnown, received, one<Scalar | undefined>(other));
}

/** The text of a method that HAProxy does not know is lost. */
function methodInResponse({ formulas }: Scope): Value {
  const isKnown = formulas.test({ on: METHOD, test: { kind: "one-of", values: [...METHODS] } });
  return either(isKnown, one<Scalar | undefined>(source(METHOD)), ABSENT);
}

/** The first line of a request, which HAProxy keeps where a log or another format of the frontend needs it. */
function kept(scope: Scope, value: Value): Value {
  const id = `capture.req in ${scope.frontend.name}`;
  const why = "HAProxy keeps the request line only where a format needs it";
  return either(unknown(scope, { id, text: "the request line is kept", why }), value, ABSENT);
}

/** Before any rule. */
export function receivedTarget({ store }: Scope): Value {
  return mapChoice(store.receivedQuery, (query) => one(appendQuery(source(PATH), query)));
}

/** Other names of fetches, and those that old versions knew. */
const ALIASES: Readonly<Record<string, string>> = {
  hdr: "req.hdr",
  fhdr: "req.fhdr",
  hdr_cnt: "req.hdr_cnt",
  fhdr_cnt: "req.fhdr_cnt",
  hdr_val: "req.hdr_val",
  hdr_ip: "req.hdr_ip",
  cook: "req.cook",
  urlp: "url_param",
  req_ver: "req.ver",
  req_ssl_sni: "req.ssl_sni",
  req_ssl_hello_type: "req.ssl_hello_type",
  shdr: "res.hdr",
  shdr_cnt: "res.hdr_cnt",
};

const SUFFIXED =
  /^(base|cook|req\.cook|hdr|req\.hdr|req\.fhdr|res\.hdr|shdr|scook|path|ssl_fc_sni|url|url_param|urlp)_(beg|end|dir|dom|len|reg|sub)$/;

/** `hdr_beg` is `req.hdr` compared by `beg`. */
export function fetchName(written: string): { readonly name: string; readonly method: string | undefined } {
  const [, base = written, method] = SUFFIXED.exec(written) ?? [];
  return { name: (Object.hasOwn(ALIASES, base) && ALIASES[base]) || base, method };
}

/** A parameter or cookie that may occur several times: an ACL tests each value. */
export function anotherOf(
  scope: Scope,
  fetch: string,
  [name = ""]: readonly string[],
): TextDimension | undefined {
  const { everyRequest, dimensions } = scope.world;
  if (!everyRequest || name === "") return undefined;
  if (fetch === "url_param") return dimensions.queryParameter(`${name}${ANOTHER}`);
  return fetch === "req.cook" ? dimensions.cookie(`${name}${ANOTHER}`) : undefined;
}

/** Where the fetch is a list of which an ACL tests each value. */
export function headerListOf(name: string): { readonly whole: boolean } | undefined {
  if (name === "req.hdr" || name === "res.hdr") return { whole: false };
  return name === "req.fhdr" || name === "res.fhdr" ? { whole: true } : undefined;
}

/** Texts that the model has no value for. */
export function unfollowed(scope: Scope, written: string): Value {
  const isState = !DETERMINED.test(written);
  const why = isState ? `${written} is not followed` : `${written} is not followed`;
  const id = definition(scope, written);
  const text: Text = opaque({ id, text: written, why, state: isState, at: scope.at });
  const present = unknown(scope, { id: `${id} -m found`, text: `${written} -m found`, why });
  return either(present, one<Scalar | undefined>(text), ABSENT);
}

/** Depends on the request alone. */
const DETERMINED = /^(?:capture\.req|req[._]|hdr|url|path|base|src|dst|cook|unique-id|ssl_|fc_)/;

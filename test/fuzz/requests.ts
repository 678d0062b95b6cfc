// Random requests aimed at a plan: its own hosts, paths and values, and near misses of them.
import fc from "fast-check";
import { bodyProblem, lengthOverflows } from "../../src/model/body-length.ts";
import { decide } from "../../src/model/decide.ts";
import type { ListenerPlan, Plan } from "../../src/plan/plan.ts";
import type { RoutePlan, SitePlan } from "../../src/plan/site-plan.ts";
import { usedValues } from "../../src/plan/used-values.ts";
import { conditionLines, otherLine, upgradeLines } from "./header-lines.ts";
import { hostFor } from "./hosts.ts";
import { otherForm, targetFor } from "./targets.ts";

/** A request on a listener. Texts are bytes (latin1), as they are sent. */
export interface FuzzRequest {
  readonly listener: string;
  /** The client address that the load balancer reports; unused without PROXY protocol. */
  readonly from: string;
  readonly httpVersion: "HTTP/1.1" | "HTTP/1.0";
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As it is sent; a chunked one with its chunks. */
  readonly body: string;
}

export type Lines = FuzzRequest["headers"];

const CLIENTS = [
  "203.0.113.7",
  "203.0.113.200",
  "10.1.2.3",
  "198.51.100.9",
  "127.9.9.9",
  "2001:db8::1",
  "2001:db8:1::5",
  "fd00::7",
  "192.0.2.1",
  "::ffff:10.1.2.3",
  "2002:a01:203::1",
  "::10.1.2.3",
] as const;
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "PURGE",
  "FOO",
  "TRACE",
  "get",
  "Get",
  "G",
  "POSTS",
  "X-Y",
  "M_1",
] as const;

export function requestsFor(plan: Plan): fc.Arbitrary<FuzzRequest> {
  return usedValues(plan).length === 0 ? anyRequest(plan) : anyRequest(plan).map(shortened);
}

/** HAProxy answers 500 where copies of values do not fit its buffer, which the model leaves out. */
const LONGEST_COPIED = 300;

function shortened(request: FuzzRequest): FuzzRequest {
  const headers = request.headers.map(
    ([name, value]) => [name, value.slice(0, LONGEST_COPIED).trim()] as const,
  );
  return { ...request, headers, target: request.target.length > LONGEST_COPIED ? "/" : request.target };
}

function anyRequest(plan: Plan): fc.Arbitrary<FuzzRequest> {
  const all = plan.listeners.flatMap((listener) =>
    plan.sites.flatMap((site) => site.routes.map((route) => ({ listener, site, route }))),
  );
  const served = all.filter(({ listener, site }) =>
    site.hosts.some(({ entrances }) => entrances.includes(listener.entrance)),
  );
  const aims = served.length === 0 ? all : [...served, ...served, ...served, ...all];
  return fc
    .constantFrom(...aims)
    .chain((aim) => aimed(plan, aim))
    .filter((request) => isComparable(plan, request));
}

/** HAProxy and a backend answer it at once, and the same on every version. */
export function isComparable(plan: Plan, request: FuzzRequest): boolean {
  const isReadWhole = headerBytes(request) < LARGEST_HEAD && withinReach(plan, request);
  return isReadWhole && (sendsItsBody(request) || isTooLong(plan, request));
}

/** Requests that only announce a body are for limits: a backend would wait for the body. */
function sendsItsBody({ headers, body }: FuzzRequest): boolean {
  return headers.every(([name, value]) => name !== "Content-Length" || BigInt(value) === BigInt(body.length));
}

/** From any client: an access list may match another address than `from`. */
function isTooLong(plan: Plan, { listener, method, target, headers, from }: FuzzRequest): boolean {
  const { route } = decide(plan, { listener, method, target, headers, client: from });
  return lengthOverflows(headers) || bodyProblem(route?.maxBody ?? null, headers) !== undefined;
}

/**
 * Larger headers are left out: with a route's additions they may not fit into HAProxy's buffer (16 kB, tune.bufsize), and the
 * resulting status depends on the version.
 */
const LARGEST_HEAD = 9_000;

function headerBytes({ target, headers }: FuzzRequest): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, target.length);
}

/**
 * Long texts are left out where a regular expression looks at them: PCRE2 gives up after a number of steps (see
 * ruled-lines.ts), and repeated groups after about a thousand rounds (the stack of its JIT); the model never does.
 */
const LONGEST_SEARCHED = 60;

function withinReach(plan: Plan, { target, headers }: FuzzRequest): boolean {
  const matches = plan.sites.flatMap(({ routes }) => routes.map(({ match }) => match));
  const searched = new Set(
    matches.flatMap((match) => match.headers.filter(({ kind }) => kind === "regex").map(({ name }) => name)),
  );
  const [path = "", ...parameters] = target.split(/[?&;]/);
  const short = (text: string) => text.length <= LONGEST_SEARCHED;
  return (
    headers.every(([name, value]) => short(value) || !searched.has(name.toLowerCase())) &&
    (short(path) || matches.every((match) => match.path.kind !== "regex")) &&
    (parameters.every(short) || matches.every(({ query }) => query.every(({ kind }) => kind !== "regex")))
  );
}

interface Aim {
  readonly listener: ListenerPlan;
  readonly site: SitePlan;
  readonly route: RoutePlan;
}

function aimed(plan: Plan, { listener, site, route }: Aim): fc.Arbitrary<FuzzRequest> {
  return (
    fc
      .record({
        from: fc.oneof(
          { weight: 4, arbitrary: fc.constant("203.0.113.7") },
          { weight: 3, arbitrary: fc.constantFrom(...CLIENTS) },
        ),
        httpVersion: fc.oneof(
          { weight: 30, arbitrary: fc.constant("HTTP/1.1" as const) },
          { weight: 2, arbitrary: fc.constant("HTTP/1.0" as const) },
        ),
        method: methodFor(route),
        target: targetFor(plan, route),
        host: hostFor(plan, listener, site),
        conditions: fc.tuple(...route.match.headers.map(conditionLines)).map((lines) => lines.flat()),
        others: fc.array(otherLine(plan), { maxLength: 3 }),
        upgrade: fc.oneof(
          { weight: 12, arbitrary: fc.constant<Lines>([]) },
          { weight: 1, arbitrary: upgradeLines },
        ),
        body: fc.oneof({ weight: 15, arbitrary: bodyFor }, { weight: 1, arbitrary: announcedFor(plan) }),
      })
      // One Upgrade is enough: two may be the list that versions read differently.
      .map((draft) =>
        draft.conditions.some(([name]) => name === "Upgrade") ? { ...draft, upgrade: [] } : draft,
      )
      .map((draft) =>
        needsKey([...draft.conditions, ...draft.upgrade]) ? { ...draft, body: NO_BODY } : draft,
      )
      .chain(({ conditions, others, upgrade, host, body, ...rest }) =>
        fc
          .shuffledSubarray([...conditions, ...others, ...upgrade, ...body.lines], {
            minLength: conditions.length + others.length + upgrade.length + body.lines.length,
          })
          .map((lines) => ({
            listener: listener.name,
            ...rest,
            // HAProxy answers 413 to a body in HTTP/1.0 with a method that has none, which old servers interpreted as another request.
            ...(body.lines.length > 0 ? { httpVersion: "HTTP/1.1" as const } : {}),
            headers: [...host, ...lines].map(([name, value]) => [name, wire(value)] as const),
            body: body.bytes,
          })),
      )
      .chain((request) => otherTarget(request, route))
  );
}

/** Rarely a target other than a path, where the Host is one valid name, and no body is announced. */
function otherTarget(request: FuzzRequest, { action }: RoutePlan): fc.Arbitrary<FuzzRequest> {
  const of = (name: string) => request.headers.filter(([other]) => other.toLowerCase() === name);
  const [[, host] = ["", ""], another] = of("host");
  const hasBody = [...of("content-length"), ...of("transfer-encoding")].length > 0;
  if (another !== undefined || !/^[a-z0-9.-]*[a-z0-9-]$/.test(host) || hasBody) return fc.constant(request);
  const other = otherForm(request, host)
    // A redirect of `OPTIONS *` has no meaning.
    .filter(({ target }) => target !== "*" || action.kind !== "redirect")
    .map((formed) => ({ ...request, ...formed }));
  return fc.oneof({ weight: 12, arbitrary: fc.constant(request) }, { weight: 1, arbitrary: other });
}

/** Bodies of handshakes without a key are left out: HAProxy 2.6 drops Upgrade with a body, and so needs no key. */
function needsKey(lines: Lines): boolean {
  return (
    lines.some(([name]) => name === "Upgrade") &&
    !lines.some(([name, value]) => name === "Sec-WebSocket-Key" && value.length === 24)
  );
}

/** Text as bytes. */
function wire(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function methodFor({ match }: RoutePlan): fc.Arbitrary<string> {
  const any = fc.constantFrom(...METHODS);
  return match.methods.length === 0
    ? fc.oneof({ weight: 2, arbitrary: fc.constant("GET") }, any)
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...match.methods) }, any);
}

const NO_BODY = { lines: [], bytes: "" } as const;

const bodyFor: fc.Arbitrary<{ readonly lines: Lines; readonly bytes: string }> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(NO_BODY) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("x", "hello", "0123456789a", "z".repeat(200))
      .map((bytes) => ({ lines: [["Content-Length", String(bytes.length)]] as const, bytes })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      lines: [["Transfer-Encoding", "chunked"]] as const,
      bytes: "5\r\nhello\r\n0\r\n\r\n",
    }),
  },
  { weight: 1, arbitrary: fc.constant({ lines: [["Content-Length", "0"]] as const, bytes: "" }) },
);

const LENGTHS = ["6", "2147483647", "2147483648", "4294967297", "900719925474099"] as const;
/** The simulator of a load balancer that reads requests answers 400 to lengths of more than 15 digits. */
const LONG_LENGTHS = [
  "9007199254740993",
  "00000000000000000004294967301",
  "999999999999999999",
  "1000000000000000000",
  "9223372036854775807",
] as const;

/** The length of a body that is never sent. The connection has no further request: it would be read as the body. */
function announcedFor({
  loadBalancer,
}: Plan): fc.Arbitrary<{ readonly lines: Lines; readonly bytes: string }> {
  return fc.constantFrom(...LENGTHS, ...(loadBalancer.kind === "http" ? [] : LONG_LENGTHS)).map((length) => ({
    lines: [
      ["Content-Length", length],
      ["Connection", "close"],
    ],
    bytes: "",
  }));
}

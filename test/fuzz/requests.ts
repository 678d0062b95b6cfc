// Random requests aimed at a plan: its own hosts, paths and values, and near misses of them.
import fc from "fast-check";
import type { ListenerPlan, Plan } from "../../src/plan/plan.ts";
import type { PathMatch, RoutePlan, SitePlan, ValueMatch } from "../../src/plan/site-plan.ts";
import { witnessOf } from "./regexes.ts";

/** A request on a listener. Texts hold bytes (latin1), as they go on the wire. */
export interface FuzzRequest {
  readonly listener: string;
  /** Where the load balancer says it comes from; without PROXY protocol nobody hears of it. */
  readonly from: string;
  readonly httpVersion: "HTTP/1.1" | "HTTP/1.0";
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As it goes on the wire; a chunked one with its chunks. */
  readonly body: string;
}

type Lines = FuzzRequest["headers"];

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
    .filter(
      ({ target, headers }) =>
        headers.reduce((sum, [name, value]) => sum + name.length + value.length, target.length) <
        LARGEST_HEAD,
    );
}

/**
 * Larger heads are left out: with what a route adds they may not fit into HAProxy's buffer (16 kB, tune.bufsize), and
 * which status comes of that, and when, is a matter of its version.
 */
const LARGEST_HEAD = 9_000;

interface Aim {
  readonly listener: ListenerPlan;
  readonly site: SitePlan;
  readonly route: RoutePlan;
}

function aimed(plan: Plan, { listener, site, route }: Aim): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      from: fc.oneof(
        { weight: 4, arbitrary: fc.constant("203.0.113.7") },
        { weight: 3, arbitrary: fc.constantFrom(...CLIENTS) },
      ),
      httpVersion: fc.oneof(
        { weight: 30, arbitrary: fc.constant("HTTP/1.1" as const) },
        { weight: 1, arbitrary: fc.constant("HTTP/1.0" as const) },
      ),
      method: methodFor(route),
      target: targetFor(plan, route),
      host: hostFor(plan, listener, site),
      conditions: fc.tuple(...route.match.headers.map(conditionLines)).map((lines) => lines.flat()),
      others: fc.array(otherLine(plan), { maxLength: 3 }),
      body: bodyFor,
    })
    .chain(({ conditions, others, host, body, ...rest }) =>
      fc
        .shuffledSubarray([...conditions, ...others, ...body.lines], {
          minLength: conditions.length + others.length + body.lines.length,
        })
        .map((lines) => ({
          listener: listener.name,
          ...rest,
          // HAProxy answers 413 to a body in HTTP/1.0 with a method that has none, which servers of that time took for another request.
          ...(body.lines.length > 0 ? { httpVersion: "HTTP/1.1" as const } : {}),
          headers: [...host, ...lines].map(([name, value]) => [name, wire(value)] as const),
          body: body.bytes,
        })),
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

const bodyFor: fc.Arbitrary<{ readonly lines: Lines; readonly bytes: string }> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ lines: [], bytes: "" }) },
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

/**
 * Hosts with characters that no host name has are left out: HAProxy 2.6 takes them as they are, later versions answer
 * 400 to more and more of them.
 */
function hostFor(plan: Plan, listener: ListenerPlan, site: SitePlan): fc.Arbitrary<Lines> {
  const named = (hosts: SitePlan["hosts"]) =>
    hosts.flatMap(({ kind, name }) =>
      kind === "exact"
        ? [name]
        : kind === "wildcard"
          ? [`a.${name}`, `z.${name}`, `b.a.${name}`, name]
          : ["any.example"],
    );
  const own = named(
    site.hosts.filter(
      ({ entrances }, _, hosts) =>
        entrances.includes(listener.entrance) ||
        hosts.every((host) => !host.entrances.includes(listener.entrance)),
    ),
  );
  const prefix =
    listener.internalHostPrefix === null
      ? []
      : [listener.internalHostPrefix, `${listener.internalHostPrefix}x`, `x${listener.internalHostPrefix}`];
  const all = [
    ...plan.sites.flatMap(({ hosts }) => named(hosts)),
    ...prefix,
    "other.example",
    "test",
    "a.a.test",
    "xa.test",
    "localhost",
    "10.0.0.1",
    "192.0.2.77",
  ];
  const host = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...own) },
    { weight: 2, arbitrary: fc.constantFrom(...all) },
    ...(prefix.length === 0 ? [] : [{ weight: 2, arbitrary: fc.constantFrom(...prefix) }]),
  );
  const written = fc
    .tuple(
      host,
      fc.oneof(
        { weight: 8, arbitrary: fc.constant("as it is") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "upper",
            "dot",
            "port",
            "odd port",
            "empty port",
            "dot and port",
            "deeper",
            "blanks",
          ),
        },
      ),
    )
    .map(([name, how]) => respelled(name, how));
  const value = fc.oneof(
    { weight: 30, arbitrary: written },
    { weight: 1, arbitrary: fc.constantFrom("", "[2001:db8::1]", "[2001:db8::1]:8080") },
  );
  return fc.oneof(
    { weight: 40, arbitrary: value.map((text): Lines => [["Host", text]]) },
    { weight: 1, arbitrary: value.map((text): Lines => [["hOsT", text]]) },
    { weight: 1, arbitrary: fc.constant<Lines>([]) },
    {
      weight: 1,
      arbitrary: fc.tuple(value, value, fc.nat(2)).map(
        ([a, b, draw]): Lines => [
          ["Host", a],
          ["Host", draw === 0 ? a : draw === 1 ? a.toUpperCase() : b],
        ],
      ),
    },
  );
}

function respelled(name: string, how: string): string {
  switch (how) {
    case "upper":
      return name.toUpperCase();
    case "dot":
      return `${name}.`;
    case "port":
      return `${name}:443`;
    case "odd port":
      return `${name}:12345`;
    case "empty port":
      return `${name}:`;
    case "dot and port":
      return `${name}.:80`;
    case "deeper":
      return `q.w.e.${name}`;
    case "blanks":
      return ` \t${name} \t`;
    default:
      return name;
  }
}

/** Absolute and authority forms and `*` are left out: routing is by path, and they have none. */
function targetFor(plan: Plan, route: RoutePlan): fc.Arbitrary<string> {
  const paths = plan.sites.flatMap(({ routes }) => routes.map(({ match }) => pathOf(match.path)));
  const path = fc.oneof(
    { weight: 6, arbitrary: fc.constant(pathOf(route.match.path)) },
    { weight: 2, arbitrary: fc.constantFrom(...paths) },
    { weight: 1, arbitrary: fc.constantFrom("/", "/a", "/a/b", "/b", "/zzz", "/favicon.ico") },
  );
  return (
    fc
      .tuple(path, mutations, queryFor(plan, route))
      .map(([start, changes, query]) => `${changes.reduce((text, change) => change(text), start)}${query}`)
      // Blanks at the end belong to the request line, not to the target.
      .map((target) => target.replace(/ +$/, ""))
      .map(wire)
  );
}

function pathOf({ kind, value }: PathMatch): string {
  return kind === "regex" ? witnessOf(value, "/a") : value;
}

type Change = (path: string) => string;

const at = (path: string, place: number) => Math.floor((path.length * place) / 8);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        "/x",
        "/",
        "x",
        "/a",
        "/b/c",
        "//",
        "/.",
        "/..",
        "/./a",
        "/../a",
        "/%2e%2e/b",
        "/%2E",
        "%2F",
        "%2f",
        "%61",
        "%zz",
        "%4",
        "%00",
        "é",
        "%C3%A9",
        "%c3%a9",
        '"',
        "|",
        "{",
        "^",
        "`",
        "\\",
        "<",
        "#",
        ";v=1",
        ",",
        "+",
        "..",
        "/...",
        "%25",
        "%20",
        "*",
      )
      .map((end) => (path: string) => `${path}${end}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(8), fc.constantFrom("/", "/.", "x", "%41", "./", "../", "%2F", "%2e", "/../", "//"))
      .map(
        ([place, text]) =>
          (path: string) =>
            `/${`${path.slice(0, at(path, place))}${text}${path.slice(at(path, place))}`.replace(/^\//, "")}`,
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(8), fc.boolean()).map(
      ([place, upper]) =>
        (path: string) =>
          encodedAt(path, 1 + at(path.slice(1), place), upper),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Change>(
      (path) => path.slice(0, -1) || "/",
      (path) => path.toUpperCase(),
      (path) => path.replace(/%../g, (encoded) => encoded.toLowerCase()),
      (path) => `/${path}`,
      (path) => `/.${path}`,
      (path) => `/x/..${path}`,
      (path) => `/..${path}`,
      (path) => path.replace(/\/[^/]*$/, "") || "/",
      (path) => path.replaceAll("/", "//"),
      (path) => path.replaceAll("/", "/./"),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(40).map(
      (draw): Change =>
        (path) =>
          draw === 0 ? `${path}/${"long".repeat(1500)}` : path,
    ),
  },
);

const mutations: fc.Arbitrary<readonly Change[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: 3 }) },
);

function encodedAt(path: string, index: number, upper: boolean): string {
  const code = path.charCodeAt(index);
  if (Number.isNaN(code) || code > 0x7e) return path;
  const hex = code.toString(16).padStart(2, "0");
  return `${path.slice(0, index)}%${upper ? hex.toUpperCase() : hex}${path.slice(index + 1)}`;
}

function queryFor(plan: Plan, route: RoutePlan): fc.Arbitrary<string> {
  const known = plan.sites.flatMap(({ routes }) => routes.flatMap(({ match }) => match.query));
  const own = fc.tuple(...route.match.query.map(parameterFor)).map((parts) => parts.flat());
  const parameter = fc.oneof(
    ...(known.length === 0
      ? []
      : [
          {
            weight: 2,
            arbitrary: fc
              .constantFrom(...known)
              .chain(parameterFor)
              .map((parts) => parts[0] ?? "q"),
          },
        ]),
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom("q", "v", "Q", "a.b", "a%2Eb", "%71", "xq", "", "q[]", "qq"),
          fc.constantFrom(
            "",
            "=",
            "=1",
            "=a",
            "=a=b",
            "=%61",
            "=%zz",
            "=a+b",
            "=%2B",
            "=/../b//c",
            "=a%2fb",
            "=%0A",
            "=%0D",
            "=%C3%A9",
            "=a%20",
          ),
        )
        .map(([name, rest]) => `${name}${rest}`),
    },
  );
  return fc
    .record({
      own,
      others: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 3 }) },
      ),
      first: fc.boolean(),
      by: fc.constantFrom("&", "&", "&", "&", ";", "?", "&&"),
      end: fc.constantFrom("", "", "", "", "&", "?", "/x"),
    })
    .map(({ own: mine, others, first, by, end }) => {
      const parts = first ? [...mine, ...others] : [...others, ...mine];
      return parts.length === 0 ? (end === "?" ? "?" : "") : `?${parts.join(by)}${end}`;
    });
}

function parameterFor(match: ValueMatch): fc.Arbitrary<readonly string[]> {
  const { name } = match;
  const value = valueFor(match).chain((text) =>
    fc.constantFrom(
      encodeURIComponent(text),
      encodeURIComponent(text),
      encodeURIComponent(text).replaceAll("%20", "+"),
      encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
      everyByte(text),
    ),
  );
  return fc.oneof(
    { weight: 8, arbitrary: value.map((text) => [`${name}=${text}`]) },
    { weight: 1, arbitrary: fc.tuple(value, value).map(([a, b]) => [`${name}=${a}`, `${name}=${b}`]) },
    { weight: 1, arbitrary: value.map((text) => [`${name}=other`, `${name}=${text}`]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        [name],
        [`${name}=`],
        [`${name}x=1`],
        [`x${name}=1`],
        [name.toUpperCase()],
        [],
      ),
    },
    { weight: 1, arbitrary: value.map((text) => [name, `${name}=${text}`]) },
  );
}

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

/** The value that is asked for, or one that only resembles it. */
function valueFor({ kind, value }: ValueMatch): fc.Arbitrary<string> {
  const wanted = kind === "exact" ? value : kind === "regex" ? witnessOf(value, "a") : "1";
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(wanted) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        `${wanted}x`,
        `x${wanted}`,
        wanted.toUpperCase(),
        [...wanted].slice(0, -1).join(""),
        `${wanted},${wanted}`,
        `${wanted} `,
        `${wanted}\n`, `\n${wanted}`, `${wanted}\r`, `${wanted}à`, "",
        `${wanted}|`,
        `${wanted}=`,
        encodeURIComponent(wanted),
      ),
    },
  );
}

function conditionLines(match: ValueMatch): fc.Arbitrary<Lines> {
  // A second Host is another matter, and has its own place.
  if (match.name === "host") return fc.constant([]);
  const name = fc.constantFrom(match.name, match.name.toUpperCase());
  const value = valueFor(match).map(oneLine);
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(name, value).map((line): Lines => [line]) },
    {
      weight: 2,
      arbitrary: fc.tuple(name, value, name, value).map(
        ([a, b, c, d]): Lines => [
          [a, b],
          [c, d],
        ],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(name, value).map(
        ([a, b]): Lines => [
          [a, "other"],
          [a, b],
        ],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Lines>(
        [],
        [[match.name, ""]],
        [[`${match.name}x`, "1"]],
        [[match.name, "x".repeat(8000)]],
      ),
    },
  );
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x08\x0a-\x1f\x7f]/g, "");
}

function otherLine(plan: Plan): fc.Arbitrary<readonly [string, string]> {
  const known = plan.sites
    .flatMap(({ routes }) =>
      routes.flatMap(({ match, requestHeaders }) => [
        ...match.headers.map(({ name }) => name),
        ...requestHeaders.remove,
        ...requestHeaders.set.map(({ name }) => name),
      ]),
    )
    .filter((name) => name.toLowerCase() !== "host");
  const value = fc.constantFrom("1", "a", "", "x, y", "é", '"q"', "beta", "a b");
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<readonly [string, string]>(
        ["X-Forwarded-For", "6.6.6.6"],
        ["x-forwarded-for", "6.6.6.6, 7.7.7.7"],
        ["X-Forwarded-Proto", "https"],
        ["X-Forwarded-Host", "evil.example"],
        ["X-Forwarded-Port", "1"],
        ["X-FORWARDED-X", "y"],
        ["X-Forwarded", "z"],
        ["Forwarded", "for=6.6.6.6;proto=https"],
        ["forwardedx", "no"],
        ["X-Real-IP", "6.6.6.6"],
        ["Cookie", "c=app-1; a=b"],
        ["Accept", "text/html"],
        ["Accept-Encoding", "gzip"],
        ["User-Agent", ""],
        ["Connection", "keep-alive"],
        ["Cache-Control", "no-cache"],
        ["Via", "1.1 x"],
        ["x-lab", "1"],
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(known.length === 0 ? fc.constant("x-a") : fc.constantFrom(...known), value),
    },
  );
}

// Cases that random comparison found: small descriptions, and the requests that differed.
import { describe, expect, it } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { accountOf } from "./report.ts";
import type { FuzzRequest, Lines } from "./requests.ts";
import { compareOn, type Disagreement, planOf, withLab } from "./round.ts";

type Routes = NonNullable<Edge["sites"][number]["routes"]>;

interface Case {
  readonly name: string;
  readonly edge: Partial<Edge> & Pick<Edge, "sites">;
  readonly requests: readonly FuzzRequest[];
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const CLIENTS = [
  "192.0.2.9",
  "192.0.2.200",
  "10.1.2.3",
  "198.51.100.9",
  "2001:db8::1",
  "2001:db9::1",
  "::ffff:10.1.2.3",
  "2002:a01:203::1",
  "::10.1.2.3",
] as const;

const CASES: readonly Case[] = [
  {
    name: "a prefix replaced by / where the prefix is / itself",
    edge: siteOf([{ redirect: { prefix: "/" } }]),
    requests: [...["/", "/x", "/?q", "//x"].map((target) => get(target)), { ...get("*"), method: "OPTIONS" }],
  },
  {
    name: "OPTIONS * where a prefix is replaced by / on another host",
    edge: siteOf([{ redirect: { host: "www.test", prefix: "/" } }]),
    requests: [{ ...get("*"), method: "OPTIONS" }, get("/x")],
  },
  {
    name: "empty header values, set and matched",
    edge: siteOf([
      { path: "/regex", header: { "x-a": "", "x-b": { regex: "^b" } }, to: "api" },
      {
        header: { "x-a": "" },
        requestHeaders: { set: { "x-new": "" } },
        responseHeaders: { add: { vary: "" } },
        to: "app",
      },
    ]),
    requests: ["/", "/regex"].flatMap((target) => [
      get(target),
      get(target, [
        ["x-a", ""],
        ["x-b", "b"],
      ]),
      get(target, [
        ["x-a", "a"],
        ["x-b", "b"],
      ]),
    ]),
  },
  {
    name: "values that look like flags, words or ends of a condition",
    edge: siteOf(
      ["-m", "--", "-i", "}", "or", "||", "{", "if"].map((value, index) => ({
        header: { "x-a": value },
        query: { q: { regex: "." } },
        respond: { status: 400 + index },
      })),
    ),
    requests: ["-m", "--", "-i", "}", "or", "||", "{", "if", "-"].map((value) =>
      get("/?q=1", [["x-a", value]]),
    ),
  },
  {
    name: "one host, a site for each entrance",
    edge: {
      internal: {},
      sites: [
        { host: "a.test", through: ["public"], routes: [{ to: "app" }] },
        { host: "a.test", through: ["internal"], routes: [{ to: "api" }] },
      ],
    },
    requests: [get("/"), { ...get("/"), listener: "internal" }],
  },
  {
    name: "one name, routes of two sites",
    edge: {
      sites: [
        {
          host: "a.test",
          routes: [
            { name: "r", to: "app", rewrite: { host: "one.test" } },
            { path: "/x", name: "b.test/", to: "api" },
          ],
        },
        {
          host: "b.test",
          routes: [
            { name: "r", path: "/a", to: "app", rewrite: { host: "two.test" } },
            { to: { app: 1, api: 1 }, requestHeaders: { set: { "x-b": "1" } } },
          ],
        },
      ],
    },
    requests: [get("/"), get("/x"), get("/a", [], "b.test"), get("/x", [], "b.test")],
  },
  {
    name: "international names and dots at the end, in redirects and rewrites",
    edge: siteOf([
      { path: "/r", redirect: { scheme: "https", host: "Bücher.test." } },
      { to: "app", rewrite: { host: "App.Internal." } },
    ]),
    requests: [get("/r"), get("/")],
  },
  {
    name: "HSTS with a route's own header line",
    edge: {
      public: { loadBalancer: "none", tls: { terminatedAt: "loadBalancer" } },
      sites: [
        {
          host: "a.test",
          hsts: { maxAge: "1d" },
          routes: [{ to: "app", responseHeaders: { add: { "Strict-Transport-Security": "max-age=0" } } }],
        },
      ],
    },
    requests: [{ ...get("/"), listener: "https" }],
  },
  {
    name: "a repeated Host",
    edge: siteOf([{ header: { host: { regex: "[A-Z]" } }, to: "api" }, { to: "app" }]),
    requests: [
      ["a.test", "a.test"],
      ["a.test", "A.TEST"],
      ["A.TEST", "a.test"],
      ["a.test", "b.test"],
      ["a.test", " a.test\t"],
      ["", "a.test"],
    ].map((hosts) => ({ ...get("/"), headers: hosts.map((host) => ["Host", host] as const) })),
  },
  {
    name: "headers that a client forges are removed before conditions are evaluated",
    edge: siteOf([
      { header: { "x-forwarded-proto": "https" }, to: "api" },
      { header: { forwarded: { present: true } }, to: "api" },
      { to: "app" },
    ]),
    requests: [get("/", [["X-Forwarded-Proto", "https"]]), get("/", [["Forwarded", "for=1.2.3.4"]])],
  },
  {
    name: "text that resembles a set of conditions, in paths, values and methods",
    edge: {
      paths: "as-is",
      ...siteOf([
        { path: "/x", method: ["PUT"], to: "api" },
        { path: "/x", header: { "x-a": "1|a.test/x/?" }, respond: { status: 410 } },
        { path: "/x", header: { "x-a": "1" }, query: { q: "|(method)?" }, respond: { status: 411 } },
        { path: "/x/%3F(method)%3F", respond: { status: 412 } },
        { path: { exact: "/y|PUT" }, method: ["GET"], respond: { status: 413 } },
        { path: { exact: "/y" }, method: ["GET"], respond: { status: 414 } },
        { to: "app" },
      ]),
    },
    requests: [
      ...[
        "/x",
        "/x?q=%7C(method)%3F",
        "/x?a.test/x/?",
        "/x/%3F(method)%3F",
        "/x/?(method)?",
        "/y|PUT",
        "/y",
      ].flatMap((target) =>
        ["", "1", "1|a.test/x/?", "1=|a.test/x/?1", "|a.test/x/?", "(method)"].map((value) =>
          get(target, [["x-a", value]]),
        ),
      ),
      ...["PUT", "PUT|", "|PUT", "PUT|GET", "|PUT|GET"].flatMap((method) =>
        ["/x", "/y|PUT", "/y"].map((target) => ({ ...get(target), method })),
      ),
    ],
  },
  {
    name: "long values that differ only at their end, and one long value on several paths",
    edge: siteOf([
      ...["/a", "/b", { exact: "/b" }].map((path, index) => ({
        path,
        query: { q: "é".repeat(900) },
        respond: { status: 410 + index },
      })),
      { path: "/c", header: { "x-a": `${"a".repeat(4000)}1` }, respond: { status: 420 } },
      { path: "/c", header: { "x-a": `${"a".repeat(4000)}2` }, respond: { status: 421 } },
      { to: "app" },
    ]),
    requests: [
      ...["/a", "/b", "/b/", "/c"].map((path) => get(`${path}?q=${"%c3%a9".repeat(900)}`)),
      ...["1", "2", "3", ""].map((end) => get("/c", [["x-a", `${"a".repeat(4000)}${end}`]])),
    ],
  },
  {
    name: "regular expressions on values with line ends and bytes beyond ASCII",
    edge: {
      paths: "as-is",
      ...siteOf(
        [
          ["a", "^a$"],
          ["b", "^.$"],
          ["c", "^a.b$"],
          ["d", "^\\s$"],
          ["e", "^[\\s]$"],
          ["f", "^[^\\S]$"],
          ["g", "^\\S$"],
          ["h", "^[\\S]b$"],
          ["i", "^\\v$"],
          ["j", "^[^]$"],
          ["k", "^[]|x$"],
          ["l", "^[.$[]$"],
          ["m", "^\\w$"],
          ["n", "\\bé?$"],
        ].map(([name = "", regex = ""]) => ({
          query: { [name]: { regex: regex.replace("é", "\\xc3\\xa9") } },
          to: "app",
        })),
      ),
    },
    requests: [..."abcdefghijklmn"].flatMap((name) =>
      [
        "",
        "a",
        "a%0A",
        "a%0D",
        "%0A",
        "%0D",
        "%0B",
        "%0C",
        "a%0Ab",
        "%20",
        "+",
        "%85",
        "%A0",
        "%C3%A9",
        "x",
        "%0Bb",
        "[",
        ".",
        "$",
      ].map((value) => get(`/?${name}=${value}`)),
    ),
  },
  {
    name: "more words than a line can have",
    edge: siteOf([
      { method: ["GET", ...numbered(40, "M")], path: { regex: "^/a" }, to: "app" },
      { header: Object.fromEntries(numbered(20, "x-h").map((name) => [name, { regex: "^1" }])), to: "api" },
      ...numbered(30, "/p").map((path, index) => ({
        path,
        allow: index % 2 === 0 ? numbered(30, "203.0.").map((net) => `${net}.0/24`) : ["203.0.113.7"],
        requestHeaders: { set: { "x-p": "1" } },
        to: "app",
      })),
      { to: "app" },
    ]),
    requests: [
      get("/a"),
      { ...get("/a"), method: "M39" },
      { ...get("/a"), method: "M40" },
      get(
        "/",
        numbered(20, "x-h").map((name) => [name, "1"]),
      ),
      get(
        "/",
        numbered(19, "x-h").map((name) => [name, "1"]),
      ),
      get("/p0"),
      get("/p1"),
      get("/p29"),
    ],
  },
  {
    name: "IPv6 addresses that represent IPv4 ones",
    edge: {
      public: { loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] } },
      ...siteOf([
        { path: "/a", allow: ["10.0.0.0/8"], to: "app" },
        { path: "/b", deny: ["10.0.0.0/8"], to: "app" },
        { path: "/c", allow: ["::/0"], to: "app" },
        { path: "/d", allow: ["::ffff:0:0/96"], to: "app" },
        { path: "/e", deny: ["0.0.0.0/0"], to: "app" },
      ]),
    },
    requests: ["/a", "/b", "/c", "/d", "/e"].flatMap((target) =>
      [
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "2002:a01:203::1",
        "::10.1.2.3",
        "2001:db8::1",
        "64:ff9b::a01:203",
        "::1",
        "::",
      ].map((from) => ({ ...get(target), from })),
    ),
  },
  {
    name: "upgrades, complete and not, where a route matches them and where none does",
    edge: siteOf([
      { path: "/ws", header: { upgrade: "websocket" }, to: "api" },
      { path: "/ws", header: { upgrade: { present: true } }, respond: { status: 410 } },
      { to: "app" },
    ]),
    requests: ["/", "/ws"].flatMap((target) => [
      ...upgrades(target),
      get(target, [["Upgrade", "websocket"]]),
      get(target, [["Connection", "Upgrade"]]),
    ]),
  },
  {
    name: "upgrades with other methods, in HTTP/1.0, and with a body",
    edge: siteOf([
      { path: "/ws", header: { upgrade: { regex: "^[Ww]ebsocket$" } }, to: "api" },
      { to: "app" },
    ]),
    requests: ["/", "/ws"].flatMap((target) =>
      [handshake(target, []), handshake(target, [["Sec-WebSocket-Key", KEY]])].flatMap((request) => [
        ...["POST", "HEAD", "FOO"].map((method) => ({ ...request, method })),
        { ...request, httpVersion: "HTTP/1.0" as const },
        { ...request, headers: [...request.headers, ["Content-Length", "0"] as const] },
        ...(request.headers.length === 3 ? [] : [withBody(request), withChunks(request)]),
      ]),
    ),
  },
  {
    name: "clients that the security group of a load balancer denies, and those that HAProxy denies",
    edge: {
      public: {
        loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
        allow: ["192.0.2.0/24", "10.0.0.1/8", "2001:db8::/32"],
      },
      ...siteOf([{ path: "/a", deny: ["192.0.2.0/25"], to: "app" }, { to: "app" }]),
    },
    requests: ["/", "/a"].flatMap((target) => CLIENTS.map((from) => ({ ...get(target), from }))),
  },
  {
    name: "a load balancer that admits only IPv4 addresses, but every one",
    edge: {
      public: { loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] }, allow: ["0.0.0.0/0"] },
      ...siteOf([{ to: "app" }]),
    },
    requests: CLIENTS.map((from) => ({ ...get("/"), from })),
  },
  {
    name: "clients outside the source ranges of a Service, whose provider enforces them or not",
    edge: {
      public: {
        loadBalancer: { kind: "service", provider: "google", proxyProtocol: "none" },
        allow: ["192.0.2.0/24", "2001:db8::/32", "127.0.0.0/8"],
      },
      ...siteOf([{ to: "app" }]),
    },
    requests: CLIENTS.map((from) => ({ ...get("/"), from })),
  },
  {
    name: "clients outside an access list that is not in a Service's source ranges",
    edge: {
      public: {
        loadBalancer: { kind: "service", provider: "hetzner" },
        allow: ["192.0.2.0/24", "2001:db8::/32"],
      },
      ...siteOf([{ to: "app" }]),
    },
    requests: CLIENTS.map((from) => ({ ...get("/"), from })),
  },
  {
    name: "raw lines everywhere, which are the only reason for differences",
    edge: {
      public: { loadBalancer: "none", raw: ["http-request set-header X-Real-IP %[src]"] },
      internal: { raw: ["http-request deny deny_status 403 if { path_beg /a }"] },
      ...siteOf([{ path: "/a", to: "api" }, { path: "/r", respond: { status: 410 } }, { to: "app" }]),
      backends: {
        app: { servers: ["10.0.0.7:8080"], health: false, raw: ["http-request set-path /raw%[path]"] },
        api: { servers: ["10.0.0.7:8080"], health: false },
      },
      haproxy: { raw: ["tune.bufsize 32768"] },
    },
    requests: ["/", "/a", "/r"].flatMap((target) => [get(target), { ...get(target), listener: "internal" }]),
  },
  {
    name: "responses to HEAD, with error pages and bodies",
    edge: {
      errorPages: { 404: "<h1>gone</h1>", 400: "<h1>bad</h1>" },
      ...siteOf([
        { path: "/r", respond: { status: 200, body: "text" } },
        { path: "/n", respond: { status: 204 } },
      ]),
    },
    requests: ["/r", "/n", "/x", "/%zz", "/\u00e9"].flatMap((target) =>
      ["GET", "HEAD"].map((method) => ({ ...get(target), method })),
    ),
  },
  {
    name: "the unchanged query after a normalised path",
    edge: siteOf([
      { path: "/r", redirect: { prefix: "/moved" } },
      { path: "/w", redirect: { path: "/whole", host: "b.test" } },
      { path: "/p", rewrite: { prefix: "/" }, to: "api" },
      { to: "app" },
    ]),
    requests: ["/s", "/%73", "//s", "/./s", "/r/%78", "/w", "//w", "/p/%70", "/%", "/s%00"].flatMap((path) =>
      [
        "",
        "?",
        "??",
        "?q=50%",
        "?x=%7E%2f&y=%zz%00",
        "?//a/../b/./%2e",
        "?#x",
        `?${"%7e/".repeat(2000)}`,
      ].map((query) => get(`${path}${query}`)),
    ),
  },
  ...(["normal", "as-is"] as const).map((paths) => ({
    name: `parameters that cannot be decoded, or contain NUL; paths: ${paths}`,
    edge: {
      paths,
      ...siteOf([
        { path: "/exact", query: { q: "1" }, to: "api" },
        { path: "/exact", query: { q: "%zz" }, to: "api" },
        { path: "/regex", query: { q: { regex: "^1" }, r: "%zz" }, to: "api" },
        { path: "/regex", query: { q: { regex: "^1" } }, to: "api" },
        { path: "/present", query: { q: { present: true } }, to: "api" },
        { to: "app" },
      ]),
    },
    requests: ["/exact", "/regex", "/present"].flatMap((path) =>
      ["1", "%31", "1%00", "%00", "1%zz", "%zz", "%25zz", "1%", "1%0", "1%2500", ""].flatMap((value) => [
        get(`${path}?q=${value}`),
        get(`${path}?%71=${value}&q=1&q=2&r=%25zz`),
      ]),
    ),
  })),
];

/** Every pair of a Connection and an Upgrade, with keys of several lengths. */
function upgrades(target: string): readonly FuzzRequest[] {
  const connections = ["Upgrade", "keep-alive, upgrade", "close", '"Upgrade"', "Upgrade;q=1"];
  const protocols = ["websocket", "WEBSOCKET", "h2c", "foo", "foo, websocket", '"websocket"', "websocket/13"];
  const keys: readonly Lines[] = [
    [],
    [["Sec-WebSocket-Key", KEY]],
    [["Sec-WebSocket-Key", "!".repeat(24)]],
    [["Sec-WebSocket-Key", `${KEY}x`]],
    [
      ["Sec-WebSocket-Key", ""],
      ["sec-websocket-key", KEY],
    ],
  ];
  return connections.flatMap((connection) =>
    protocols.flatMap((protocol) =>
      keys.map((key) => get(target, [["Connection", connection], ["Upgrade", protocol], ...key])),
    ),
  );
}

const haproxies = await findAllHaproxies();

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  it.each(CASES)("$name", async ({ edge, requests }) => {
    const description: Edge = {
      edge: "found",
      public: { loadBalancer: "none" },
      backends: {
        app: { servers: ["10.0.0.7:8080"], health: false },
        api: { servers: ["10.0.0.7:8080"], health: false },
      },
      logs: { format: "off" },
      stats: false,
      ...edge,
    };
    const { plan, refusal } = planOf(description);
    if (plan === undefined) throw new Error(refusal);
    const found: Disagreement[] = [];
    const failure = await withLab(plan, haproxy, async (lab, client, plain) => {
      for (const request of requests) {
        const { pair, differences } = await compareOn(lab, client, request, plain);
        if (differences.length > 0) found.push({ haproxy, seed: 0, description, pair, differences });
      }
    });
    expect(failure).toBeUndefined();
    expect(found.map(accountOf).join("\n")).toBe("");
  });
});

function siteOf(routes: Routes): Pick<Edge, "sites"> {
  return { sites: [{ host: "a.test", routes }] };
}

function handshake(target: string, keys: Lines): FuzzRequest {
  return get(target, [["Connection", "Upgrade"], ["Upgrade", "websocket"], ...keys]);
}

function withBody(request: FuzzRequest): FuzzRequest {
  return { ...request, method: "POST", headers: [...request.headers, ["Content-Length", "3"]], body: "abc" };
}

function withChunks(request: FuzzRequest): FuzzRequest {
  const headers = [...request.headers, ["Transfer-Encoding", "chunked"] as const];
  return { ...request, method: "POST", headers, body: "3\r\nabc\r\n0\r\n\r\n" };
}

function numbered(count: number, front: string): string[] {
  return Array.from({ length: count }, (_, index) => `${front}${index}`);
}

function get(target: string, headers: Lines = [], host = "a.test"): FuzzRequest {
  return {
    listener: "http",
    from: "203.0.113.7",
    httpVersion: "HTTP/1.1",
    method: "GET",
    target,
    headers: [["Host", host], ...headers],
    body: "",
  };
}

// The documented semantics of routing (docs/concepts/routing.md), line by line, on the model.
import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../src/model/headers.ts";
import { decisionFor, outcome, planned, type Routes, site } from "./planned.ts";

const host = (name: string): { headers: HeaderList } => ({ headers: [["Host", name]] });
const withHeaders = (...headers: HeaderList): { headers: HeaderList } => ({
  headers: [["Host", "a.test"], ...headers],
});

describe("the path in its normal form", () => {
  const plan = planned({
    sites: site([{ path: "/api", to: "api" }, { path: { exact: "/é" }, to: "next" }, { to: "app" }]),
  });

  it.each([
    "/api",
    "//api",
    "/./api",
    "/x/../api",
    "/%61pi",
    "/x/%2e%2e/api",
    "/../api",
    "/api/",
    "/api/x",
    "/api?x=1",
  ])("normalises %s to /api", (target) => {
    expect(outcome(decisionFor(plan, target))).toBe("api");
  });
  it.each(["/apix", "/ap", "/API", "/api%2Fx", "/x/api"])("does not normalise %s to it", (target) => {
    expect(outcome(decisionFor(plan, target))).toBe("app");
  });
  it.each(["/%C3%A9", "/%c3%a9"])("compares encodings without case: %s", (target) => {
    expect(outcome(decisionFor(plan, target))).toBe("next");
  });
  it.each(["/%zz", "/%", "/a%4", "/%00", "/%zz?q", "/a#b", "/a?b#c", "/a\u0080"])(
    "answers 400 to %s",
    (target) => {
      expect(outcome(decisionFor(plan, target))).toBe("400");
    },
  );
  it.each([
    ["//x/./y/../z?b=//c&%61=1", "/x/z?b=//c&%61=1"],
    ["/s?q=50%", "/s?q=50%"],
    ["/%73?x=%7E%2f&y=%zz%00", "/s?x=%7E%2f&y=%zz%00"],
    ["/%73?", "/s?"],
    ["/./s?/./?//", "/s?/./?//"],
  ])("passes %s on as %s: the path in its normal form, the query byte for byte", (target, seen) => {
    expect(decisionFor(plan, target).seen?.target).toBe(seen);
  });
  it("preserves the spelling with `paths: as-is`", () => {
    const asIs = planned({ paths: "as-is", sites: site([{ path: "/api", to: "api" }, { to: "app" }]) });
    expect(outcome(decisionFor(asIs, "//api"))).toBe("app");
    expect(decisionFor(asIs, "//api/%zz").seen?.target).toBe("//api/%zz");
  });
});

describe("the site", () => {
  const routes: Routes = [{ to: "app" }];
  const named = (name: string, to: string): { host: string; routes: Routes } => ({
    host: name,
    routes: [{ ...routes[0], to }],
  });
  const plan = planned({
    sites: [named("a.test", "app"), named("*.test", "api"), named("*.b.test", "next")],
  });

  it.each([
    ["a.test", "app"],
    ["A.TEST", "app"],
    ["a.test.", "app"],
    ["a.test:8080", "app"],
    ["a.test.:80", "app"],
    ["a.test:65535", "app"],
    ["a.test:", "400"],
    ["a.test:0080", "app"],
    ["a.test:100000", "400"],
    ["a.test:80.", "400"],
    ["a.test:8O", "400"],
    ["a.test:80:80", "400"],
    ["a.test:@evil.example", "400"],
    ["evil.example/.b.test", "400"],
    ["[::1]x", "400"],
    ["[::1]:80", "404"],
    ["x.test", "api"],
    ["x.a.test", "api"],
    ["b.test", "api"],
    ["x.b.test", "next"],
    ["x.y.b.test", "next"],
    ["test", "404"],
    ["other.example", "404"],
    ["", "404"],
  ])("of %s is that of %s", (name, expected) => {
    expect(outcome(decisionFor(plan, "/", host(name)))).toBe(expected);
  });
  it("is chosen by host only: no route there is 404, even if a wider site has one", () => {
    const two = planned({
      sites: [
        { host: "a.test", routes: [{ path: "/x", to: "app" }] },
        { host: "*", routes: [{ to: "api" }] },
      ],
    });
    expect(outcome(decisionFor(two, "/y"))).toBe("404");
    expect(outcome(decisionFor(two, "/y", host("b.test")))).toBe("api");
    expect(outcome(decisionFor(two, "/y", { headers: [] }))).toBe("api");
  });
  it("has additional names inside the cluster, and different ones for each entrance", () => {
    const edge = planned({
      internal: { hosts: ["svc"], site: "a.test" },
      public: {},
      sites: [
        { host: "a.test", through: ["public"], routes: [{ to: "app" }] },
        { host: "a.test", through: ["internal"], routes: [{ to: "api" }] },
      ],
    });
    expect(outcome(decisionFor(edge, "/"))).toBe("app");
    expect(outcome(decisionFor(edge, "/", { listener: "internal" }))).toBe("api");
    expect(outcome(decisionFor(edge, "/", { listener: "internal", ...host("svc") }))).toBe("app");
    expect(outcome(decisionFor(edge, "/", host("svc")))).toBe("404");
  });
  it("is ambiguous with two Hosts, but not with two equal ones", () => {
    const both = (second: string) =>
      decisionFor(plan, "/", {
        headers: [
          ["Host", "a.test"],
          ["host", second],
        ],
      });
    expect(outcome(both("x.test"))).toBe("400");
    expect(outcome(both("A.test"))).toBe("app");
    expect(both("A.test").seen?.headers.filter(([name]) => name.toLowerCase() === "host")).toEqual([
      ["Host", "a.test"],
    ]);
  });
});

describe("the route", () => {
  it("is the more specific one, whatever the order of the description", () => {
    const routes: Routes = [
      { path: { exact: "/a/b" }, respond: { status: 201 } },
      { path: { regex: "^/a" }, header: { "x-r": "1" }, respond: { status: 202 } },
      { path: "/a/b", method: "POST", respond: { status: 203 } },
      { path: "/a/b", header: { "x-a": "1", "x-b": "1" }, respond: { status: 205 } },
      { path: "/a/b", header: { "x-a": "1" }, respond: { status: 206 } },
      { path: "/a/b", query: { q: "1", v: "1" }, respond: { status: 207 } },
      { path: "/a/b", query: { q: "1" }, respond: { status: 208 } },
      { path: "/a/b", respond: { status: 209 } },
      { path: "/a", respond: { status: 210 } },
      { respond: { status: 211 } },
    ];
    for (const order of [routes, routes.toReversed(), [...routes.slice(5), ...routes.slice(0, 5)]]) {
      const plan = planned({ sites: site(order) });
      const status = (target: string, ...headers: HeaderList) =>
        decisionFor(plan, target, withHeaders(...headers)).status;
      expect(status("/a/b")).toBe(201);
      expect(status("/a/b/c", ["x-r", "1"])).toBe(202);
      expect(decisionFor(plan, "/a/b/c?q=1&v=1", { method: "POST" }).status).toBe(203);
      expect(status("/a/b/c?q=1&v=1", ["x-a", "1"], ["x-b", "1"])).toBe(205);
      expect(status("/a/b/c?q=1&v=1", ["x-a", "1"])).toBe(206);
      expect(status("/a/b/c?v=1&q=1")).toBe(207);
      expect(status("/a/b/c?q=1")).toBe(208);
      expect(status("/a/b/c")).toBe(209);
      expect(status("/a/bc")).toBe(210);
      expect(status("/b")).toBe(211);
    }
  });
  it("is skipped when its conditions fail; the next one may have a shorter prefix", () => {
    const plan = planned({
      sites: site([
        { path: "/a/b", header: { x: "1" }, to: "next" },
        { path: "/a", query: { q: "1" }, to: "api" },
        { path: "/", method: "PUT", to: "app" },
      ]),
    });
    expect(outcome(decisionFor(plan, "/a/b", withHeaders(["x", "1"])))).toBe("next");
    expect(outcome(decisionFor(plan, "/a/b?q=1"))).toBe("api");
    expect(outcome(decisionFor(plan, "/a/b", { method: "PUT" }))).toBe("app");
    expect(outcome(decisionFor(plan, "/a/b"))).toBe("404");
  });
  it("of two regular expressions is the first, and regular expressions come before prefixes", () => {
    const plan = planned({
      sites: site([
        { path: "/a/b", to: "app" },
        { path: { regex: "b$" }, to: "api" },
        { path: { regex: "^/a" }, to: "next" },
      ]),
    });
    expect(outcome(decisionFor(plan, "/a/b"))).toBe("api");
    expect(outcome(decisionFor(plan, "/a/b/c"))).toBe("next");
  });
});

describe("conditions", () => {
  const going = (route: Omit<Routes[number], "to">) => {
    const plan = planned({ sites: site([{ ...route, to: "app" }]) });
    return (target: string, ...headers: HeaderList) =>
      outcome(decisionFor(plan, target, withHeaders(...headers))) === "app";
  };

  it("compare the last line of a header, as a whole", () => {
    const goes = going({ header: { "X-A": "a, b" } });
    expect(goes("/", ["x-a", "a, b"])).toBe(true);
    expect(goes("/", ["x-a", " \ta, b \t"])).toBe(true);
    expect(goes("/", ["x-a", "c"], ["X-a", "a, b"])).toBe(true);
    expect(goes("/", ["x-a", "a, b"], ["x-a", "c"])).toBe(false);
    expect(goes("/", ["x-a", "a"], ["x-a", "b"])).toBe(false);
    expect(goes("/", ["x-a", "A, b"])).toBe(false);
    expect(goes("/")).toBe(false);
  });
  it("distinguish an empty header from a missing one", () => {
    expect(going({ header: { x: { present: true } } })("/", ["x", ""])).toBe(true);
    expect(going({ header: { x: "" } })("/", ["x", ""])).toBe(true);
    expect(going({ header: { x: "" } })("/")).toBe(false);
  });
  it("compare the first parameter of a name that has a value, decoded", () => {
    const goes = going({ query: { q: "a b" } });
    for (const query of ["q=a%20b", "q=a+b", "x=1&q=a+b", "x;q=a+b", "q&q=a+b", "q=a+b&q=c"])
      expect(goes(`/?${query}`), query).toBe(true);
    for (const query of [
      "",
      "q=a",
      "q=c&q=a+b",
      "Q=a+b",
      "qq=a+b",
      "q=a%2Bb",
      "%71=a+b",
      "q=a+b%",
      "q=a+b%00",
      "q",
    ])
      expect(goes(`/?${query}`), query).toBe(false);
  });
  it("test a parameter's presence by its name", () => {
    const goes = going({ query: { q: { present: true } } });
    for (const query of ["q", "q=", "x&q", "q=1"]) expect(goes(`/?${query}`), query).toBe(true);
    for (const query of ["", "qq", "x=q", "Q"]) expect(goes(`/?${query}`), query).toBe(false);
  });
  it("search with regular expressions on bytes, without line semantics", () => {
    const goes = going({ query: { q: { regex: "^a.$" } } });
    for (const value of ["ab", "a%0A", "a%0D", "a%FF"]) expect(goes(`/?q=${value}`), value).toBe(true);
    for (const value of ["a", "ab%0A", "a%C3%A9", "xab"]) expect(goes(`/?q=${value}`), value).toBe(false);
    expect(going({ header: { x: { regex: "b" } } })("/", ["x", "abc"])).toBe(true);
    expect(going({ query: { q: { regex: "^[\\s]$" } } })("/?q=%A0")).toBe(false);
    expect(going({ query: { q: { regex: "^\\S[\\S]$" } } })("/?q=%A0%A0")).toBe(true);
  });
  it("match methods case-sensitively", () => {
    const plan = planned({ sites: site([{ method: ["GET", "PURGE"], to: "app" }]) });
    const answers = ["GET", "PURGE", "get", "HEAD"].map((method) =>
      outcome(decisionFor(plan, "/", { method })),
    );
    expect(answers).toEqual(["app", "app", "404", "404"]);
  });
  it("ignore headers that a client forges", () => {
    expect(
      going({ header: { "x-forwarded-proto": { present: true } } })("/", ["X-Forwarded-Proto", "https"]),
    ).toBe(false);
  });
});

describe("the outcome of a request", () => {
  it("is decided by deny, allow and size before the action", () => {
    const plan = planned({
      sites: site([{ allow: ["203.0.113.0/24"], deny: ["203.0.113.9"], maxBody: "5B", to: "app" }]),
    });
    const answer = (client: string, length = "0") =>
      outcome(decisionFor(plan, "/", { client, ...withHeaders(["Content-Length", length]) }));
    expect([
      answer("203.0.113.7"),
      answer("203.0.113.7", "5"),
      answer("203.0.113.7", "6"),
      answer("203.0.113.9", "6"),
      answer("192.0.2.1"),
    ]).toEqual(["app", "app", "413", "403", "403"]);
  });
  it("is 413 for every length above the limit, 411 for none where there is a body, and 400 for a length that overflows", () => {
    const limits = site([
      { maxBody: "5B", to: "app" },
      { path: "/open", maxBody: { size: "5B", unknownLength: "allow" }, to: "app" },
    ]);
    const plan = planned({ sites: limits });
    const answer = (path: string, name: string, value: string) =>
      outcome(decisionFor(plan, path, withHeaders([name, value])));
    const long = ["2147483648", "4294967297", "9007199254740993", "999999999999999999"];
    for (const length of long) expect(answer("/open", "Content-Length", length)).toBe("413");
    expect(answer("/", "Content-Length", "0000000000000000000005")).toBe("app");
    expect(answer("/nothing", "Content-Length", "18446744073709551616")).toBe("400");
    expect(answer("/", "Transfer-Encoding", "chunked")).toBe("411");
    expect(answer("/open", "Transfer-Encoding", "chunked")).toBe("app");
  });
  it("is 403 for a client that the entrance does not allow, before any other decision", () => {
    const plan = planned({
      public: { allow: ["10.0.0.0/8"], tls: { terminatedAt: "loadBalancer" } },
      sites: site([{ to: "app" }]),
    });
    expect(outcome(decisionFor(plan, "/"))).toBe("403");
    expect(outcome(decisionFor(plan, "/", { client: "10.0.0.1" }))).toBe("301 https://a.test/");
  });
  it("is a redirect with the parts that the description gives", () => {
    const location = (redirect: NonNullable<Routes[number]["redirect"]>, target: string) =>
      outcome(decisionFor(planned({ sites: site([{ path: "/a", redirect }]) }), target));
    expect(location({ to: "https://b.test/%c?d", status: 308 }, "/a/x?q")).toBe("308 https://b.test/%c?d");
    expect(location({ scheme: "https" }, "/a/x?q")).toBe("302 https://a.test/a/x?q");
    expect(location({ host: "B.test" }, "/a?")).toBe("302 http://b.test/a?");
    expect(location({ scheme: "https", port: 8443 }, "/a")).toBe("302 https://a.test:8443/a");
    expect(location({ path: "/new" }, "/a/x?q=1")).toBe("302 /new?q=1");
    expect(location({ path: "/new" }, "/a/x?")).toBe("302 /new");
    expect(location({ prefix: "/new/" }, "/a/x?q")).toBe("302 /new/x?q");
    expect(location({ prefix: "/" }, "/a")).toBe("302 /");
    expect(location({ prefix: "/" }, "/a/x")).toBe("302 /x");
  });
  it("is another path and host at the backend if the route rewrites", () => {
    const seen = (rewrite: NonNullable<Routes[number]["rewrite"]>, path: string, target: string) =>
      decisionFor(planned({ sites: site([{ path, rewrite, to: "app" }]) }), target).seen;
    expect(seen({ prefix: "/v1" }, "/api", "/api/x?q")?.target).toBe("/v1/x?q");
    expect(seen({ prefix: "/" }, "/api", "/api")?.target).toBe("/");
    expect(seen({ prefix: "/v1" }, "/", "/x")?.target).toBe("/v1/x");
    expect(seen({ path: "/y" }, "/api", "/api/x?q")?.target).toBe("/y?q");
    expect(seen({ host: "app.internal" }, "/", "/")?.headers).toEqual([
      ["X-Forwarded-For", "203.0.113.7"],
      ["X-Forwarded-Proto", "http"],
      ["X-Forwarded-Host", "a.test"],
      ["Host", "app.internal"],
    ]);
  });
  it("has the client address of the connection at the backend, not the one that the client sent", () => {
    const plan = planned({
      sites: site([
        { requestHeaders: { remove: ["x-gone"], set: { "x-a": "é" }, add: { "x-b": "2" } }, to: "app" },
      ]),
    });
    const { seen } = decisionFor(
      plan,
      "/",
      withHeaders(
        ["X-Forwarded-For", "6.6.6.6"],
        ["Forwarded", "for=6.6.6.6"],
        ["X-Gone", "1"],
        ["X-A", "0"],
        ["x-b", "1"],
      ),
    );
    expect(seen?.headers).toEqual([
      ["Host", "a.test"],
      ["x-b", "1"],
      ["X-Forwarded-For", "203.0.113.7"],
      ["X-Forwarded-Proto", "http"],
      ["x-a", "\u00c3\u00a9"],
      ["x-b", "2"],
    ]);
  });
  it("is a redirect to https on the plain port, except for a catch-all redirect", () => {
    const plan = planned({
      public: { tls: { terminatedAt: "loadBalancer" }, ports: { https: 8443 } },
      sites: [
        { host: "a.test", routes: [{ path: "/x", to: "app" }] },
        { host: "*", redirect: { to: "https://www.test/", status: 301 } },
      ],
    });
    expect(outcome(decisionFor(plan, "/y?q", host("A.test:80")))).toBe("301 https://a.test:8443/y?q");
    expect(outcome(decisionFor(plan, "/y", host("evil.test")))).toBe("301 https://www.test/");
    expect(outcome(decisionFor(plan, "/y", { listener: "https" }))).toBe("404");
  });
  it("carries HSTS on HTTPS only, once, whatever the route adds", () => {
    const plan = planned({
      public: { tls: { terminatedAt: "loadBalancer" }, plainHttp: "serve" },
      sites: [
        {
          host: "a.test",
          hsts: { maxAge: "1d", includeSubDomains: true },
          routes: [{ responseHeaders: { add: { "strict-transport-security": "max-age=0" } }, to: "app" }],
        },
      ],
    });
    const lines = (listener: string) => {
      const { set, add } = decisionFor(plan, "/", { listener }).response;
      return [...set, ...add].map(({ value }) => value);
    };
    expect(lines("https")).toEqual(["max-age=86400; includeSubDomains"]);
    expect(lines("http")).toEqual(["max-age=0"]);
  });
  it("is the body of the description, except for HEAD", () => {
    const plan = planned({
      errorPages: { 404: "<p>none" },
      sites: site([{ path: "/r", respond: { status: 410, body: "gone" } }]),
    });
    const body = (target: string, method = "GET") => decisionFor(plan, target, { method }).body;
    expect([body("/r"), body("/r", "HEAD"), body("/x"), body("/x", "HEAD"), body("/%zz")]).toEqual([
      "gone",
      "",
      "<p>none",
      "",
      null,
    ]);
  });
  it("is one of several backends, those without weight left out", () => {
    const plan = planned({ sites: site([{ to: { app: 90, api: 10, next: 0 } }]) });
    expect(decisionFor(plan, "/").backends).toEqual([
      { backend: "app", pool: "app", weight: 9 },
      { backend: "api", pool: "api", weight: 1 },
    ]);
  });
});

// Redirects followed through the edge: loops are found, chains that end are not reported, whatever their length.
import { expect, test } from "vitest";
import { findingsOf, withRoutes } from "./described.ts";

const TLS =
  "public:\n  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }\n  tls: { terminatedAt: loadBalancer }";

async function loops(yaml: string): Promise<readonly string[]> {
  return (await findingsOf(yaml)).filter(({ code }) => code === "redirect-loop").map(({ what }) => what);
}

test("a route that redirects to its own path", async () => {
  expect(await loops(withRoutes(["{ path: /a, redirect: { path: /a } }"]))).toEqual([
    "the redirect `shop.example.com/a` redirects to itself",
  ]);
});

test("two routes that redirect to each other are one finding with both places", async () => {
  const findings = await findingsOf(
    withRoutes(["{ path: /a, redirect: { path: /b } }", "{ path: /b, redirect: { path: /a } }"]),
  );
  expect(findings.map(({ code, at }) => [code, at.map(({ line }) => line)])).toEqual([
    ["redirect-loop", [6, 7]],
  ]);
  expect(findings[0]?.why).toContain(
    "http://shop.example.com/a → http://shop.example.com/b → http://shop.example.com/a",
  );
});

test.each(["/a#top", "/x/../a", "/./a?v=1#top"])("a target that browsers change: %s", async (to) => {
  expect(await loops(withRoutes([`{ path: /a, redirect: { to: "${to}" } }`]))).toEqual([
    "the redirect `shop.example.com/a` redirects to itself",
  ]);
});

test("a path that grows with every step", async () => {
  expect(await loops(withRoutes(["{ path: /a, redirect: { prefix: /a/b } }"]))).toEqual([
    "the redirect `shop.example.com/a` never ends",
  ]);
});

test("from HTTPS to plain HTTP, which redirects back", async () => {
  expect(await loops(withRoutes(["{ path: /a, redirect: { scheme: http } }"], TLS))).toEqual([
    "the redirect `shop.example.com/a` returns to itself after 2 steps",
  ]);
});

test("between two sites", async () => {
  const sites =
    "  - host: a.example.com\n    redirect: { scheme: https, host: b.example.com }\n  - host: b.example.com\n    redirect: { to: https://a.example.com/ }";
  expect(await loops(withRoutes(["{ to: shop }"], TLS, sites))).toEqual([
    "the redirect `a.example.com/` returns to itself after 2 steps",
  ]);
});

test("with the conditions that the route requires", async () => {
  const routes = [
    "{ path: /a, header: { x-old: '1' }, query: { v: a b }, redirect: { scheme: http, host: shop.example.com } }",
    "{ path: /a, to: shop }",
  ];
  expect(await loops(withRoutes(routes))).toEqual([
    "the redirect `shop.example.com/a#x-old=1,v` redirects to itself",
  ]);
});

test("for a client that the route allows", async () => {
  expect(await loops(withRoutes(["{ path: /a, allow: [198.51.100.0/24], redirect: { path: /a } }"]))).toEqual(
    ["the redirect `shop.example.com/a` redirects to itself"],
  );
});

test("a chain of fifty redirects that ends is not reported", async () => {
  const routes = Array.from(
    { length: 50 },
    (_, step) => `{ path: /s/${step}, redirect: { path: /s/${step + 1} } }`,
  );
  expect(await findingsOf(withRoutes([...routes, "{ to: shop }"]))).toEqual([]);
});

test("a chain of fifty redirects that loops is reported", async () => {
  const routes = Array.from(
    { length: 50 },
    (_, step) => `{ path: /s/${step}, redirect: { path: /s/${(step + 1) % 50} } }`,
  );
  expect(await loops(withRoutes(routes))).toEqual([
    "the redirect `shop.example.com/s/0` returns to itself after 50 steps",
  ]);
});

test("a redirect into a loop is not named with it", async () => {
  expect(
    await loops(
      withRoutes(["{ path: /in, redirect: { path: /a } }", "{ path: /a, redirect: { path: /a } }"]),
    ),
  ).toEqual(["the redirect `shop.example.com/a` redirects to itself"]);
});

test("three routes on three sites", async () => {
  const site = (host: string, next: string) =>
    `  - host: ${host}.example.com\n    routes:\n      - { path: /x, redirect: { to: "http://${next}.example.com/x" } }`;
  const sites = [site("a", "b"), site("b", "c"), site("c", "a")].join("\n");
  expect(await loops(withRoutes(["{ to: shop }"], "", sites))).toEqual([
    "the redirect `a.example.com/x` returns to itself after 3 steps",
  ]);
});

test("only for some requests of a route: a path of a regular expression, a method that stays", async () => {
  const findings = await findingsOf(
    withRoutes([
      "{ path: { regex: ^/old }, method: [POST], redirect: { to: /older, status: 308 } }",
      "{ to: shop }",
    ]),
  );
  expect(findings.map(({ code, why }) => [code, why])).toEqual([
    [
      "redirect-loop",
      'A client that sends `POST` follows http://shop.example.com/older → http://shop.example.com/older and stops with "too many redirects".',
    ],
  ]);
});

test.each([
  ["a prefix that is removed", "{ path: /old, redirect: { prefix: / } }"],
  ["a method that becomes GET", "{ path: /a, method: [POST], redirect: { to: /a, status: 302 } }"],
  ["another host", "{ path: /a, redirect: { host: www.example.net } }"],
  ["another port", "{ path: /a, redirect: { to: //shop.example.com/a } }"],
])("no loop: %s", async (_, route) => {
  const head = "public: { ports: { http: 8080 } }";
  expect((await findingsOf(withRoutes([route, "{ to: shop }"], head))).map(({ code }) => code)).toEqual([]);
});

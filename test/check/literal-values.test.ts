// Values that Portico interprets differently than the author may expect: header names in two cases, patterns in paths, host bits in networks.
import { expect, test } from "vitest";
import { findingsOf, withRoutes } from "./described.ts";

async function ofCode(code: string, yaml: string) {
  const findings = await findingsOf(yaml);
  return findings.filter((finding) => finding.code === code);
}

const whats = async (code: string, yaml: string) => (await ofCode(code, yaml)).map(({ what }) => what);

test.each([
  ["{ path: /x, header: { Foo: a, foo: b }, to: shop }", ["header"]],
  ["{ path: /x, header: { Foo: a, FOO: { present: true } }, to: shop }", ["header"]],
  ["{ to: shop, requestHeaders: { set: { X-A: '1' }, add: { x-a: '2' } } }", ["requestHeaders"]],
  ["{ to: shop, responseHeaders: { remove: [x-a], set: { X-A: '1' } } }", ["responseHeaders"]],
  ["{ to: shop, responseHeaders: { remove: [x-a, X-A] } }", ["responseHeaders"]],
  ["{ to: shop, requestHeaders: { set: { X-A: '1', x-a: '2' } } }", ["requestHeaders"]],
  ["{ path: /x, query: { id: '1', ID: '2' }, to: shop }", []],
  ["{ path: /x, header: { x-a: '1' }, to: shop, requestHeaders: { set: { X-A: '2' } } }", []],
  ["{ to: shop, requestHeaders: { set: { x-a: '1' } }, responseHeaders: { add: { X-A: '1' } } }", []],
])("one header twice in %s: %j", async (route, where) => {
  const found = await ofCode("duplicate-header", withRoutes([route]));
  expect(found.map(({ what }) => /^`(\w+)`/.exec(what)?.[1])).toEqual(where);
  for (const { at } of found) expect(at).toHaveLength(2);
});

test("a header that is set and added again is placed at both of its names", async () => {
  const [found] = await ofCode(
    "duplicate-header",
    withRoutes(["{ to: shop, requestHeaders: { set: { X-A: '1' }, add: { x-a: '2' } } }"]),
  );
  expect(found?.at.map(({ line, length }) => [line, length])).toEqual([
    [6, 3],
    [6, 3],
  ]);
});

test.each([
  ['path: "/a/*"', ["*"]],
  ["path: { exact: '/files/*.css' }", ["*"]],
  ["path: /users/:id", [":id"]],
  ["path: /a$", ["$"]],
  ["path: /v1/projects:batchGet", []],
  ["path: /odata/$metadata", []],
  ["path: '/odata/Products(1)'", []],
  ["path: { regex: '^/a/.*$' }", []],
])("a pattern in a path: %s", async (path, found) => {
  expect(await whats("literal-pattern", withRoutes([`{ ${path}, to: shop }`]))).toEqual(
    found.map((part) => expect.stringContaining(`\`${part}\` in the path`)),
  );
});

test.each([
  ["/users/{id}", '"^/users/[^/]+"'],
  ["/users/<id>", '"^/users/[^/]+"'],
  ["/(de|fr)/x", '"^/[^/]+"'],
])("a pattern in a path that is not normalised: %s", async (path, regex) => {
  const yaml = withRoutes([`{ path: '${path}', to: shop }`], "paths: as-is");
  expect(await ofCode("literal-pattern", yaml)).toMatchObject([
    { severity: "note", remedy: expect.stringContaining(regex) },
  ]);
});

test("a wildcard for everything below a path: the equivalent prefix", async () => {
  const [found] = await ofCode("literal-pattern", withRoutes(['{ path: "/a/*", to: shop }']));
  expect(found?.remedy).toContain("`path: /a`");
});

test.each([
  ["redirect: { to: 'https://www.example.com$request_uri' }", "$request_uri"],
  ["redirect: { path: /new/$1 }", "$1"],
  ["redirect: { to: 'https://www.example.com/{uri}' }", "{uri}"],
  ["to: shop, rewrite: { prefix: '/x/*' }", "*"],
])("a variable in a value that is sent: %s", async (action, found) => {
  expect(await whats("literal-pattern", withRoutes([`{ path: /x, ${action} }`]))).toEqual([
    expect.stringContaining(`\`${found}\` in`),
  ]);
});

test("a variable in the redirect of a site", async () => {
  const site = "  - host: '*'\n    redirect: { to: 'https://www.example.com$request_uri' }";
  expect(await whats("literal-pattern", withRoutes([], "", site))).toHaveLength(1);
});

test("host bits in every list of networks", async () => {
  const head = `public:
  loadBalancer: { kind: aws-classic-elb, sources: [10.1.2.3/16] }
  allow: [10.0.0.1/24, 10.0.0.1, 10.0.0.0/8, "2001:db8::1/32"]
kubernetes: { networkPolicy: { publicFrom: [10.0.0.9/8] } }`;
  const yaml = withRoutes(
    ["{ to: shop, allow: [192.0.2.1/30], deny: ['2001:db8::/32', 10.9.9.9/31] }"],
    head,
  );
  const found = await ofCode("host-bits-set", yaml);
  expect(found.map(({ what, at }) => `${what} ${at[0]?.line}`)).toEqual([
    "the network `10.1.2.3/16` has host bits set 3",
    "the network `10.0.0.1/24` has host bits set 4",
    "the network `2001:db8::1/32` has host bits set 4",
    "the network `10.0.0.9/8` has host bits set 5",
    "the network `192.0.2.1/30` has host bits set 9",
    "the network `10.9.9.9/31` has host bits set 9",
  ]);
  expect(found.map(({ severity }) => severity)).toEqual(Array(6).fill("note"));
  expect(found[2]?.remedy).toContain("`2001:db8::/32`");
});

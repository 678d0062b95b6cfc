// Host names: what every field with a host and the URLs of expectations refuse.
import { describe, expect, test } from "vitest";
import { canBeSent, parseHostName, parseHostPattern } from "../../src/description/host.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { load } from "./written.ts";

/** Each is read as a URL's host by Node's domainToASCII: the result would be another host than the written one. */
const NOT_NAMES: readonly (readonly [string, string])[] = [
  ["a slash", "bücher.example/evil"],
  ["a question mark", "bücher.example?x"],
  ["a number sign", "bücher#x.example"],
  ["a backslash", "bücher\\x.example"],
  ["an at sign", "bücher@evil.example"],
  ["a colon", "bücher:80.example"],
  ["a tab", "bü\tcher.example"],
  ["a line break", "bü\ncher.example"],
  ["a carriage return", "bü\rcher.example"],
  ["a space", "bü cher.example"],
  ["a percent sign", "bü%2fcher.example"],
  ["a control character", "bü\u0085cher.example"],
  ["a change of direction", "bü\u202echer.example"],
  ["a full-width slash", "bücher／evil.example"],
  ["a full-width number sign", "bücher＃evil.example"],
  ["a sign that is normalised to a/c", "b℀cher.example"],
  ["a hexadecimal number that becomes an address", "０x7f.1"],
  ["digits that become an address", "１２７.0.0.1"],
];

describe.each(NOT_NAMES)("an international name with %s", (_, name) => {
  test("is not a host", () => {
    expect(parseHostName(name)).toHaveProperty("problem");
    expect(parseHostPattern(name)).toHaveProperty("problem");
    expect(parseHostPattern(`*.${name}`)).toHaveProperty("problem");
    expect(canBeSent(name)).toBe(false);
  });

  test.each([
    ["a site", { sites: [{ host: "NAME", routes: [{ to: "app" }] }] }],
    ["a redirect's host", { sites: [{ host: "a.example", redirect: { host: "NAME" } }] }],
    [
      "a rewritten host",
      { sites: [{ host: "a.example", routes: [{ to: "app", rewrite: { host: "NAME" } }] }] },
    ],
    ["an internal host", { internal: { hosts: ["NAME"] } }],
    [
      "a certificate's host",
      { public: { tls: { terminatedAt: "haproxy", certificates: [{ secret: "s", hosts: ["NAME"] }] } } },
    ],
    ["a server", { backends: { app: { servers: ["NAME:80"] } } }],
    ["a health check's host", { backends: { app: { service: "app", health: { host: "NAME" } } } }],
  ])("is refused as %s", async (_field, part) => {
    expect(await codesOf(part, name)).toContain("invalid-value");
  });
});

/** Characters that are invalid in any text are refused before the field is parsed. */
const REFUSALS = ["invalid-value", "invalid-location", "invalid-expectation-request"];

describe.each(NOT_NAMES.filter(([, name]) => !/[/?\s#]/.test(name)))("a URL whose host has %s", (_, name) => {
  test("is not a location", async () => {
    const part = { sites: [{ host: "a.example", redirect: { to: "https://NAME/x" } }] };
    expect(REFUSALS).toContain((await codesOf(part, name))[0]);
  });

  test("is not sent by an expectation", async () => {
    const part = { expect: [{ get: "http://NAME/", status: 200 }] };
    expect(REFUSALS).toContain((await codesOf(part, name))[0]);
  });
});

test.each([
  "https://user@evil.example/",
  "https://a.example\\@evil.example/",
  "/\\evil.example",
  "https://[::1/",
])("%s is not a location", async (to) => {
  expect(await codesOf({ sites: [{ host: "a.example", redirect: { to } }] }, "")).toContain(
    "invalid-location",
  );
});

test.each(["https://bücher.example:8443/x", "https://[2001:db8::1]:8443/", "http://192.0.2.1?x", "/x?y#z"])(
  "%s is a location",
  async (to) => {
    expect(await codesOf({ sites: [{ host: "a.example", redirect: { to } }] }, "")).toEqual([]);
  },
);

test.each([
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.example.", "xn--bcher-kva.example"],
  ["bücher。example", "xn--bcher-kva.example"],
])("%s is a host", (written, name) => {
  expect(parseHostName(written)).toEqual({ name });
});

async function codesOf(part: object, name: string): Promise<readonly string[]> {
  const described = {
    edge: "app",
    sites: [{ host: "a.example", routes: [{ to: "app" }] }],
    backends: { app: { service: "app", port: 8080 } },
    ...part,
  };
  const text = JSON.stringify(described, (_key, value: unknown) =>
    typeof value === "string" ? value.replace("NAME", () => name) : value,
  );
  const { value, findings } = await load({ "portico.yaml": text });
  if (value === undefined) return findings.map(({ code }) => code);
  return planEdge(value.edge, value.positionOf).findings.map(({ code }) => code);
}

// Addresses mean the same on every machine: no zone, and no network where one address is meant.
import { expect, test } from "vitest";
import { shown } from "./written.ts";

const said = (more: string, server = "10.0.0.7:80") =>
  shown({
    "portico.yaml": `edge: app\nsites: [{ host: a.example, routes: [{ to: app }] }]\nbackends: { app: { servers: ["${server}"] } }\n${more}\n`,
  });

test("valid addresses are accepted", async () => {
  expect(await said('public: { allow: ["fe80::1", "2001:db8::/32", 192.0.2.1] }', "[2001:db8::7]:80")).toBe(
    "",
  );
  expect(await said('logs: { to: "[2001:db8::9]:514" }')).toBe("");
  expect(await said('expect: [{ get: "http://a.example/", from: "2001:db8::9", status: 200 }]')).toBe("");
});

test.each([
  ["a network", 'public: { allow: ["fe80::1%eth0"] }'],
  ["a network with a prefix", 'public: { allow: ["fe80::%eth0/10"] }'],
  ["a client", 'expect: [{ get: "http://a.example/", from: "fe80::1%1", status: 200 }]'],
])("a zone is refused in %s", async (_, more) => {
  expect(await said(more)).toContain("an address with a zone");
});

test("a zone is refused in a server's address and in the log's", async () => {
  expect(await said("", "[fe80::1%eth0]:80")).toContain("without a zone");
  expect(await said("", "fe80::1%eth0:80")).toContain("invalid-value");
  expect(await said('logs: { to: "[fe80::1%eth0]:514" }')).toContain("write stdout");
});

test("a client has a single address", async () => {
  expect(await said('expect: [{ get: "http://a.example/", from: 10.0.0.0/8, status: 200 }]')).toContain(
    "write one address, as in 203.0.113.7",
  );
});

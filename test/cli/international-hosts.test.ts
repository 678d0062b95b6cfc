// International host names are handled in the same way in every field: host, expectation, URL, location.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

const EXPECTATIONS = `  - { get: "https://bücher.example/", backend: web, certificate: "*.läden.example bücher.example" }
  - { get: "https://BÜCHER.example:443/?q=1", backend: web, seen: { host: "bücher.example:443" } }
  - { get: "https://zürich.läden.example/", backend: web }
  - { get: "https://other.example/", headers: { Host: "bücher.example:443" }, backend: web }
  - { get: "http://bücher.example/a", status: 301, location: "https://bücher.example/a" }
  - { get: "https://bücher.example/whole", location: "https://läden.example/ü" }
  - { get: "https://bücher.example/host", location: "https://läden.example/host" }
  - { get: "https://bücher.example/rewritten", backend: web, seen: { host: läden.example } }
  - { get: "https://xn--bcher-kva.example/", backend: web }
  - { get: "http://innen.bücher/", through: internal, backend: web }
`;

const EDGE = `edge: app
public:
  loadBalancer: none
  tls: { terminatedAt: haproxy, certificates: [{ secret: all, hosts: [bücher.example, "*.läden.example"] }] }
internal: { hosts: [innen.bücher], site: bücher.example }
sites:
  - host: bücher.example
    routes:
      - { path: /whole, redirect: { to: "https://läden.example/ü" } }
      - { path: /host, redirect: { host: läden.example } }
      - { path: /rewritten, to: web, rewrite: { host: läden.example } }
      - { to: web }
  - { host: "*.läden.example", routes: [{ to: web }] }
backends:
  web: { servers: ["10.0.0.7:8080"] }
`;

const edge =
  EDGE +
  "expect:\n" +
  EXPECTATIONS.replace('"*.läden.example bücher.example"', '["*.läden.example", bücher.example]');

test("the expectations of a description pass", async () => {
  const cwd = folderWith({ "portico.yaml": edge });
  const { status, stdout, stderr } = await portico(["test"], { cwd });
  expect(stderr).toBe("");
  expect(stdout).toContain("10 of 10 expectations as expected");
  expect(status).toBe(0);
  const checked = await portico(["check"], { cwd });
  expect(checked.stdout).not.toContain("host-without-certificate");
});

test("the expectations of its rendered layers pass, from a file of expectations", async () => {
  const cwd = folderWith({ "portico.yaml": edge });
  expect((await portico(["render", "-o", "layers"], { cwd })).status).toBe(0);
  const inLayers = EXPECTATIONS.split("\n")
    .filter((line) => !/certificate|innen/.test(line))
    .join("\n");
  writeFileSync(join(cwd, "expect.yaml"), `expect:\n${inLayers}`);
  const { stdout } = await portico(["test", "--layers", "layers", "--expect", "expect.yaml"], { cwd });
  expect(stdout).toContain("8 of 8 expectations as expected");
});

test.each([
  [
    "the URL",
    ["https://zürich.läden.example/a"],
    "*.xn--lden-loa.example, for xn--zrich-kva.xn--lden-loa.example",
  ],
  ["a Host header", ["https://other.example/a", "-H", "Host: BÜCHER.example"], "xn--bcher-kva.example"],
])("explain accepts it in %s", async (_, args, site) => {
  const { status, stdout } = await portico(["explain", "GET", ...args], {
    cwd: folderWith({ "portico.yaml": edge }),
  });
  expect(stdout).toContain(site);
  expect(stdout).toMatch(/HAProxy \S+ agrees \(200 from web\)/);
  expect(status).toBe(0);
});

test.each(["https://bü\\cher.example/", "https://bücher@evil.example/", "https://bü%2fcher.example/x"])(
  "explain refuses %s: its host cannot be encoded",
  async (url) => {
    const { status, stderr } = await portico(["explain", "GET", url], {
      cwd: folderWith({ "portico.yaml": edge }),
    });
    expect(stderr).toContain("is not a valid URL");
    expect(status).toBe(2);
  },
);

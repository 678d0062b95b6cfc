// portico expect --suggest: the expectations that it writes pass, and exercise every region and rule.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const examples = join(import.meta.dirname, "../../examples");
const newest = (await findAllHaproxies()).at(-1)?.path ?? "";

const EDGE = `# the edge
edge: app
public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] } }
sites:
  - host: [www.example.com, "*.example.net"]
    routes:
      - { path: /admin, allow: [198.51.100.0/24], to: admin }
      - { path: /old, redirect: { path: /new } }
      - { path: /chat, header: { x-a: { regex: "^v[0-9]+$" } }, to: api }
      - { path: /post, method: POST, query: { q: "1" }, to: api }
      - { path: /upload, maxBody: 64B, to: api }
      - { path: /split, to: { api: 50, web: 50 } }
      - { to: web }
backends:
  web: { servers: ["10.0.0.7:8080"] }
  api: { servers: ["10.0.0.8:8080"] }
  admin: { servers: ["10.0.0.9:8080"] }
expect:
  # the start page
  - { get: "http://www.example.com/", backend: web } # keep
`;

test.each([
  ["with expectations", EDGE],
  ["without", EDGE.slice(0, EDGE.indexOf("expect:"))],
])("a description %s: what is written passes and covers everything", async (_, text) => {
  const cwd = folderWith({ "portico.yaml": text });
  const printed = await portico(["expect", "--suggest"], { cwd });
  expect({ status: printed.status, stderr: printed.stderr }).toEqual({ status: 0, stderr: "" });
  expect(readFileSync(join(cwd, "portico.yaml"), "utf8")).toBe(text);
  const written = await portico(["expect", "--suggest", "--write"], { cwd });
  expect(written.stdout).toMatch(/^portico\.yaml: \d+ expectations added\n$/);
  const after = readFileSync(join(cwd, "portico.yaml"), "utf8");
  expect(after.startsWith(text)).toBe(true);
  const tested = await portico(["test", "--coverage", "--fail-under", "100", "--haproxy", newest], { cwd });
  expect(tested.stdout).toContain(", coverage 100 %");
  expect(tested.status).toBe(0);
  const again = await portico(["expect", "--suggest"], { cwd });
  expect(again).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "The expectations exercise every region and every rule.\n",
  });
});

test("hand-written layers: half of the expectations, and the rest from Portico", async () => {
  const cwd = folderWith({});
  cpSync(join(examples, "hand-written"), cwd, { recursive: true });
  const file = join(cwd, "expect.yaml");
  const whole = readFileSync(file, "utf8");
  writeFileSync(
    file,
    `${whole.slice(0, whole.indexOf("  # Port 443"))}${whole.slice(whole.indexOf("\n# Proven"))}`,
  );
  const args = ["--layers", ".", "--expect", "expect.yaml"];
  const { status, stdout } = await portico(["expect", "--suggest", "--write", ...args], { cwd });
  expect(stdout).toMatch(/^expect\.yaml: \d+ expectations added\n$/);
  expect(status).toBe(0);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("# Proven for all requests by `portico test`.");
  const tested = await portico(["test", ...args, "--coverage", "--fail-under", "100"], { cwd });
  expect(tested.stdout).toContain(", coverage 100 %");
  expect(tested.status).toBe(0);
});

const CONFIG = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend one
  bind 10.0.0.5:81
  use_backend admin if { path_beg /admin } { hdr(x-a) -m found } { cook(s) -m str yes }
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  http-request return status 204 if { path /exact /second }
  default_backend web
frontend two
  bind 10.0.0.6:81
  http-request deny if { path_sub .. }
  use_backend luck if { rand(1) gt 5 }
  redirect prefix https://x.example code 301 if { query -m found }
  default_backend web
backend web
  server a 127.0.0.1:8001
backend admin
  http-request deny if { method DELETE }
  server a 127.0.0.1:8002
backend luck
  server a 127.0.0.1:8002
`;

test("a haproxy.cfg: frontends on one port, and rules that one region joins", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const printed = await portico(["expect", "--suggest", "haproxy.cfg"], { cwd });
  expect(printed.status).toBe(0);
  expect(printed.stdout).toMatchSnapshot();
  writeFileSync(join(cwd, "expect.yaml"), printed.stdout);
  const tested = await portico(["test", "haproxy.cfg", "--expect", "expect.yaml", "--coverage"], { cwd });
  expect(tested.stdout).toMatch(/(\d+) of \1 expectations as expected .*, coverage 100 %/);
  expect(tested.status).toBe(0);
});

const ONE_BIND = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend one
  bind BIND
  http-request deny if { hdr(x-a) -m found }
  http-request deny deny_status 413 if { req.body_size gt 10000000 }
  use_backend admin if { path_beg /admin } { hdr(host) -i admin.example.com }
  default_backend web
backend web
  server a 127.0.0.1:8001
backend admin
  server a 127.0.0.1:8002
`;

test.each(["127.0.0.1:8180", ":80", ":8443 ssl crt /x.pem"])("one bind: %s", async (bind) => {
  const cwd = folderWith({ "haproxy.cfg": ONE_BIND.replace("BIND", bind) });
  const written = await portico(["expect", "--suggest", "haproxy.cfg"], { cwd });
  expect({ status: written.status, stderr: written.stderr }).toEqual({ status: 0, stderr: "" });
  writeFileSync(join(cwd, "expect.yaml"), written.stdout);
  const tested = await portico(["test", "haproxy.cfg", "--expect", "expect.yaml", "--coverage"], { cwd });
  expect(tested.stdout).toMatch(/(\d+) of \1 expectations as expected .*, coverage 100 %/);
  expect(tested.status).toBe(0);
});

test.each([
  ["missing", undefined],
  ["empty", ""],
  ["a comment", "# later\n"],
])("--write to a file that is %s", async (_, text) => {
  const cwd = folderWith({ "haproxy.cfg": ONE_BIND.replace("BIND", ":8180") });
  const path = join(cwd, "expect.yaml");
  if (text !== undefined) writeFileSync(path, text);
  const args = ["expect", "haproxy.cfg", "--suggest", "--expect", "expect.yaml"];
  const printed = await portico(args, { cwd });
  const written = await portico([...args, "--write"], { cwd });
  const count = printed.stdout.match(/^ {2}- /gm)?.length;
  expect(count).toBeGreaterThan(1);
  const stdout = `expect.yaml: ${count} expectations added\n`;
  expect(written).toMatchObject({ status: 0, stdout, stderr: "" });
  expect(readFileSync(path, "utf8")).toBe(`${text ?? ""}${printed.stdout}`);
});

test("--write to a folder that is missing", async () => {
  const cwd = folderWith({ "haproxy.cfg": ONE_BIND.replace("BIND", ":8180") });
  const args = ["haproxy.cfg", "--suggest", "--expect", "tests/expect.yaml", "--write"];
  const { status, stdout, stderr } = await portico(["expect", ...args], { cwd });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("tests: there is no such file or folder");
});

test("a rule whose request the lab cannot send: why", async () => {
  const text = ONE_BIND.replace("BIND", ":8180").replace("{ hdr(x-a) -m found }", "HTTP_1.0");
  const cwd = folderWith({ "haproxy.cfg": text });
  const { status, stderr } = await portico(["expect", "--suggest", "haproxy.cfg"], { cwd });
  expect(stderr).toContain(
    "no expectation for http-request deny if HTTP_1.0 (haproxy.cfg:8): the lab sends HTTP/1.1\n",
  );
  expect(status).toBe(0);
});

test.each([
  [[], "write --suggest"],
  [["--suggest", "--expect", "x.yaml"], "--expect needs --layers or a haproxy.cfg"],
  [["--suggest", "--layers", ".", "--write"], "--write needs --expect FILE"],
  [["--suggest", "--layers", ".", "portico.yaml"], "name a description or --layers, not both"],
])("%s is refused", async (args, problem) => {
  const { status, stdout, stderr } = await portico(["expect", ...args], {
    cwd: folderWith({ "portico.yaml": DESCRIPTION }),
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(problem);
});

test("a list in flow style is not changed", async () => {
  const text = `${EDGE.slice(0, EDGE.indexOf("expect:"))}expect: [{ get: "http://www.example.com/", backend: web }]\n`;
  const cwd = folderWith({ "portico.yaml": text });
  const { status, stderr } = await portico(["expect", "--suggest", "--write"], { cwd });
  expect(status).toBe(2);
  expect(stderr).toContain("portico.yaml has no list of expectations in YAML's block style");
  expect(readFileSync(join(cwd, "portico.yaml"), "utf8")).toBe(text);
});

// portico test with invariants: proofs, counterexamples that HAProxy confirms, and what is not known.
import { expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

const EDGE = `edge: app
public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] } }
sites:
  - host: www.example.com
    routes:
      - { path: /admin, allow: [198.51.100.0/24], to: admin }
      - { path: /old, redirect: { path: /new } }
      - { path: /api, to: web }
backends:
  web: { servers: ["10.0.0.7:8080"] }
  admin: { servers: ["10.0.0.9:8080"] }
invariants:
`;

const HOLD = [
  '{ never: { path: /admin, from: "not 198.51.100.0/24", status: 2xx } }',
  '{ never: { from: "not 198.51.100.0/24", backend: admin } }',
  '{ always: { path: /old, host: www.example.com }, then: { redirect: "/new**" } }',
  "{ always: { path: /api, host: www.example.com, method: [GET, POST] }, then: { backend: web } }",
  '{ never: { path: { exact: "/api" }, header: { x-a: "1" }, status: 404, host: www.example.com } }',
  "{ never: { host: www.example.com, path: { prefix: /api }, noRoute: true } }",
];

const FAIL = [
  "{ never: { path: /api, backend: web } }",
  "{ always: { path: /admin, host: www.example.com }, then: { status: 403 } }",
  '{ never: { path: { regex: "^/a" }, scheme: http, status: 403 } }',
  "{ never: { listener: https, backend: web } }",
];

function descriptionWith(invariants: readonly string[]): string {
  return folderWith({ "portico.yaml": `${EDGE}${invariants.map((one) => `  - ${one}\n`).join("")}` });
}

test("invariants that hold are proven", async () => {
  const { status, stdout } = await portico(["test"], { cwd: descriptionWith(HOLD) });
  expect(stdout).toMatchSnapshot();
  expect(status).toBe(0);
});

test("others fail with requests, and HAProxy's answer to one", async () => {
  const { status, stdout } = await portico(["test"], { cwd: descriptionWith(FAIL) });
  expect(stdout).toMatchSnapshot();
  expect(status).toBe(1);
});

test("JSON and JUnit have the invariants", async () => {
  const cwd = descriptionWith([...HOLD.slice(0, 1), ...FAIL.slice(0, 1)]);
  const { invariants } = JSON.parse((await portico(["test", "--json"], { cwd })).stdout);
  expect(invariants).toMatchObject([
    { verdict: "proven", regions: [], answer: null },
    { verdict: "violated", confirmed: true, unconfirmed: null, answer: { status: 200, backend: "web" } },
  ]);
  const { stdout } = await portico(["test", "--format", "junit"], { cwd });
  expect(stdout.match(/<failure/g)).toHaveLength(1);
});

const CONFIG = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend www
  bind :8080
  http-request deny if { path_beg /admin } !{ src 198.51.100.0/24 }
  http-request deny deny_status 429 if { path /limited } { sc_http_req_rate(0) gt 100 }
  use_backend admin if { path_beg /admin }
  use_backend web if { hdr(host) -i www.example.com }
backend web
  server a 127.0.0.1:8001
backend admin
  server a 127.0.0.1:8002
`;

const EXPECTED = `expect:
  - { get: "http://www.example.com:8080/", status: 503 }
invariants:
  - { never: { path: /admin, from: "not 198.51.100.0/24", backend: admin } }
  - { never: { path: { regex: "^/+admin" }, from: "not 198.51.100.0/24", backend: web } }
  - { never: { path: { exact: /limited }, status: 429 } }
  - { always: { path: "/x y" }, then: { backend: web } }
`;

test("a haproxy.cfg: a bypass by another spelling, a port in the Host, a counter", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG, "expect.yaml": EXPECTED });
  const { status, stdout } = await portico(["test", "haproxy.cfg", "--expect", "expect.yaml"], { cwd });
  expect(stdout.replace(/ as expected on HAProxy.*/, " as expected")).toMatchSnapshot();
  expect(status).toBe(1);
});

test("a server's answer that a rule for responses turns into a violation is not sent", async () => {
  const text = CONFIG.replace(
    "backend web\n",
    "backend web\n  http-response deny deny_status 410 if { status 500 }\n",
  );
  const cwd = folderWith({
    "haproxy.cfg": text,
    "expect.yaml": `expect:\n  - { get: "http://www.example.com:8080/", status: 503 }\ninvariants:\n  - { never: { status: 410 } }\n`,
  });
  const { status, stdout } = await portico(["test", "haproxy.cfg", "--expect", "expect.yaml"], { cwd });
  const shown = stdout.replace(/ as expected on HAProxy.*/, " as expected");
  expect(shown.slice(shown.indexOf("never"))).toMatchSnapshot();
  expect(status).toBe(1);
});

test.each([
  ["a haproxy.cfg with a rule for responses", "backend admin\n  tcp-response content reject\n", 1],
  ["a haproxy.cfg with a rule for response headers", "backend admin\n  http-response del-header Server\n", 0],
  ["a haproxy.cfg with a filter", "backend admin\n  filter compression\n", 1],
])("what was not examined is not proven: %s", async (_, lines, expected) => {
  const invariants = 'invariants:\n  - { never: { backend: admin, from: "not 198.51.100.0/24" } }\n';
  const cwd = folderWith({
    "haproxy.cfg": CONFIG.replace("backend admin\n", lines),
    "expect.yaml": `expect:\n  - { get: "http://www.example.com:8080/", status: 503 }\n${invariants}`,
  });
  const { status, stdout } = await portico(["test", "haproxy.cfg", "--expect", "expect.yaml"], { cwd });
  const [invariant] = stdout.slice(stdout.indexOf("never")).split("\n\n1 of 1 expectation");
  expect(invariant).toMatchSnapshot();
  expect(status).toBe(expected);
});

test.each([
  ["without an outcome", "{ never: { path: /a } }"],
  ["both forms", "{ never: { status: 403 }, always: {}, then: { status: 403 } }"],
  ["a backend that is not there", "{ never: { backend: webb } }"],
  ["networks", "{ never: { from: everywhere, backend: web } }"],
  ["a status", "{ never: { status: 9xx } }"],
])("invalid: %s", async (_, invariant) => {
  const { status, stderr } = await portico(["test"], { cwd: descriptionWith([invariant]) });
  expect(status).toBe(2);
  expect(stderr).toMatchSnapshot();
});

test("at a running edge, the invariants are those of the description, and it is said", async () => {
  const cwd = folderWith({
    "portico.yaml": `${EDGE}  - ${HOLD[0]}\n  - ${FAIL[0]}\nexpect:\n  - { get: "http://www.example.com/api", backend: web }\n`,
  });
  const args = ["test", "--target", "http://127.0.0.1:1"];
  const { status, stdout } = await portico(args, { cwd });
  expect(status).toBe(1);
  expect(stdout).toContain(
    "Invariants, proven from the description. The running edge was not examined for them:\n✓ never:",
  );
  expect(stdout).toContain("1 of 2 invariants holds for all requests");
  const { invariantsOfDescription } = JSON.parse((await portico([...args, "--json"], { cwd })).stdout);
  expect(invariantsOfDescription).toMatchObject([
    { verdict: "proven" },
    { verdict: "violated", answer: null },
  ]);
  const junit = (await portico([...args, "--format", "junit"], { cwd })).stdout;
  expect(junit).toContain("never: { path: /api, backend: web }");
});

test("a deploy is refused before anything is changed when an invariant of the description is violated", async () => {
  const cwd = descriptionWith([...HOLD.slice(0, 1), ...FAIL.slice(0, 1)]);
  const text = await portico(["deploy", "--yes"], { cwd });
  expect(text.status).toBe(1);
  expect(text.stderr).toContain("✗ never: { path: /api, backend: web }");
  expect(text.stderr).toMatch(/1 of 2 invariants holds for all requests\nNothing was changed\.\n$/);
  const { status, stdout } = await portico(["deploy", "--yes", "--json"], { cwd });
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    state: "refused",
    invariants: [{ verdict: "proven" }, { verdict: "violated" }],
  });
});

test("--format github and sarif: one result for each expectation and invariant that fails", async () => {
  const cwd = folderWith({
    "portico.yaml": `${EDGE}  - ${HOLD[0]}\n  - ${FAIL[0]}\nexpect:\n  - { get: "http://www.example.com/api", backend: web }\n  - { get: "http://www.example.com/old", status: 200 }\n`,
  });
  const { status, stdout } = await portico(["test", "--format", "github"], { cwd });
  expect(status).toBe(1);
  expect(stdout.split("\n")).toEqual([
    "::error file=portico.yaml,line=17,title=Expectation failed::http://www.example.com/old%0Astatus: expected 200, got 302",
    expect.stringMatching(
      /^::error file=portico\.yaml,line=14,title=Invariant violated::never: \{ path: \/api, backend: web \}%0Alistener http, .*: → web$/,
    ),
    "",
  ]);
  const sarif = await portico(["test", "--format", "sarif"], { cwd });
  expect(sarif.status).toBe(1);
  expect(JSON.parse(sarif.stdout).runs[0].results).toMatchObject([
    { ruleId: "expectation-failed", level: "error", message: { text: expect.stringContaining("got 302") } },
    { ruleId: "invariant-violated", level: "error", locations: [{}] },
  ]);
  const good = await portico(["test", "--format", "github"], { cwd: descriptionWith(HOLD) });
  expect(good).toMatchObject({ status: 0, stdout: "" });
});

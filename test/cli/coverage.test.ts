// portico test --coverage: which regions and rules no expectation exercises, for descriptions, layers and a haproxy.cfg.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Without the version of HAProxy and the time. */
function neutral(text: string): string {
  return text.replace(/HAProxy \d+\.\d+\S*/g, "HAProxy VERSION").replace(/ in [\d.]+ s/g, " in TIME");
}

test("examples/hand-written is covered completely", async () => {
  const layers = "examples/hand-written";
  const args = ["--layers", layers, "--expect", `${layers}/expect.yaml`, "--coverage", "--fail-under", "100"];
  const { status, stdout, stderr } = await portico(["test", ...args], { cwd: root });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("\nCoverage\n  11 of 11 regions\n  10 of 10 rules\n");
  expect(stdout).toMatch(/18 of 18 expectations as expected .*, coverage 100 %\n$/);
});

test("a description: regions and rules that no expectation exercises", async () => {
  const cwd = folderWith({
    "portico.yaml": DESCRIPTION.replace(
      "- { path: /api, to: api }",
      '- { path: /api, to: api }\n      - { path: /admin, allow: [198.51.100.0/24], to: web }\n      - { path: /old, redirect: { path: "/new" } }',
    ),
  });
  const { status, stdout } = await portico(["test", "--coverage"], { cwd });
  expect(neutral(stdout)).toMatchSnapshot();
  expect(status).toBe(0);
});

const CONFIG = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend www
  bind :80
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  use_backend admin if { path_beg /admin }
  use_backend luck if { path_beg /luck } { rand(1) eq 0 }
  default_backend web
backend web
  server a 127.0.0.1:8001
backend admin
  server a 127.0.0.1:8002
backend luck
  server a 127.0.0.1:8003
`;

describe("a haproxy.cfg", () => {
  const cwd = folderWith({
    "haproxy.cfg": CONFIG,
    "one.yaml": '- { get: "http://x/", backend: web }\n- { get: "http://x/luck", status: 200 }\n',
    "failing.yaml": '- { get: "http://x/admin", backend: web }\n',
  });
  const run = (file: string, ...more: readonly string[]) =>
    portico(["test", "haproxy.cfg", "--expect", file, "--coverage", ...more], { cwd });

  test("a counter is not counted; HAProxy's answer shows the region where a request alone does not", async () => {
    const { stdout } = await run("one.yaml", "--json");
    const { coverage } = JSON.parse(stdout);
    expect(coverage.notCounted).toMatchObject([{ answer: "429" }]);
    expect(coverage.regions.missing.map(({ answer }: { readonly answer: string }) => answer)).toContain(
      "→ admin",
    );
    expect(coverage.rules.missing.map(({ text }: { readonly text: string }) => text)).toContain(
      "use_backend admin if { path_beg /admin }",
    );
    expect(coverage.notLocated).toEqual([]);
  });

  test("what only another response of a server leads to is not counted, and find --confirm does not send it", async () => {
    const folder = folderWith({
      "haproxy.cfg": CONFIG.replace(
        "backend web\n",
        "backend web\n  http-response deny deny_status 410 if { status 500 }\n",
      ),
      "one.yaml": '- { get: "http://x/", backend: web }\n',
    });
    const args = ["haproxy.cfg", "--expect", "one.yaml", "--coverage", "--json"];
    const { coverage } = JSON.parse((await portico(["test", ...args], { cwd: folder })).stdout);
    expect(coverage.notCounted.map(({ answer }: { readonly answer: string }) => answer)).toContain("410");
    expect(coverage.notLocated).toEqual([]);
    const found = await portico(["find", "haproxy.cfg", "--status", "410", "--confirm"], { cwd: folder });
    expect(found.status).toBe(0);
  });

  test("--fail-under", async () => {
    const low = await run("one.yaml", "--fail-under", "90");
    expect(low.status).toBe(1);
    expect(low.stderr).toMatch(/the coverage is \d+ %, and --fail-under is 90\.\n$/);
    expect((await run("one.yaml", "--fail-under", "10")).status).toBe(0);
  });

  test("an expectation that fails exercises its region, too", async () => {
    const { stdout } = await run("failing.yaml", "--json");
    const { coverage } = JSON.parse(stdout);
    expect(coverage.regions.covered).toBe(1);
    expect(coverage.regions.missing.map(({ answer }: { readonly answer: string }) => answer)).not.toContain(
      "→ admin",
    );
  });

  test.each([
    [["--fail-under", "101"], "--fail-under 101 is not a percentage"],
    [["--fail-under", "-1"], "-1"],
    [["--fail-under", "90%"], "--fail-under 90% is not a percentage"],
    [["--fail-under", "many"], "--fail-under many is not a percentage"],
  ])("%s is refused", async (more, problem) => {
    const { status, stdout, stderr } = await run("one.yaml", ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(problem);
  });

  test("--fail-under without --coverage, and --coverage of a running edge, are refused", async () => {
    const alone = await portico(["test", "haproxy.cfg", "--expect", "one.yaml", "--fail-under", "90"], {
      cwd,
    });
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain("--fail-under needs --coverage");
    const target = await portico(["test", "--target", "http://x.example", "--coverage"], { cwd });
    expect(target.status).toBe(2);
    expect(target.stderr).toContain("--coverage is about the lab");
  });
});

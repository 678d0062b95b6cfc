// portico routes: a description and a haproxy.cfg as first-match lists, and what is not known.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

const CONFIG = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend www
  bind :8080
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  use_backend admin if { path_beg /admin }
  redirect location /new if { path /old /admin }
  default_backend web
backend web
  server a 127.0.0.1:8001
backend admin
  http-request lua.check
  server a 127.0.0.1:8002
`;

test.each([
  ["a description", "path-header-routing", []],
  ["a single haproxy.cfg", "hand-written", ["haproxy.cfg"]],
])("%s", async (_, example, args) => {
  const cwd = folderWith({});
  cpSync(join(import.meta.dirname, "../../examples", example), cwd, { recursive: true });
  const { status, stdout, stderr } = await portico(["routes", ...args], { cwd });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatchSnapshot();
});

test("a redirect comes before every backend; counters and Lua are named", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const { status, stdout } = await portico(["routes", "--layers", "haproxy.cfg"], { cwd });
  expect(status).toBe(0);
  expect(stdout).toMatchSnapshot();
});

test("JSON has a witness and the rules of each line", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const { stdout } = await portico(["routes", "haproxy.cfg", "--json"], { cwd });
  expect(JSON.parse(stdout)).toMatchSnapshot();
});

test("a file without a bind is refused", async () => {
  const cwd = folderWith({ "haproxy.cfg": "backend web\n  server a 127.0.0.1:8001\n" });
  const { status, stdout, stderr } = await portico(["routes", "haproxy.cfg"], { cwd });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("no HAProxy configuration with a bind");
});

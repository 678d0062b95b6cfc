// portico check --layers: findings of hand-written files, suppressed with a reason, fixed with --fix.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const CONFIG = `defaults
  mode http
  timeout connect 2s
  timeout client 30s # Grüße
  timeout server 30s

frontend web
  bind *:8080
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  default_backend app

backend app
  option httpchk
  server app 10.0.0.7:8080
`;

test("findings result in exit status 1, and name the folder as it was written", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const { status, stdout } = await portico(["check", "--layers", "."], { cwd });
  expect(stdout).toContain("haproxy.cfg:15:3");
  expect(stdout).toMatch(/\n\.: 2 warnings; HAProxy \S+ accepts all lines that it checked\n$/);
  expect(status).toBe(1);
});

test("--fix applies safe fixes, reports them, and does nothing the second time", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const first = await portico(["check", "--layers", ".", "--fix"], { cwd });
  expect(first.stderr.match(/^fixed {2}haproxy\.cfg:\d+ /gm)).toHaveLength(2);
  expect(first.stdout).toContain(".: 0 findings");
  expect(first.status).toBe(0);
  const fixed = readFileSync(join(cwd, "haproxy.cfg"), "utf8");
  expect(fixed.replace("\n  timeout http-request 10s", "").replace(":8080 check", ":8080")).toBe(CONFIG);
  const second = await portico(["check", "--layers", ".", "--fix"], { cwd });
  expect([second.status, second.stderr]).toEqual([0, "nothing to fix: no finding has a safe fix\n"]);
  expect(readFileSync(join(cwd, "haproxy.cfg"), "utf8")).toBe(fixed);
});

test("a suppressed finding is not shown, counted or fixed", async () => {
  const allowed = CONFIG.replace(
    "  server app",
    "  # portico: allow httpchk-without-check because it is switched on at run time\n  server app",
  );
  const cwd = folderWith({ "haproxy.cfg": allowed });
  const { status, stdout } = await portico(["check", "--layers", ".", "--fix"], { cwd });
  expect(stdout).toMatch(/^\.: 0 findings, 1 allowed;/);
  expect(readFileSync(join(cwd, "haproxy.cfg"), "utf8")).toContain("10.0.0.7:8080\n");
  expect(status).toBe(0);
});

test("a folder without layers, with a description or other tools' files too, are wrong usage", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION, "empty/readme.md": "", "other/package.json": "{}" });
  const other = await portico(["check", "--layers", "other"], { cwd });
  expect(other.stdout).toContain("no layer of an edge is in other");
  for (const args of [
    ["--layers", "empty"],
    ["--layers", "other"],
    ["portico.yaml", "--layers", "."],
  ])
    expect((await portico(["check", ...args], { cwd })).status, args.join(" ")).toBe(2);
});

test("other files are named in one note; hidden ones and Portico's own record are left out", async () => {
  const cwd = folderWith({
    "haproxy.cfg": CONFIG,
    "values.yaml": "tag: 1\n",
    "package.json": "{}\n",
    ".portico-rendered.json": "{}\n",
    ".github/workflows/ci.yml": "on: push\n",
  });
  const { stdout } = await portico(["check", "--layers", "."], { cwd });
  expect(stdout.match(/layer-not-understood(?! )/g)).toHaveLength(2);
  expect(stdout).toContain("`package.json` and `values.yaml` are not a layer");
  expect(stdout).not.toMatch(/portico-rendered|ci\.yml/);
});

test("a missing folder, a file, and invalid files are the subject of the finding", async () => {
  const cwd = folderWith({ "edge/haproxy.cfg": CONFIG, "edge/main.tf": 'resource "aws_elb" {{\n' });
  const gone = await portico(["check", "--layers", "gone"], { cwd });
  expect(gone.stdout).toContain("`gone` cannot be read: there is no such file or folder");
  expect(gone.stdout).toContain("Name a folder that contains layers");
  expect(gone.status).toBe(2);
  const broken = await portico(["check", "--layers", "edge"], { cwd });
  expect(broken.stdout).toContain("`main.tf` does not parse");
  expect(broken.stdout).toContain("the rest was checked without it");
});

test.each([
  [
    "is truncated in the middle of a line",
    CONFIG.replace(/10\.0\.0\.7:8080\n$/, ""),
    "ends in the middle of a line",
  ],
  [
    "begins with a byte order mark",
    `\uFEFFglobal\n  maxconn 100\n\n${CONFIG}`,
    "begins with a byte order mark",
  ],
])("a haproxy.cfg that %s is reported once, not again with HAProxy's message", async (_, text, expected) => {
  const cwd = folderWith({ "haproxy.cfg": text });
  const { stdout, status } = await portico(["check", "--layers", "."], { cwd });
  expect(stdout).toContain(expected);
  expect(stdout).not.toContain("error  haproxy-refuses");
  expect(status).toBe(1);
});

test("a line with an environment variable is validated with the user's environment only under --trust, and named otherwise", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG.replace("*:8080", '"*:${PORTICO_TEST_PORT}"') });
  const without = await portico(["check", "--layers", "."], { cwd });
  expect(without.stdout).toContain("the value of `PORTICO_TEST_PORT` is not known");
  expect(without.stdout).not.toContain("error  haproxy-refuses");
  const run = (port: string, ...options: readonly string[]) =>
    portico(["check", "--layers", ".", ...options], { cwd, env: { PORTICO_TEST_PORT: port } }).then(
      ({ stdout }) => stdout,
    );
  expect(await run("none")).toContain("the value of `PORTICO_TEST_PORT` is not known");
  expect(await run("8080", "--trust")).not.toContain("PORTICO_TEST_PORT` holds");
  expect(await run("none", "--trust")).toContain("error  haproxy-refuses");
});

test("stats without a password: each place once, at the line with the path or the one that enables the page", async () => {
  const cwd = folderWith({
    "haproxy.cfg": `${CONFIG}\nlisten stats\n  bind *:8404\n  stats uri /s\n  stats refresh 5s\n`,
  });
  const { stdout } = await portico(["check", "--layers", "."], { cwd });
  expect(stdout).toContain("haproxy.cfg:19:3");
  expect(stdout).not.toContain("stats refresh");
});

test("hosts that are compared in the same way are one finding", async () => {
  const hosts = CONFIG.replace(
    "  default_backend",
    "  acl a hdr(host) a.example.com\n  acl b hdr(host) b.example.com\n  use_backend app if a\n  use_backend app if b\n  default_backend",
  );
  const { stdout } = await portico(["check", "--layers", "."], { cwd: folderWith({ "haproxy.cfg": hosts }) });
  expect(stdout.match(/^warning {2}host-compared-with-port/gm)).toHaveLength(1);
  expect(stdout).toMatch(/does not match `a\.example\.com`, and the same holds for 1\s+other name/);
  expect(stdout).toContain("acl b hdr(host) b.example.com");
});

test("a plain port that redirects every request forwards no header", async () => {
  const unwritten = CONFIG.replace(/ {2}http-request set-header X-Forwarded-(For|Proto).*\n/g, "");
  const redirects = unwritten.replace(
    "  default_",
    "  http-request redirect scheme https unless { ssl_fc }\n  default_",
  );
  const run = (text: string) =>
    portico(["check", "--layers", "."], { cwd: folderWith({ "haproxy.cfg": text }) }).then(
      ({ stdout }) => stdout,
    );
  expect(await run(unwritten)).toContain("forwarded-headers-passed");
  expect(await run(redirects)).not.toContain("forwarded-headers-passed");
});

test("only Terraform: it is checked, without HAProxy", async () => {
  const cwd = folderWith({ "main.tf": 'resource "aws_elb" "app" {\n  name = "app"\n}\n' });
  const { stdout } = await portico(["check", "--layers", "."], { cwd });
  expect(stdout).toMatch(/; no haproxy\.cfg for HAProxy to check\n$/);
});

test("a folder of layers that is passed as a description is reported as one", async () => {
  const cwd = folderWith({ "edge/haproxy.cfg": CONFIG });
  const { stdout, stderr, status } = await portico(["check", "edge"], { cwd });
  expect(stdout + stderr).toContain("write `--layers edge`");
  expect(status).toBe(2);
});

test("the summary does not claim that HAProxy accepts a file that it refuses or did not check", async () => {
  const cwd = folderWith({
    "quote/haproxy.cfg": CONFIG.replace("bind *:8080", 'bind "*:8080'),
    "mark/haproxy.cfg": `\uFEFF${CONFIG}`,
    "version/haproxy.cfg": CONFIG.replace("  option httpchk", "  reqadd X-Edge:\\ 1"),
    "version/Dockerfile": "FROM debian:bookworm-slim\nRUN apt-get install -y haproxy\n",
    "lua/haproxy.cfg": `global\n  lua-load /etc/haproxy/a.lua\n${CONFIG.replace("_backend app", "_backend none")}`,
    "filter/haproxy.cfg": CONFIG.replace(
      "  option httpchk",
      "  filter spoe engine a config /etc/haproxy/a.conf",
    ),
  });
  const last = async (folder: string, ...options: readonly string[]) =>
    (await portico(["check", "--layers", folder, ...options], { cwd })).stdout.trimEnd().split("\n").at(-1);
  for (const folder of ["quote", "mark", "version"])
    expect(await last(folder)).toMatch(/; HAProxy \S+ refuses at least one file$/);
  expect(await last("lua")).toMatch(
    /; HAProxy \S+ refuses at least one file; not validated: line 2 `lua-load`$/,
  );
  expect(await last("filter")).toMatch(
    /; HAProxy \S+ accepts all lines that it checked; not validated: line \d+ `filter spoe`$/,
  );
  for (const folder of ["lua", "filter"])
    expect(await last(folder, "--trust")).toMatch(/; HAProxy \S+ validated no file$/);
});

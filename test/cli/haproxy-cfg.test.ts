// A single haproxy.cfg as the input of commands: requests enter at its binds.
import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { folderWith, portico } from "./portico.ts";

const DEFAULTS = `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout http-request 10s
`;

const MINIMAL = `${DEFAULTS}
frontend web
  bind *:80
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  acl office src 198.51.100.0/24
  http-request deny if { path /admin } !office
  http-request redirect location http://app.example.com/port-%[dst_port] if { path /port }
  default_backend app

backend app
  server app 10.0.0.7:8080
`;

/** Every kind of bind, and files that are not here. */
const MANY = `global
  log /dev/log local0
  chroot /var/lib/haproxy
  stats socket /run/haproxy/admin.sock mode 660 level admin
  user haproxy
  lua-load /etc/haproxy/auth.lua
  ssl-dh-param-file /etc/haproxy/dhparam.pem

${DEFAULTS}  errorfile 503 /etc/haproxy/errors/503.http

frontend web
  bind *:80
  bind *:443 ssl crt /etc/haproxy/certs/ alpn h2,http/1.1
  http-request redirect scheme https unless { ssl_fc }
  use_backend %[req.hdr(host),lower,map(/etc/haproxy/maps/hosts.map,app)]

frontend proxied
  bind 10.0.0.5:8080 accept-proxy
  http-request deny unless { src 203.0.113.0/24 }
  default_backend app

frontend admission
  bind *:8081
  tcp-request connection reject if !{ src 198.51.100.0/24 }
  default_backend app

frontend local
  bind unix@/run/haproxy/local.sock
  http-request return status 204 if { path /local }
  default_backend app

frontend from-load-balancer
  bind *:8082
  acl balancer src 10.1.0.0/16
  tcp-request connection expect-proxy layer4 if balancer
  http-request deny if { src 198.51.100.7 }
  default_backend app

listen passthrough
  bind :8443
  mode tcp
  tcp-request inspect-delay 2s
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend tls if { req.ssl_sni -i secure.example.com }
  server plain 10.0.0.9:443 send-proxy-v2

listen stats
  bind 127.0.0.1:9000
  stats enable
  stats uri /

backend app
  server app 10.0.0.7:8080

backend tls
  mode tcp
  server tls 10.0.0.8:443
`;

const EXPECTED_OF_MANY = `
- { get: "http://app.example.com/a", status: 302, location: "https://app.example.com/a" }
- { get: "https://app.example.com/a", status: 200, backend: app }
- { get: "http://app.example.com:8080/", status: 200, backend: app }
- { get: "http://10.0.0.5:8080/", from: 192.0.2.1, status: 403 }
- { get: "http://x/", through: proxied, from: 192.0.2.1, status: 403 }
- { get: "http://x:8081/", refused: true }
- { get: "http://x:8081/", from: 198.51.100.3, status: 200 }
- { get: "http://x/local", through: local, status: 204 }
- { get: "http://x:8082/", status: 200 }
- { get: "http://x:8082/", from: 198.51.100.7, status: 403 }
- { get: "https://secure.example.com:8443/", backend: tls }
- { get: "https://other.example.com:8443/", backend: passthrough }
- { get: "http://x/", through: stats, status: 200 }
- { get: "http://x:81/", refused: true }
`;

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  const run = (cwd: string, ...args: readonly string[]) => portico([...args, "--haproxy", path], { cwd });

  test("check: the findings of the file alone", async () => {
    const cwd = folderWith({ "haproxy.cfg": MINIMAL, "service.yaml": "kind: [" });
    const { status, stdout } = await run(cwd, "check", "haproxy.cfg");
    expect(stdout).toContain("haproxy.cfg:13:3");
    expect(stdout).toContain("path-rule-bypassed");
    expect(stdout).not.toContain("service.yaml");
    expect(stdout).toMatch(/\nhaproxy\.cfg: 1 warning; HAProxy \S+ accepts all lines that it checked\n$/);
    expect(status).toBe(1);
  });

  test("test: requests enter at the bind, and HAProxy sees their client", async () => {
    const cwd = folderWith({
      "haproxy.cfg": MINIMAL,
      "expect.yaml": `
- { get: "http://app.example.com/", backend: app, seen: { headers: { x-forwarded-for: 203.0.113.7 } } }
- { get: "http://app.example.com/admin", status: 403 }
- { get: "http://app.example.com/admin", from: 198.51.100.9, backend: app }
- { get: "http://app.example.com/port", through: web, location: "http://app.example.com/port-80" }
- { get: "http://app.example.com:81/", refused: true }
`,
    });
    const { status, stdout, stderr } = await run(cwd, "test", "haproxy.cfg", "--expect", "expect.yaml");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^frontend web, bind \*:80\n\n/);
    expect(stdout).toContain("5 of 5 expectations as expected");
    expect(status).toBe(0);
  });

  test("test: PROXY, TLS, sockets, `listen`, `mode tcp`, and files that are not here", async () => {
    const cwd = folderWith({ "edge/haproxy.cfg": MANY, "expect.yaml": EXPECTED_OF_MANY });
    const { status, stdout, stderr } = await run(cwd, "test", "edge/haproxy.cfg", "--expect", "expect.yaml");
    expect(stderr).toBe("");
    expect(stdout).toContain("14 of 14 expectations as expected");
    expect(stdout).toContain("not run: edge/haproxy.cfg:6 `lua-load`. The directive loads code");
    expect(stdout).toContain("not run: edge/haproxy.cfg:7 `ssl-dh-param-file`.");
    expect(stdout).toContain(
      "not here: edge/haproxy.cfg:15 `/etc/haproxy/errors/503.http`. The file is not here",
    );
    expect(stdout).toContain(
      "not here: edge/haproxy.cfg:21 `/etc/haproxy/maps/hosts.map`. The file is not here",
    );
    // What was not run may decide answers.
    expect(status).toBe(1);
  });

  test("diff: a condition on the client address", async () => {
    const cwd = folderWith({ "a.cfg": MINIMAL, "b/b.cfg": MINIMAL.replace("100.0/24", "0.0/16") });
    const { status, stdout } = await run(cwd, "diff", "a.cfg", "b/b.cfg", "--exit-code");
    expect(stdout).toMatch(
      /\/admin, from 198\.51\.0\.0\/16 but not 198\.51\.100\.0\/24 +403 +→ app +b\/b\.cfg:12 \(changed\)\n/,
    );
    expect(stdout).toMatch(/\/admin .*from 198\.51\.0\.1: 403 → 200 from app\n/);
    expect(stdout).toContain("Examined: frontend web, bind *:80\n");
    expect(status).toBe(1);
  });
});

const run = (cwd: string, ...args: readonly string[]) => portico(args, { cwd });

test("files that the configuration names are read from its folder, by the longest end of their path", async () => {
  const cwd = folderWith({
    "edge/haproxy.cfg": `${MANY}\nbackend other\n  server other 10.0.0.4:80\n`,
    "edge/maps/hosts.map": "two.example.com other\n",
    "hosts.map": "one.example.com other\n",
    "expect.yaml": `
- { get: "https://one.example.com/", backend: app }
- { get: "https://two.example.com/", backend: other }
`,
  });
  const { stdout } = await run(cwd, "test", "edge/haproxy.cfg", "--expect", "expect.yaml");
  expect(stdout).toContain("2 of 2 expectations as expected");
  expect(stdout).not.toContain("hosts.map");
});

test("a file of the machine is not read, though the configuration names it", async () => {
  const cwd = folderWith({
    "haproxy.cfg": MINIMAL.replace("{ path /admin }", "{ path,map(/etc/passwd) -m found }"),
    "expect.yaml": '- { get: "http://x/", backend: app }\n',
  });
  const { stdout } = await run(cwd, "test", "haproxy.cfg", "--expect", "expect.yaml");
  expect(stdout).toContain("not here: haproxy.cfg:13 `/etc/passwd`.");
});

test("a name without the ending, a link, and `--layers` with the file", async () => {
  const cwd = folderWith({
    "edge/load-balancer": MINIMAL,
    "expect.yaml": '- { get: "http://x/", status: 200 }\n',
  });
  symlinkSync(join(cwd, "edge/load-balancer"), join(cwd, "link"));
  for (const args of [["edge/load-balancer"], ["link"], ["--layers", "edge/load-balancer"]]) {
    expect((await run(cwd, "check", ...args)).stdout).toContain(`${args.at(-1)}:13:3`);
    expect((await run(cwd, "test", ...args, "--expect", "expect.yaml")).status).toBe(0);
  }
});

test("check --fix corrects the file", async () => {
  const cwd = folderWith({ "edge/haproxy.cfg": MINIMAL.replace("  timeout http-request 10s\n", "") });
  const { stderr } = await run(cwd, "check", "edge/haproxy.cfg", "--fix");
  expect(stderr).toMatch(/^fixed {2}edge\/haproxy\.cfg:\d+ /m);
  expect(readFileSync(join(cwd, "edge/haproxy.cfg"), "utf8")).toContain("timeout http-request");
});

test("diff: a git revision, before the name or in front of it", async () => {
  const cwd = folderWith({ "edge/haproxy.cfg": MINIMAL });
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=first");
  expect((await run(cwd, "diff", "main", "edge/haproxy.cfg")).stdout).toMatch(
    /^Nothing changes: the files are the same/,
  );
  writeFileSync(join(cwd, "edge/haproxy.cfg"), MINIMAL.replace("path /admin", "path /manage"));
  const named = await run(cwd, "diff", "main", "edge/haproxy.cfg");
  expect(named.stdout).toMatch(/\/manage, from not \S+ +→ app +403 +edge\/haproxy\.cfg:13 \(changed\)\n/);
  expect((await run(cwd, "diff", "main:edge/haproxy.cfg")).stdout).toBe(named.stdout);
  expect((await run(cwd, "diff", "main:edge/haproxy.cfg", "edge/haproxy.cfg")).stdout).toBe(named.stdout);
  const removed = await run(cwd, "diff", "edge/haproxy.cfg", "main:edge/haproxy.cfg");
  expect(removed.stdout).toMatch(/main:edge\/haproxy\.cfg:13 \(changed\)/);
});

test("diff: a frontend of another name on the same port is the same entrance", async () => {
  const renamed = MINIMAL.replace("frontend web", "frontend www");
  const cwd = folderWith({
    "a.cfg": MINIMAL,
    "b.cfg": renamed,
    "c.cfg": renamed.replace("path /admin", "path /manage"),
  });
  const changed = await run(cwd, "diff", "a.cfg", "c.cfg");
  expect(changed.stdout).toMatch(/^2 kinds of request change; HAProxy confirms each\n/);
  const { stdout } = await run(cwd, "diff", "a.cfg", "b.cfg");
  expect(stdout).toMatch(/^Routing does not change: proven for all requests\n/);
});

test("several frontends on one port: the expectation names one", async () => {
  const two = `${MINIMAL}\nfrontend other\n  bind 10.0.0.5:80\n  bind 10.0.0.6:81\n  http-request return status 204\n\nfrontend third\n  bind 10.0.0.7:81\n  default_backend app\n`;
  const cwd = folderWith({
    "haproxy.cfg": two,
    "expect.yaml": '- { get: "http://x:81/", status: 204 }\n',
    "named.yaml": `
- { get: "http://x/", status: 200 }
- { get: "http://10.0.0.5/", status: 204 }
- { get: "http://x:81/", through: other, status: 204 }
- { get: "http://10.0.0.7:81/", status: 200 }
`,
    "wrong.yaml":
      '- { get: "http://x/", through: othre, status: 204 }\n- { get: "http://x/", through: internal, status: 204 }\n',
  });
  const unnamed = await run(cwd, "test", "haproxy.cfg", "--expect", "expect.yaml");
  expect(unnamed.stderr).toContain("the frontends other, third all bind the port 81");
  expect(unnamed.status).toBe(2);
  expect((await run(cwd, "test", "haproxy.cfg", "--expect", "named.yaml")).stdout).toContain("4 of 4");
  const wrong = await run(cwd, "test", "haproxy.cfg", "--expect", "wrong.yaml");
  expect(wrong.stderr).toContain("there is no entrance `othre`");
  expect(wrong.stderr).toContain("Did you mean `other`?");
  expect(wrong.stderr).toContain("the edge has no internal entrance");
});

test("a failed expectation prints the command that explains it, with the input and the entrance", async () => {
  const cwd = folderWith({
    "haproxy.cfg": MINIMAL,
    "x.yaml": `expect:\n  - { get: "http://app.example.com/", headers: { X-A: "1 2" }, status: 499 }\n`,
  });
  const { status, stdout } = await portico(["test", "haproxy.cfg", "--expect", "x.yaml"], { cwd });
  expect(status).toBe(1);
  const [, command = ""] = /see +portico (.*)\n/.exec(stdout) ?? [];
  expect(command).toBe("explain GET http://app.example.com/ haproxy.cfg -H 'X-A: 1 2'");
  const folder = await portico(["test", "--layers", ".", "--expect", "x.yaml"], { cwd });
  expect(folder.stdout).toContain("portico explain GET http://app.example.com/ --layers . -H 'X-A: 1 2'\n");
  const explained = await portico(["explain", "GET", "http://app.example.com/", "haproxy.cfg"], { cwd });
  expect({ status: explained.status, stderr: explained.stderr }).toEqual({ status: 0, stderr: "" });
});

describe("what cannot be used is refused with the reason", () => {
  const cwd = folderWith({
    "haproxy.cfg": MINIMAL,
    "portico.yaml": "edge: app\n",
    "empty.cfg": "# nothing\n",
    "setup.cfg": "[metadata]\nname = app\n",
    "binary.cfg": Buffer.from([0, 1, 2, 255]),
    "notes.txt": "to do: frontend\n",
    "refused.cfg": MINIMAL.replace("default_backend app", "default_backend missing"),
    "expect.yaml": '- { get: "http://x/", status: 200 }\n',
    "folder.cfg/readme.md": "",
  });

  test.each([
    ["empty.cfg", "empty.cfg is empty"],
    ["setup.cfg", "setup.cfg has no section of a HAProxy configuration"],
    ["binary.cfg", "binary.cfg is not text"],
    ["notes.txt", "notes.txt is neither a description nor a HAProxy configuration"],
  ])("%s", async (file, says) => {
    for (const args of [
      ["check", file],
      ["test", file],
      ["diff", "haproxy.cfg", file],
      ["diff", file, file],
    ]) {
      const { status, stdout, stderr } = await run(cwd, ...args);
      expect(`${stdout}${stderr}`).toContain(says);
      expect(status).toBe(2);
    }
  });

  test.each([
    ["missing.cfg", "missing.cfg does not exist"],
    ["folder.cfg", "no description in folder.cfg"],
  ])("%s", async (file, says) => {
    expect(await run(cwd, "check", file)).toMatchObject({ status: 2, stdout: expect.stringContaining(says) });
    expect(await run(cwd, "test", file)).toMatchObject({ status: 2, stderr: expect.stringContaining(says) });
    expect((await run(cwd, "diff", "haproxy.cfg", file)).status).toBe(2);
  });

  test("a configuration that HAProxy refuses: its finding", async () => {
    const checked = await run(cwd, "check", "refused.cfg");
    expect(checked.stdout).toContain("haproxy-refuses");
    expect(checked.status).toBe(1);
    for (const args of [
      ["test", "refused.cfg", "--expect", "expect.yaml"],
      ["diff", "haproxy.cfg", "refused.cfg"],
    ]) {
      const { status, stderr } = await run(cwd, ...args);
      expect(stderr).toContain("haproxy-refuses");
      expect(stderr).toContain("refused.cfg");
      expect(status).toBe(2);
    }
  });

  test.each(["plan", "render", "status"])("`portico %s` needs a description", async (command) => {
    const { status, stderr } = await run(cwd, command, "haproxy.cfg");
    expect(stderr).toContain("haproxy.cfg is a HAProxy configuration, not a description");
    expect(status).toBe(2);
  });

  test("a test without expectations, and one file with a description", async () => {
    expect((await run(cwd, "test", "haproxy.cfg")).stderr).toContain(
      "haproxy.cfg needs expectations: add --expect",
    );
    expect((await run(cwd, "check", "portico.yaml", "--layers", "haproxy.cfg")).stderr).toContain(
      "haproxy.cfg is one file",
    );
  });
});

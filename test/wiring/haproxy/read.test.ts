// Reading the wiring from hand-written configurations.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { HaproxyAddress } from "../../../src/wiring/haproxy/address.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import type { HaproxyProxy, HaproxyWiring, Setting } from "../../../src/wiring/haproxy/wiring.ts";

const read = (text: string): HaproxyWiring => readHaproxyWiring(parseHaproxyConfig(text, "haproxy.cfg"));
const handWritten = read(readFileSync(new URL("hand-written.cfg", import.meta.url), "utf8"));
const example = new URL("../../../examples/hand-written/haproxy.cfg", import.meta.url);

const show = ({ kind, prefix, host, path, ports }: HaproxyAddress): string =>
  [kind, prefix && `${prefix}@`, host || path, ports && `:${ports.relative ?? ""}${ports.from}-${ports.to}`]
    .filter(Boolean)
    .join(" ");
const value = <T>(setting: Setting<T> | undefined): unknown =>
  setting && [setting.value, setting.from, setting.at.line];

function proxy(wiring: HaproxyWiring, name: string): HaproxyProxy {
  const found = wiring.proxies.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no proxy ${name}`);
  return found;
}

describe("addresses", () => {
  test.each([
    ["*:80", "any * :80-80"],
    [":80", "any :80-80"],
    [":::443", "ipv6 :: :443-443"],
    ["[::1]:443", "ipv6 ::1 :443-443"],
    ["::1", "ipv6 : :1-1"],
    ["127.0.0.1:80-90", "ipv4 127.0.0.1 :80-90"],
    ["10.0.0.1", "ipv4 10.0.0.1"],
    ["app.svc:+10", "name app.svc :+10-10"],
    ["app:8080/health", "name app :8080-8080"],
    ["app:8080x-8090y", "name app :8080-8090"],
    ["/run/a.sock", "path /run/a.sock"],
    ["unix@run/a.sock", "path unix@ run/a.sock"],
    ["quic4@:443", "any quic4@ :443-443"],
    ["tcp@10.0.0.1:53", "ipv4 tcp@ 10.0.0.1 :53-53"],
    ["abns@lists", "other abns@ lists"],
    ["fd@3", "other fd@ 3"],
    ['"${IP}:${PORT-80}"', "variable ${IP}:${PORT-80}"],
  ])("%s", (written, expected) => {
    expect(read(`frontend f\n bind ${written}\n`).binds.map((bind) => show(bind.address))).toEqual([
      expected,
    ]);
  });

  test("a bind line has several, each with its range in the word", () => {
    const binds = read("frontend f\n bind :80,/run/x.sock,10.0.0.1:81 accept-proxy\n").binds;
    expect(
      binds.map(({ address, acceptProxy }) => [show(address), address.start, address.end, acceptProxy]),
    ).toEqual([
      ["any :80-80", 0, 3, true],
      ["path /run/x.sock", 4, 15, true],
      ["ipv4 10.0.0.1 :81-81", 16, 27, true],
    ]);
  });
});

describe("a hand-written configuration", () => {
  test("proxies, their defaults and what they inherit", () => {
    expect(handWritten.proxies.map((p) => `${p.kind} ${p.name} from ${p.parent?.name}`)).toEqual([
      "frontend web from base",
      "frontend raw from plain",
      "listen stats from base",
      "backend app from base",
      "backend static from base",
      "backend relay from plain",
    ]);
    const relay = proxy(handWritten, "relay");
    expect(value(relay.mode)).toEqual(["tcp", "defaults", 33]);
    expect(value(relay.balance)).toEqual(["roundrobin", "defaults", 23]);
    expect([...relay.timeouts].map(([name, ms]) => [name, ms.value])).toEqual([
      ["connect", 250],
      ["client", 30_000],
      ["server", 30_000],
      ["http-request", 5000],
    ]);
    expect([...relay.options.keys()]).toEqual(["splice-auto", "tcp-check"]);
    expect(value(proxy(handWritten, "app").mode)).toEqual(["http", "defaults", 19]);
    expect(value(proxy(handWritten, "web").defaultBackend)).toEqual(["app", "section", 73]);
    expect(proxy(handWritten, "web").useBackends.map((use) => [use.name, use.condition?.text])).toEqual([
      ["static", "static"],
      ["%[path,map_beg(relative.map,app)]", undefined],
    ]);
  });

  test("binds, stats sockets included", () => {
    expect(
      handWritten.binds.map(
        ({ kind, owner, address, acceptProxy }) => `${kind} ${owner} ${show(address)} ${acceptProxy}`,
      ),
    ).toEqual([
      "stats global path /run/haproxy/admin.sock false",
      "stats global ipv4 ipv4@ 127.0.0.1 :9999-9999 false",
      "proxy web any * :80-80 false",
      "proxy web any * :8080-8080 false",
      "proxy web ipv4 127.0.0.1 :8443-8443 false",
      "proxy web ipv6 :: :8000-8002 true",
      "proxy web path unix@ /run/haproxy/web sock false",
      "proxy raw ipv4 10.1.2.3 :9000-9000 false",
      "proxy stats any * :26999-26999 false",
    ]);
    expect(handWritten.binds[0]?.level).toBe("admin");
    expect(handWritten.binds[2]?.name).toBe("plain");
    expect(handWritten.binds[4]).toMatchObject({
      ssl: true,
      certificates: ["/etc/haproxy/certs/site.pem", "/etc/haproxy/certs/"],
      certificateLists: ["/etc/haproxy/certs/list"],
      caFile: "/etc/haproxy/certs/ca.pem",
      alpn: ["h2", "http/1.1"],
      id: "7",
    });
    expect(handWritten.binds[5]?.address.at).toEqual({
      file: "haproxy.cfg",
      line: 51,
      column: 7,
      length: 12,
    });
  });

  test("connections that require a PROXY header", () => {
    expect(proxy(handWritten, "web").expectProxy.map((rule) => rule.condition?.text)).toEqual([
      "trusted",
      "{ src 172.16.0.0/12 } !blocked",
    ]);
    expect(handWritten.sources.map((source) => [source.value, source.decidesProxy, source.acl])).toEqual([
      ["10.0.0.0/8", false, undefined],
      ["10.0.0.0/8", true, "trusted"],
      ["192.168.0.0/16", true, "trusted"],
      ["203.0.113.0/24", false, "blocked"],
      ["172.16.0.0/12", true, undefined],
      ["198.51.100.7", false, undefined],
    ]);
  });

  test("a condition that excludes sources from requiring a PROXY header", () => {
    const { sources } = read(
      "frontend f\n acl lan src 10.0.0.0/8\n acl far src 1.2.3.4\n" +
        " tcp-request connection expect-proxy layer4 unless lan or ! { src 9.9.9.9 } or !far\n",
    );
    expect(sources.map((source) => [source.value, source.decidesProxy])).toEqual([
      ["10.0.0.0/8", false],
      ["1.2.3.4", true],
      ["9.9.9.9", true],
    ]);
  });

  test("servers with the settings of preceding default-server lines", () => {
    const rows = handWritten.servers.map((server) => [
      `${server.kind} ${server.owner}/${server.name} ${show(server.address)}`,
      [server.check && "check", server.backup && "backup", server.disabled && "disabled"]
        .filter(Boolean)
        .join(" "),
      server.sendProxy?.value,
    ]);
    expect(rows).toEqual([
      ["peers mates/one ipv4 10.0.0.1 :1024-1024", "", undefined],
      ["peers mates/two ipv4 10.0.0.2 :1024-1024", "", undefined],
      ["proxy stats/only ipv4 127.0.0.1 :8081-8081", "check disabled", undefined],
      ["proxy app/one name app.web.svc :9000-9000", "check", "v2"],
      ["proxy app/two ipv6 2001:db8::2 :9000-9000", "", "v2"],
      ["proxy app/three path /run/app.sock", "check backup", undefined],
      ["proxy app/more name app-headless.web.svc :9000-9000", "check", "v2"],
      ["proxy static/files ipv4 10.2.2.2 :80-80", "check", undefined],
      ["proxy relay/mail ipv4 10.3.3.3", "check", undefined],
    ]);
    const [one, two] = proxy(handWritten, "app").servers;
    // The word `check` after `cookie` is the cookie's value.
    expect(value(one?.cookie)).toEqual(["check", "section", 93]);
    expect(value(one?.resolvers)).toEqual(["dns", "defaults", 29]);
    expect(value(one?.initAddr)).toEqual(["none", "defaults", 29]);
    expect(value(one?.maxconn)).toEqual(["64", "default-server", 92]);
    expect(value(one?.checkPort)).toEqual(["9001", "section", 93]);
    expect(value(two?.track)).toEqual(["one", "section", 94]);
    expect(proxy(handWritten, "app").servers[3]?.template).toBe("1-3");
  });

  test("destinations of checks and source addresses", () => {
    expect(handWritten.checkTargets.map((c) => `${c.owner} ${c.server} ${c.what} ${c.value}`)).toEqual([
      "app undefined addr 10.9.9.9",
      "app undefined port 8443",
      "app one port 9001",
      "app one addr 10.5.5.5",
      "static files agent-addr 10.2.2.3",
      "static files agent-port 7000",
      "relay undefined port 25",
    ]);
    expect(handWritten.localAddresses.map((l) => `${l.owner} ${l.server} ${show(l.address)}`)).toEqual([
      "app undefined ipv4 10.7.7.7",
      "app two ipv4 10.8.8.8 :0-0",
    ]);
  });

  test("resolvers, stats pages, metrics, logs", () => {
    expect(handWritten.resolvers.map((r) => [r.name, r.nameServers.map((n) => show(n.address))])).toEqual([
      ["dns", ["ipv4 10.96.0.10 :53-53", "ipv4 tcp@ 10.96.0.11 :53-53"]],
    ]);
    const { stats } = proxy(handWritten, "stats");
    expect([stats?.uri.value, stats?.auth.map((auth) => auth.value)]).toEqual(["/stats", ["admin:secret"]]);
    expect(proxy(handWritten, "web").stats).toBeUndefined();
    expect(proxy(handWritten, "web").prometheus.map((rule) => rule.condition?.text)).toEqual([
      "{ path /metrics }",
    ]);
    expect(
      handWritten.logs.map((log) => [
        log.owner,
        log.target,
        log.lengthBytes,
        log.format,
        log.facility,
        log.level,
      ]),
    ).toEqual([
      ["global", "/dev/log", undefined, undefined, "local0", "info"],
      ["global", "127.0.0.1:514", 4096, "rfc5424", "local1", "notice"],
      ["global", "stdout", undefined, "raw", "local2", undefined],
      ["defaults base", "global", undefined, undefined, undefined, undefined],
    ]);
    expect(proxy(handWritten, "raw").logs.map((log) => log.inheritsGlobal)).toEqual([true]);
    expect(read("resolvers r\n parse-resolv-conf\n").resolvers[0]?.parseResolvConf?.line).toBe(2);
  });

  test("every path, and no text that only resembles one", () => {
    expect(handWritten.files.map((file) => `${file.role} ${file.path}`)).toEqual([
      "jail /var/lib/haproxy",
      "pid /run/haproxy.pid",
      "log-socket /dev/log",
      "socket /run/haproxy/admin.sock",
      "state /var/lib/haproxy/state file",
      "error-page /etc/haproxy/errors/503.http",
      "error-page /etc/haproxy/errors/404.http",
      "certificate /etc/haproxy/certs/site.pem",
      "certificate /etc/haproxy/certs/",
      "certificate-list /etc/haproxy/certs/list",
      "ca /etc/haproxy/certs/ca.pem",
      "socket /run/haproxy/web sock",
      "patterns /etc/haproxy/lists/blocked.lst",
      "patterns /etc/haproxy/lists/more blocked.lst",
      "patterns /etc/haproxy/lists/ends.lst",
      "patterns /etc/haproxy/lists/blocked.lst",
      "map /etc/haproxy/maps/hosts.map",
      "map /etc/haproxy/maps/pools, old.map",
      "map /etc/haproxy/maps/p.map",
      "map /etc/haproxy/maps/seen.map",
      "body /etc/haproxy/pages/403.txt",
      "body /etc/haproxy/pages/robots.txt",
      "error-page /etc/haproxy/errors/404.http",
      "map /etc/haproxy/maps/gone.map",
      "map relative.map",
      "socket /run/app.sock",
      "map /etc/haproxy/maps/paths.map",
    ]);
  });
});

test("names of JavaScript's object properties are ordinary words", () => {
  const { servers, binds } = read(
    "constructor x\nbackend b\n constructor s 10.0.0.1:80\n server toString constructor:80 constructor check\n bind :80 __proto__ ssl\n",
  );
  expect(servers.map((server) => [server.name, server.address.host, server.check])).toEqual([
    ["toString", "constructor", true],
  ]);
  expect(binds.map((bind) => bind.ssl)).toEqual([true]);
});

describe("paths in other directives", () => {
  test.each([
    ["global", "lua-load /a.lua arg", "lua /a.lua"],
    ["global", "lua-prepend-path /l/?.lua", "lua /l/?.lua"],
    ["global", "crt-base /c", "base-directory /c"],
    ["global", "default-path origin /c", "base-directory /c"],
    ["global", "default-path config", ""],
    ["global", "unix-bind mode 600 prefix /s user me", "socket-prefix /s"],
    ["global", "httpclient.ssl.ca-file @system-ca", ""],
    ["backend b", "server-state-file-name use-backend-name", ""],
    ["backend b", "server s h:1 ssl ca-file /ca crt /c crl-file /l", "ca /ca|certificate /c|crl /l"],
    ["backend b", "server s h:1 cookie crt ca-file /ca", "ca /ca"],
    ["backend b", "default-server ca-file /ca", "ca /ca"],
    ["backend b", "http-error status 500 lf-file /p", "body /p"],
    ["frontend f", "filter spoe engine e config /spoe.cfg", "filter /spoe.cfg"],
    ["frontend f", "acl a path -i -f opt@/l -f virt@l -f file@/m -- -f", "patterns /l|patterns /m"],
    ["frontend f", "http-request add-acl(/l) %[src]", "patterns /l"],
    ["frontend f", "http-request set-var(txn.a) txn.b,jwt_verify(txn.alg,/k.pem)", "keys /k.pem"],
    ["frontend f", 'http-request set-var(txn.a) txn.b,jwt_verify("HS256",/secret)', ""],
    ["frontend f", 'log-format "%ci %%[path,map(/no)] %{+Q}[path,map(/yes)]"', "map /yes"],
    ["frontend f", "http-request set-header if %[path,map(/a)] if { path,map(/b) x }", "map /a|map /b"],
    ["frontend f", "description path,map(/a)", ""],
    ["crt-store s", "load crt /c key /k ocsp /o alias a", "certificate /c|key /k|data /o"],
    ["ring r", "backing-file /r", "ring /r"],
  ])("%s: %s", (section, line, expected) => {
    const files = read(`${section}\n ${line}\n`).files;
    expect(files.map((file) => `${file.role} ${file.path}`).join("|")).toBe(expected);
  });
});

test("examples/hand-written is read in full", () => {
  const wiring = read(readFileSync(example, "utf8"));
  expect(wiring.binds.map((bind) => `${bind.owner} ${bind.address.text} ${bind.acceptProxy}`)).toEqual([
    "global /var/run/haproxy/admin.sock false",
    "plain *:10080 false",
    "tls *:10443 true",
    "stats *:10900 false",
  ]);
  expect(wiring.servers.map((server) => `${server.owner} ${server.address.text} ${server.check}`)).toEqual([
    "web parcels-web:8080 false",
    "api parcels-api:8080 true",
  ]);
  expect(wiring.files.map((file) => `${file.role} ${file.path}`)).toEqual([
    "jail /var/lib/haproxy",
    "log-socket /dev/log",
    "socket /var/run/haproxy/admin.sock",
    "map /etc/haproxy/moved.map",
    "map /etc/haproxy/moved.map",
  ]);
  const web = proxy(wiring, "web");
  expect([web.mode.value, web.timeouts.get("connect")?.value, web.options.get("httpchk")?.value]).toEqual([
    "http",
    75,
    ["GET", "/healthz"],
  ]);
  expect(proxy(wiring, "stats").stats?.uri.value).toBe("/haproxy");
  expect(wiring.logs.map((log) => [log.owner, log.address?.path, log.facility])).toEqual([
    ["global", "/dev/log", "local0"],
    ["defaults", undefined, undefined],
  ]);
});

test("an option httpchk with headers, as HAProxy 2.6 accepts it", () => {
  const printers = read(readFileSync(new URL("depots/printers.cfg", example), "utf8"));
  expect(proxy(printers, "labels").options.get("httpchk")?.value).toEqual([
    "GET",
    "/status",
    "HTTP/1.1\r\nHost: labels.brightquay.example",
  ]);
});

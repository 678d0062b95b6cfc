// The lab's rewriting changes only addresses and paths.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labCertificate } from "../../src/lab/certificates.ts";
import { type LabRewrites, rewriteForLab } from "../../src/lab/rewrite.ts";
import {
  type HaproxyConfig,
  parseHaproxyConfig,
  printHaproxyConfig,
} from "../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { queryHaproxy } from "../wiring/haproxy-readings.ts";
import { differences } from "./rewrite-differences.ts";

const parse = (text: string): HaproxyConfig => parseHaproxyConfig(text, "haproxy.cfg");
const rewrite = (text: string, rewrites: LabRewrites): string =>
  printHaproxyConfig(rewriteForLab(parse(text), rewrites));

const handWritten = [
  "../wiring/haproxy/hand-written.cfg",
  "../../examples/hand-written/haproxy.cfg",
  "../../examples/hand-written/depots/printers.cfg",
].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** Everything moved to one loopback network, ports under 1024 up by 10,000. */
function loopback(fileName: (path: string) => string): LabRewrites {
  const port = (at: number): number => (at < 1024 ? at + 10_000 : at);
  return {
    bind: ({ address: { kind, ports } }) =>
      ports && kind !== "path"
        ? `127.83.12.1:${port(ports.from)}${ports.to > ports.from ? `-${port(ports.to)}` : ""}`
        : undefined,
    server: ({ address }) =>
      address.path === undefined ? `127.83.12.9:${address.ports?.from ?? 1025}` : undefined,
    nameServer: () => "127.83.12.3:5353",
    check: ({ what }) => (what.endsWith("addr") ? "127.83.12.9" : "9999"),
    source: ({ decidesProxy }) => (decidesProxy ? "127.83.12.2" : undefined),
    localAddress: () => "127.83.12.1",
    log: ({ address }) => (address?.path === undefined ? "127.83.12.4:1514" : undefined),
    file: ({ path }) => (path.startsWith("/") ? fileName(path) : undefined),
    withoutRoot: true,
  };
}

describe("places", () => {
  test.each<[string, LabRewrites, string]>([
    [
      "frontend f\n bind *:80,:443 ssl # x\n",
      { bind: (b) => (b.address.ports?.from === 443 ? "127.0.0.1:10443" : undefined) },
      "frontend f\n bind *:80,127.0.0.1:10443 ssl # x\n",
    ],
    [
      "frontend f\n bind :::443 v4v6\n",
      { bind: () => "127.83.12.1:10443" },
      "frontend f\n bind 127.83.12.1:10443 v4v6\n",
    ],
    [
      "frontend f\n bind unix@/run/x mode 600\n",
      { file: () => "/lab/x" },
      "frontend f\n bind unix@/lab/x mode 600\n",
    ],
    [
      "frontend f\n bind /run/x\n",
      { bind: () => "127.0.0.1:1", file: () => "/lab/x" },
      "frontend f\n bind 127.0.0.1:1\n",
    ],
    [
      "global\n unix-bind prefix /run\nfrontend f\n bind /x\n",
      { file: (f) => `/lab${f.path}` },
      "global\n unix-bind prefix /lab/run\nfrontend f\n bind /x\n",
    ],
    [
      "backend b\n server s 'app:80' check port 81 addr 10.1.1.1\n",
      { server: () => "127.0.0.1:8080", check: (c) => (c.what === "port" ? "8081" : "127.0.0.1") },
      "backend b\n server s 127.0.0.1:8080 check port 8081 addr 127.0.0.1\n",
    ],
    [
      "backend b\n server-template s 1-3 app:80\n",
      { server: (s) => (s.template === "1-3" ? "127.0.0.1:8080" : undefined) },
      "backend b\n server-template s 1-3 127.0.0.1:8080\n",
    ],
    [
      "resolvers r\n nameserver n tcp@10.0.0.1:53\n",
      { nameServer: () => "127.0.0.1:5353" },
      "resolvers r\n nameserver n 127.0.0.1:5353\n",
    ],
    [
      "frontend f\n http-request set-header a '%[src,map_ip(/m,x)] it'\n",
      { file: () => "/lab/it's, so" },
      `frontend f\n http-request set-header a '%[src,map_ip('\\''/lab/it'\\''"'\\''"'\\''s, so'\\'',x)] it'\n`,
    ],
    [
      'frontend f\n http-request set-header a "$X %[src,map_ip(/m)] $Y"\n',
      { file: () => "/l ab/$m" },
      `frontend f\n http-request set-header a "$X %[src,map_ip('/l ab/\\$m')] $Y"\n`,
    ],
    [
      "frontend f\n acl a path -f opt@/l\n",
      { file: () => "/lab/l l" },
      "frontend f\n acl a path -f 'opt@/lab/l l'\n",
    ],
    [
      "global\n log /dev/log local0\n",
      { file: (f) => (f.role === "log-socket" ? "/lab/log" : undefined) },
      "global\n log /lab/log local0\n",
    ],
    [
      "global\n chroot /jail # why\n ulimit-n 99999\n user x\n stats socket /s user x mode 600\n",
      { withoutRoot: true },
      "global\n   # why\n  \n  \n stats socket /s   mode 600\n",
    ],
    [
      "global\n nbthread 4 # why\n nbthread 65\n thread-groups 2\n stats socket /s thread 3\nfrontend f\n bind :80 thread 2-4 ssl\n",
      { singleThread: true },
      "global\n nbthread 1 # why\n nbthread 65\n  \n stats socket /s  \nfrontend f\n bind :80   ssl\n",
    ],
  ])("%j", (before, rewrites, after) => {
    expect(rewrite(before, rewrites)).toBe(after);
  });
});

describe.each(handWritten)("%s", (file) => {
  const before = parse(readFileSync(file, "utf8"));

  test("without anything to rewrite every byte is unchanged", () => {
    expect(printHaproxyConfig(rewriteForLab(before, {}))).toBe(printHaproxyConfig(before));
  });

  test("only addresses, paths and settings that need root differ", () => {
    const after = rewriteForLab(
      before,
      loopback((path) => `/lab dir/${basename(path)}`),
    );
    const found = differences(before, after);
    expect(found.filter((one) => one.kind === "other")).toEqual([]);
    const wiring = readHaproxyWiring(after);
    expect(
      wiring.binds.filter((bind) => bind.address.path === undefined && bind.address.host !== "127.83.12.1"),
    ).toEqual([]);
    expect(
      wiring.files.filter((one) => one.path.startsWith("/") && !one.path.startsWith("/lab dir/")),
    ).toEqual([]);
    // The two files differ in exactly these lines.
    const changed = before.lines.filter((line, index) => line.text !== after.lines[index]?.text);
    expect(new Set(found.map((one) => one.line))).toEqual(new Set(changed.map((line) => line.number)));
    expect(
      rewriteForLab(
        after,
        loopback((path) => path),
      ),
    ).toEqual(after);
  });
});

describe("differences", () => {
  const before = parse(
    'frontend f\n\tbind *:80,:81 # web\n\thttp-request set-header a "b %[src,map_ip(/m)]"\n',
  );

  test("have place, kind and both values", () => {
    const after = rewriteForLab(before, {
      bind: (b) => `127.0.0.1:80${b.address.ports?.from}`,
      file: () => "/n",
    });
    expect(differences(before, after)).toEqual([
      { line: 2, column: 7, before: "*:80", after: "127.0.0.1:8080", kind: "address" },
      { line: 2, column: 7, before: ":81", after: "127.0.0.1:8081", kind: "address" },
      { line: 3, column: 28, before: "/m", after: "/n", kind: "path" },
    ]);
  });

  test.each([
    ["another word", "*:80,:81 #", "*:80,:81 ssl #"],
    ["another blank", "\tbind", " bind"],
    ["another comment", "# web", "# net"],
    ["another keyword", "bind", "bund"],
    ["another text around a path", "b %[", "c %["],
    ["another line", "\tbind", "\n\tbind"],
    ["a missing line", "\tbind *:80,:81 # web\n", ""],
    ["another end of line", "web\n", "web\r\n"],
  ])("%s is neither an address nor a path", (_, old, now) => {
    const after = parse(printHaproxyConfig(before).replace(old, now));
    expect(differences(before, after).map((one) => one.kind)).toContain("other");
  });
});

describe("HAProxy", () => {
  test("loads the rewritten configuration, from the lab's folder", () => {
    const text = readFileSync(
      fileURLToPath(new URL("../wiring/haproxy/hand-written.cfg", import.meta.url)),
      "utf8",
    );
    const error = (status: number): string => `HTTP/1.0 ${status} Error\r\nContent-Length: 0\r\n\r\n`;
    const { certificate, key } = labCertificate(["app.example.com"]);
    const name = (path: string): string => `it's so ${basename(path)}`;
    const contents: Readonly<Record<string, string>> = {
      "503.http": error(503),
      "404.http": error(404),
      "site.pem": certificate + key,
      "state file": "1\n",
      "ca.pem": labCertificate(["app.example.com"]).certificate,
      "403.txt": "no\n",
      "robots.txt": "no\n",
    };
    const rewritten = rewrite(
      text.replace("relative.map", "/etc/relative.map").replace(" crt /etc/haproxy/certs/ ", " "),
      loopback((path) => `/FOLDER/${name(path)}`),
    );
    const files = readHaproxyWiring(parse(rewritten)).files.filter(
      (file) => !/socket|jail|pid/.test(file.role),
    );
    const { status, output } = queryHaproxy(
      rewritten,
      Object.fromEntries(files.map(({ path }) => [basename(path), contents[basename(path).slice(8)] ?? ""])),
    );
    expect(output).not.toMatch(/ALERT|WARNING/);
    expect(status).toBe(0);
  });

  const awkward = fc
    .string({ unit: fc.constantFrom(..."ab ,()'\"\\#$%[]{}é"), minLength: 1, maxLength: 8 })
    .map((name) => `m${name}.map`);
  const places = [
    "http-request set-var(txn.a) path,map(/m,none)",
    'http-request set-header a "$SET %[path,map(/m,none)]"',
    "http-request set-header a '%[path,map(/m)]'",
    "http-request set-header a %[path,lower,map_beg(\\'/m\\')]",
    "http-request deny if { path -f /m }",
    "acl a path,map_str(/m) -m found",
    "use_backend %[path,map(/m,none)]",
  ];

  test("opens the same file, whatever its name", () => {
    fc.assert(
      fc.property(awkward, fc.constantFrom(...places), (name, place) => {
        const text = `frontend f\n mode http\n timeout client 1s\n bind 127.0.0.1:65000\n ${place}\n`;
        expect(queryHaproxy(rewrite(text, { file: () => `/FOLDER/${name}` }), { [name]: "" })).toEqual({
          status: 0,
          output: expect.not.stringContaining("ALERT"),
        });
      }),
      { numRuns: 80 },
    );
  });
});

// Redirect loops of a haproxy.cfg: HAProxy redirects the request of each loop again and again, and other redirects end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { haproxyQueryDimensions } from "../../../src/space/haproxy/haproxy-query.ts";
import { haproxyRedirectLoops } from "../../../src/space/haproxy/redirect-loops.ts";
import type { RedirectLoop } from "../../../src/space/redirects/redirect-loops.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";
import { closed, HEAD, inTurns, MAPS_BESIDE, stub } from "./compare-with-haproxy.ts";
import { Chance, MAPS, RandomFrontend, SERVERS } from "./random-config.ts";
import { requestOfWitness, send } from "./requests.ts";

const SERVER = "backend app\n  server app 127.0.0.1:1\n";

/** Two frontends; HAProxy serves the one for HTTPS without TLS, on a socket. */
function edge(plain: readonly string[], https: readonly string[] = []): string {
  const section = (name: string, bind: string, lines: readonly string[]) =>
    [`frontend ${name}`, bind, ...lines, "default_backend app\n"].join("\n  ");
  return `${HEAD}${section("plain", "bind *:80", plain)}${section("https", "bind *:443 ssl crt x.pem", https)}${SERVER}`;
}

function loopsIn(config: string, files: (path: string) => string | undefined = () => undefined) {
  const formulas = new Formulas();
  const parsed = parseHaproxyConfig(config, "haproxy.cfg");
  const wiring = readHaproxyWiring(parsed);
  const program = evaluateHaproxy({ config: parsed, wiring, files }, formulas);
  const { listeners } = haproxyQueryDimensions({ wiring }, { trafficPaths: [] });
  return haproxyRedirectLoops(program, listeners, formulas);
}

const LOOPS: Readonly<Record<string, readonly [plain: readonly string[], https?: readonly string[]]>> = {
  "a fixed path": [["http-request redirect location /login if !{ cook(session) -m found }"]],
  "a fixed path in its own region": [["redirect location /b/c if { path_beg /b }"]],
  "a host that redirects to itself": [
    ["acl www hdr(host) -i www.example.com", "redirect location http://www.example.com/ if www"],
  ],
  "a path that grows": [["http-request redirect prefix /new if { path_beg /ne }"]],
  "the same path and query": [["http-request redirect location %[url] if { path_end .php }"]],
  "two that lead to each other": [
    ["redirect location /b if { path /a }", "redirect location /a if { path /b }"],
  ],
  "HTTPS and back": [
    ["redirect scheme https if { path_beg /shop }"],
    ["redirect scheme http if { path_beg /s }"],
  ],
  "a parameter that stays": [["redirect prefix / if { url_param(lang) de }"]],
  "a scheme of its own": [[], ["redirect scheme https code 301 unless { path /health }"]],
  "a path that is rewritten before": [
    ["http-request set-path /x%[path]", "http-request redirect location %[path] if { path_beg /x }"],
  ],
  "a path with a slash that stays": [["http-request redirect location /a/?x=1 if { path_beg /a }"]],
  "three that lead to each other": [
    [
      "redirect location /b if { path /a }",
      "redirect location /c if { path /b }",
      "redirect location /a if { path /c }",
    ],
  ],
  "five over HTTP and HTTPS, with a cookie": [
    [
      "redirect scheme https if { path_beg /a }",
      "redirect prefix http://a.example.com if { path /c } { hdr(host) b.example.com }",
      "redirect location /a if { path /c } { cook(old) 1 }",
    ],
    [
      "redirect location /b if { path /a } { hdr(host) a.example.com }",
      "redirect location http://b.example.com/c if { path /b }",
    ],
  ],
  "a method that stays": [["http-request redirect location /a code 308 if METH_POST"]],
  "a method that only a HEAD has": [["redirect location /a code 303 if { method HEAD }"]],
  "a fragment": [['redirect location "/#/login" if { path / }']],
  "a fragment after a query": [['redirect location "/a?x=1#top" if { path /a }']],
  "dot segments": [["redirect location /x/../dots if { path /dots }"]],
  "dot segments before the path": [["redirect prefix /x/%2e%2e if { path_beg /y }"]],
  "a returned Location": [["http-request return status 302 hdr Location /login if !{ cook(s) -m found }"]],
  "a returned Location with parts of the request": [
    ["http-request return status 308 hdr location /a%[path] hdr x-a 1 if { path_beg /a }"],
  ],
  "hosts by prefix": [
    [
      "redirect prefix http://example.com if { hdr_beg(host) -i www. }",
      "redirect prefix http://www.example.com if { hdr(host) -i example.com }",
    ],
  ],
  "a host by regular expression": [["redirect location http://m.example.com/ if { hdr_reg(host) ^m[.] }"]],
  "a host by substring": [["redirect location http://a.shop.example/ if { hdr_sub(host) .shop. }"]],
};

const ENDS: Readonly<Record<string, readonly [plain: readonly string[], https?: readonly string[]]>> = {
  "HTTPS alone": [["redirect scheme https if !{ ssl_fc }"], []],
  "another host": [["redirect prefix http://www.example.com if !{ hdr(host) -i www.example.com }"]],
  "a host that no condition names": [["redirect location http://www.example.com/"]],
  "a target that is excluded": [["redirect location /login if !{ cook(s) -m found } !{ path /login }"]],
  "a cookie that it sets": [["redirect location / set-cookie SEEN=1 if !{ cook(SEEN) 1 }"]],
  "a cookie that another rule sets": [
    ["redirect location / if !{ cook(SEEN) 1 }", "http-after-response add-header Set-Cookie SEEN=1"],
  ],
  "a rule before it takes the target": [
    ["http-request return status 200 if { path /login }", "http-request redirect location /login"],
  ],
  "a parameter that is dropped": [["redirect location / if { url_param(lang) de }"]],
  "a header of a proxy says how the client connected": [
    [
      "redirect prefix http://www.example.com if { hdr(host) www.example.com } { hdr(x-forwarded-proto) https }",
    ],
  ],
  "three of which the last excludes a cookie that the first requires": [
    [
      "redirect location /b if { path /a } { cook(old) 1 }",
      "redirect location /c if { path /b }",
      "redirect location /a if { path /c } !{ cook(old) 1 }",
    ],
  ],
  "a method that becomes GET": [["http-request redirect location /a code 302 if METH_POST"]],
  "another method that becomes GET": [["http-request redirect location /a code 303 if { method PUT }"]],
  "a fragment behind another path": [['redirect location "/#/login" if { path /login }']],
  "dot segments that lead elsewhere": [["redirect location /x/../a if { path_beg /x }"]],
  "a byte that browsers encode": [["redirect location /a{b} if { path /a{b} }"]],
  "a condition that holds for every host": [
    ["redirect location http://www.example.com/ if { hdr_reg(host) [a-z] }"],
  ],
  "a path that shrinks": [["http-request redirect location %[path,regsub(^/old,)] if { path_beg /old }"]],
};

test.each(Object.entries(ENDS))("no loop: %s", (_, [plain, https]) => {
  expect(loopsIn(edge(plain, https)).loops).toEqual([]);
});

/** Frontends of which the first redirects to a host that the second serves. */
function frontends(first: string, second: string, url: string): string {
  return `${HEAD}frontend old
  bind ${first}
  http-request redirect prefix ${url}
frontend main
  bind ${second}
  use_backend app if { hdr(host) -i www.example.com }
${SERVER}`;
}

test.each([
  ["plain HTTP", "*:8080", "*:80", "http://www.example.com"],
  ["HTTPS", "*:8443 ssl crt x.pem", "*:443 ssl crt x.pem", "https://www.example.com"],
  ["a port", "*:80", "*:8080", "http://www.example.com:8080"],
])("no loop: the target is the listener with its port, %s", (_, first, second, url) => {
  expect(loopsIn(frontends(first, second, url))).toEqual({ loops: [], isIncomplete: false });
});

test("a bind at another port is assumed behind the usual port where no other listener has that port", () => {
  const { loops } = loopsIn(frontends("*:8080", "*:9090", "http://www.example.com"));
  expect(loops[0]?.steps.map(({ url }) => url)).toEqual(["http://www.example.com/"]);
});

const UNKNOWN: Readonly<Record<string, string>> = {
  "frontends at the same port of two addresses": frontends(
    "10.0.0.1:80",
    "10.0.0.2:80",
    "http://www.example.com",
  ),
  "a rule that sets the Location of a redirect": edge([
    "http-request redirect location /b if { path /a }",
    "http-after-response set-header Location /a",
  ]),
  "a rule that sets the Location of a returned status": edge([
    "http-request return status 302 if { path /a }",
    "http-after-response set-header Location /a",
  ]),
  "a rule that makes a response a redirect": edge([
    "http-response set-header Location /a if { status 404 }",
    "http-response set-status 302 if { status 404 }",
  ]),
  "a converter": edge(["http-request redirect location %[path,regsub(a,b)] if { path_beg /a }"]),
  "a relative path": edge(["redirect location login if { path /a }"]),
  "two Location headers": edge(["http-request return status 302 hdr Location /a hdr location /b"]),
};

test.each(Object.entries(UNKNOWN))("the search is incomplete: %s", (_, config) => {
  expect(loopsIn(config)).toEqual({ loops: [], isIncomplete: true });
});

test.each([
  ["no Location", ["http-request return status 302 hdr X-A 1"]],
  ["another scheme", ["redirect location app://open if { path /a }"]],
  ["a rule that changes the Location of servers", ["http-response replace-header Location a b"]],
  ["HTTPS, with and without a Host and a port", ["http-request redirect scheme https"]],
])("the search is complete: %s", (_, lines) => {
  expect(loopsIn(edge(lines))).toEqual({ loops: [], isIncomplete: false });
});

describe.each(await findAllHaproxies())("HAProxy $version", ({ path: binary }) => {
  test("redirects the request of each loop again and again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "portico-loops-"));
    const cases = Object.entries(LOOPS);
    const sockets = (id: number) => ({ http: `${folder}/${id}-80`, https: `${folder}/${id}-443` });
    const config = cases.map(([, lines], id) => {
      const own = edge(...lines)
        .slice(HEAD.length)
        .replaceAll(/^(frontend \w+|backend app)|\bapp$/gm, (name) => `${name}-${id}`);
      const { http, https } = sockets(id);
      return own
        .replace("bind *:80", `bind unix@${http} accept-proxy`)
        .replace("bind *:443 ssl crt x.pem", `bind unix@${https} accept-proxy`)
        .replaceAll("backend app-", "backend app-");
    });
    const haproxy = await startHaproxy(binary, HEAD + config.join(""));
    const followed = await inTurns([...cases.entries()], async ([id, [name, lines]]) => {
      const [loop] = loopsIn(edge(...lines)).loops;
      return [name, loop && (await follow(loop, sockets(id)))] as const;
    });
    await haproxy.stop();
    await rm(folder, { recursive: true });
    expect(Object.fromEntries(followed)).toEqual(
      Object.fromEntries(cases.map(([name]) => [name, "redirected again and again"])),
    );
  });

  test.each([1, 2, 4])("redirects the requests of loops in random configurations, seed %i", async (seed) => {
    const chance = new Chance(seed);
    const folder = await mkdtemp(join(tmpdir(), "portico-loops-"));
    const frontends = Array.from({ length: 12 }, (_, id) => new RandomFrontend(chance, id));
    const config = [HEAD, ...frontends.map((one) => one.text())].join("\n").replaceAll("@FOLDER@", folder);
    const haproxy = await startHaproxy(binary, config, MAPS_BESIDE(folder));
    const names = frontends.flatMap(({ backends }) => backends);
    const stubs = await Promise.all(
      names.flatMap((name) => SERVERS.map((server) => stub(folder, name, server))),
    );
    const { loops } = loopsIn(config, (path) => MAPS[path.slice(folder.length + 1)]);
    const outcomes = await inTurns(loops, (loop) =>
      follow(loop, { http: (loop.witness.listener ?? "").slice(5) }),
    );
    await haproxy.stop();
    for (const server of stubs) server.close();
    await rm(folder, { recursive: true });
    expect(loops.length).toBeGreaterThan(0);
    expect([...new Set(outcomes)]).toEqual(["redirected again and again"]);
  });
});

/** Follows a loop three times, or a URL that grows for 20 steps. */
async function follow(
  { witness, steps, grows }: RedirectLoop,
  sockets: { readonly http: string; readonly https?: string },
): Promise<string> {
  const times = grows ? 20 : 3 * steps.length;
  let url = new URL(steps[0]?.url ?? "");
  for (let step = 0; step < times; step += 1) {
    const socket = sockets[url.protocol === "https:" ? "https" : "http"];
    const target = url.href.slice(url.origin.length);
    const asked = {
      ...requestOfWitness(witness),
      listener: `unix@${socket}`,
      method: witness.method,
      host: url.host,
      target,
    };
    const { answer, answered, status = 0 } = await send(asked).catch(closed);
    const location = answered.get("location");
    if (status < 300 || status > 399 || location === undefined) return `${url.href}: ${answer}`;
    const before = url;
    url = new URL(location, url);
    url.hash = "";
    if (!grows && url.href !== new URL(steps[(step + 1) % steps.length]?.url ?? "").href)
      return `${before.href}: ${answer} instead of ${steps[(step + 1) % steps.length]?.url}`;
  }
  return "redirected again and again";
}

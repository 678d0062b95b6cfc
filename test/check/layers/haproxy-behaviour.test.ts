// Behaviour of HAProxy that rules over haproxy.cfg rely on, tested on every installed version: UNIX sockets on both sides, so that no port is used.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestOptions, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { type RealHaproxy, startHaproxy } from "../../lab/real-haproxy.ts";

/** One line a frontend and its backend: lines of the frontend, then those of the backend, `;` between them. */
const FRONTENDS: Readonly<Record<string, readonly [front: string, back: string]>> = {
  "all-errors": ["", "retry-on all-retryable-errors"],
  "empty-response": ["", "retry-on empty-response"],
  "conn-failure": ["", "retry-on conn-failure"],
  "status-503": ["", "retry-on 503"],
  "no-retries": ["", "retries 0;retry-on all-retryable-errors"],
  "not-post": ["http-request disable-l7-retry if METH_POST", "retry-on all-retryable-errors"],
  "not-post-behind": ["", "retry-on all-retryable-errors;http-request disable-l7-retry if !METH_GET"],
  "cookie-plain": ["", "cookie S insert"],
  "cookie-flags": ["", "cookie S insert secure httponly"],
  "cookie-attr": ["", 'cookie S insert attr "Secure" attr "HttpOnly"'],
  "cookie-response": ["", 'cookie S insert;http-response replace-header Set-Cookie (.*) "\\1; Secure"'],
  "cookie-after": ["", 'cookie S insert;http-after-response replace-header Set-Cookie (.*) "\\1; Secure"'],
  "path-beg": ["http-request deny if { path_beg /admin }", ""],
  "path-exact": ["http-request deny if { path /admin }", ""],
  "path-dir": ["http-request deny if { path_dir admin }", ""],
  "path-sub": ["http-request deny if { path_sub /admin }", ""],
  "path-reg": ["http-request deny if { path_reg ^/admin }", ""],
  "path-decoded": ["http-request deny if { path,url_dec -m beg /admin }", ""],
  "path-other": ["http-request deny if !{ path_beg /public }", ""],
  "url-beg": ["http-request deny if { url_beg /admin }", ""],
  untracked: ["http-request deny if { sc_http_req_rate(0) ge 0 }", ""],
  "untracked-zero": ["http-request deny unless { sc_http_req_rate(0) gt 0 }", ""],
  tracked: ["http-request track-sc0 path table rates;http-request deny if { sc_http_req_rate(0) ge 1 }", ""],
  late: ["http-request deny if { sc_http_req_rate(0) ge 1 };http-request track-sc0 path table rates", ""],
  "first-dead": ["", "FIRST-DEAD"],
  twice: ["", "TWICE"],
  "no-values": ["", "NO-VALUES"],
  "one-value": ["", "ONE-VALUE"],
  "same-values": ["", "SAME-VALUES"],
  "no-key": ["", "NO-KEY"],
};

const SPELLINGS = ["/admin", "//admin", "/./admin", "/x/../admin", "/%61dmin", "/public/../admin"];

describe.each(await findAllHaproxies())("HAProxy $version", ({ path: binary }) => {
  let folder = "";
  let backend: Server;
  let haproxy: RealHaproxy;
  const seen = new Map<string, number>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "portico-asked-"));
    backend = createServer((incoming, answer) => {
      const key = `${incoming.headers["x-frontend"]} ${incoming.method} ${incoming.url}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      if (incoming.url === "/drop") incoming.socket.destroy();
      else answer.writeHead(incoming.url === "/503" ? 503 : 200).end(incoming.headers["x-server"]);
    });
    await new Promise<void>((done) => backend.listen(join(folder, "server"), done));
    haproxy = await startHaproxy(binary, configuration(folder));
  });

  afterAll(async () => {
    await haproxy.stop();
    backend.closeAllConnections();
    backend.close();
    await rm(folder, { recursive: true, force: true });
  });

  const send = (frontend: string, path: string, method = "GET", headers: Record<string, string> = {}) =>
    answerOf({ socketPath: join(folder, frontend), path, method, headers, agent: false });

  test.each([
    ["all-errors", "/drop", 3],
    ["empty-response", "/drop", 3],
    ["conn-failure", "/drop", 1],
    ["status-503", "/503", 3],
    ["no-retries", "/drop", 1],
    ["not-post", "/drop", 1],
    ["not-post-behind", "/drop", 1],
  ])("a POST that the server has read is sent again: %s", async (frontend, path, times) => {
    await send(frontend, path, "POST");
    expect(seen.get(`${frontend} POST ${path}`)).toBe(times);
  });

  test.each([
    ["cookie-plain", []],
    ["cookie-flags", ["HttpOnly", "Secure"]],
    ["cookie-attr", ["HttpOnly", "Secure"]],
    // Runs before the cookie is inserted.
    ["cookie-response", []],
    ["cookie-after", ["Secure"]],
  ])("flags of an inserted cookie: %s", async (frontend, flags) => {
    const { headers } = await send(frontend, "/");
    const words = (headers["set-cookie"] ?? []).join(";").split(/; */);
    expect(words).toContain("S=one");
    expect(words.filter((word) => ["HttpOnly", "Secure"].includes(word)).toSorted()).toEqual(flags);
  });

  test.each([
    ["path-beg", ["//admin", "/./admin", "/x/../admin", "/%61dmin", "/public/../admin"]],
    ["path-exact", ["//admin", "/./admin", "/x/../admin", "/%61dmin", "/public/../admin"]],
    ["path-dir", ["/%61dmin"]],
    ["path-sub", ["/%61dmin"]],
    ["path-reg", ["//admin", "/./admin", "/x/../admin", "/%61dmin", "/public/../admin"]],
    ["path-decoded", ["//admin", "/./admin", "/x/../admin", "/public/../admin"]],
    ["path-other", ["/public/../admin"]],
    ["url-beg", ["//admin", "/./admin", "/x/../admin", "/%61dmin", "/public/../admin"]],
  ])("spellings that bypass %s and reach the server unchanged", async (frontend, slipped) => {
    const passed: string[] = [];
    for (const path of SPELLINGS) {
      const { statusCode } = await send(frontend, path);
      if (statusCode !== 403) passed.push(path);
      expect(seen.has(`${frontend} GET ${path}`)).toBe(statusCode === 200);
    }
    expect(passed).toEqual(slipped);
  });

  test("a counter that no rule tracks never matches, not even `ge 0`", async () => {
    expect((await send("untracked", "/")).statusCode).toBe(200);
    expect((await send("untracked-zero", "/")).statusCode).toBe(403);
    expect((await send("tracked", "/tracked")).statusCode).toBe(403);
    // The rule comes before the one that tracks: the second request is counted, but still allowed.
    expect((await send("late", "/late")).statusCode).toBe(200);
    expect((await send("late", "/late")).statusCode).toBe(200);
  });

  test("a failed server without `check` still gets its share", async () => {
    const statuses: (number | undefined)[] = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await send("first-dead", "/")).statusCode);
    expect(statuses.toSorted()).toEqual([200, 200, 503, 503]);
  });

  test("an address on two server lines gets two shares", async () => {
    const names: string[] = [];
    for (let count = 0; count < 3; count += 1) names.push((await send("twice", "/")).body);
    expect(names.toSorted()).toEqual(["a", "b", "c"]);
  });

  test.each([
    // No server has a value, or `dynamic` has no key.
    ["no-values", ["a", "b", "a", "b", "a", "b"]],
    ["no-key", ["a", "b", "a", "b", "a", "b"]],
    // The other server is used until the client has a cookie.
    ["one-value", ["a", "b", "b", "b", "b", "b"]],
    ["same-values", ["a", "a", "a", "a", "a", "a"]],
  ])("the servers that a client with a cookie jar reaches: %s", async (frontend, expected) => {
    const names: string[] = [];
    let cookie = "";
    for (const _ of expected) {
      const { body, headers } = await send(frontend, "/", "GET", { cookie });
      names.push(body);
      cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? cookie;
    }
    expect(names).toEqual(expected);
  });

  test("a client with the cookie of another server of the same value reaches the first", async () => {
    const first = await send("same-values", "/");
    const second = await send("same-values", "/");
    expect([first.body, second.body].toSorted()).toEqual(["a", "b"]);
    const again = await Promise.all(
      [1, 2].map(() => send("same-values", "/", "GET", { cookie: "S=x" }).then(({ body }) => body)),
    );
    expect(again).toEqual(["a", "a"]);
  });

  test("the stats page accepts changes from a form of another site", async () => {
    const authorization = `Basic ${Buffer.from("ops:secret").toString("base64")}`;
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const { headers: answer } = await answerOf(
      { socketPath: join(folder, "stats"), path: "/", method: "POST", headers, agent: false },
      "s=one&action=drain&b=stats-target",
    );
    expect(answer.location).toContain("st=DONE");
  });
});

function configuration(folder: string): string {
  const proxies = Object.entries(FRONTENDS).map(([name, [front, back]]) => {
    const server = `unix@${folder}/server`;
    const servers: Readonly<Record<string, readonly string[]>> = {
      "FIRST-DEAD": [`server dead unix@${folder}/nobody`, `server one ${server}`],
      TWICE: ["a", "b", "c"].map((one) => `server ${one} ${server}`),
      "NO-VALUES": ["cookie S insert", `server a ${server}`, `server b ${server}`],
      "ONE-VALUE": ["cookie S insert", `server a ${server}`, `server b ${server} cookie b`],
      "SAME-VALUES": ["cookie S insert", ...["a", "b"].map((one) => `server ${one} ${server} cookie x`)],
      "NO-KEY": ["cookie S insert dynamic", `server a ${server}`, `server b ${server}`],
    };
    return [
      `frontend ${name}`,
      `bind unix@${folder}/${name}`,
      ...front.split(";"),
      `http-request set-header X-Frontend ${name}`,
      `default_backend ${name}-servers`,
      `backend ${name}-servers`,
      ...(servers[back] ?? [...lines(back), `server one ${server} cookie one`]),
      "http-send-name-header X-Server",
    ];
  });
  return [
    "global",
    "maxconn 200",
    "defaults",
    "mode http",
    "balance roundrobin",
    "retries 2",
    "timeout connect 1s",
    "timeout client 5s",
    "timeout server 5s",
    "backend rates",
    "stick-table type string size 100 expire 1m store http_req_rate(1m)",
    "listen stats",
    `bind unix@${folder}/stats`,
    "stats enable",
    "stats uri /",
    "stats auth ops:secret",
    "stats admin if TRUE",
    "backend stats-target",
    `server one unix@${folder}/server`,
    ...proxies.flat(),
    "",
  ].join("\n");
}

/** A `;` between parentheses or quotes belongs to its line. */
function lines(text: string): readonly string[] {
  return text.split(/;(?! )/);
}

function answerOf(options: RequestOptions, body = ""): Promise<IncomingMessage & { readonly body: string }> {
  return new Promise((done, fail) => {
    const sent = request(options, async (answer) => {
      done(Object.assign(answer, { body: await text(answer) }));
    });
    sent.once("error", fail);
    sent.end(body);
  });
}

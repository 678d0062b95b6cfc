// How the edge interprets a request target, byte for byte: spellings of restricted paths, URLs, `*`, CONNECT; over HTTP/1.1 and HTTP/2.
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "../../../src/description/define-edge.ts";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { decide } from "../../../src/model/decide.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned, type Routes } from "../../model/planned.ts";

/** Denies every client: a request that a backend answers has bypassed the restriction. */
const RESTRICTED: Routes = [{ path: "/admin", deny: ["0.0.0.0/0", "::/0"], to: "app" }, { to: "app" }];
const SITES: Edge["sites"] = [
  { host: "closed.test", routes: RESTRICTED },
  { host: "limited.test", routes: [{ path: "/up", maxBody: "5B", to: "app" }, { to: "app" }] },
  { host: "method.test", routes: [{ path: "/form", method: "POST", to: "app" }, { to: "app" }] },
  { host: "gone.test", routes: [{ path: "/x", respond: { status: 403 } }, { to: "app" }] },
  { host: "open.test", routes: [{ path: "/api", to: "api" }, { to: "app" }] },
  { host: "allowed.test", ambiguousPaths: "allow", routes: RESTRICTED },
  { host: "asked.test", ambiguousPaths: "refuse", routes: [{ to: "app" }] },
  { host: "tunnel.test", routes: [{ method: "CONNECT", to: "api" }, { to: "app" }] },
];
const plan = planned({ public: { loadBalancer: "none" }, sites: SITES });
const asIs = planned({ public: { loadBalancer: "none" }, paths: "as-is", sites: SITES });
const withCatchAll = planned({
  public: { loadBalancer: "none" },
  sites: [...SITES, { host: "*", routes: [{ path: "/api", to: "api" }, { to: "app" }] }],
});
const redirecting = planned({
  public: {
    loadBalancer: "none",
    tls: { terminatedAt: "haproxy", certificates: [{ file: "/etc/tls/all.pem", hosts: ["closed.test"] }] },
  },
  sites: SITES.slice(0, 1),
});

/** For HAProxy each differs from /admin; for some server it is the same path. */
const AMBIGUOUS = [
  "/admin%2fusers",
  "/admin%2Fusers",
  "/%2fadmin/users",
  "/x/..%2fadmin",
  "/\\admin",
  "/x\\..\\admin",
  "/admin%5cusers",
  "/x/..%5Cadmin",
  "/admin;x",
  "/admin;x=1/users",
  "/x/..;/admin",
  "/;/admin",
  "/admin%3bx",
  "/admin%0a",
  "/admin%09",
  "/%1fadmin",
  "/admin%7F",
  "/%252fadmin",
  "/x/%252e%252e/admin",
  "/%2561dmin",
];
/** Characters that are valid in paths, and parts outside the path. */
const PLAIN = ["/a%20b", "/a%C3%A9", "/a:b@c,d=e!$&'()*+", "/50%25", "/a?x=%2f;\\%5c%00", "/~a.b-c_d"];

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  const get = (host: string, target: string, method = "GET") =>
    answerOf(lab, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

  it.each(["closed.test", "limited.test", "method.test", "gone.test", "asked.test"])(
    "answers 400 to ambiguous paths of %s",
    async (host) => {
      for (const target of AMBIGUOUS) expect(await get(host, target), target).toBe("400");
      for (const target of PLAIN) expect(await get(host, target), target).toBe("200 app");
    },
  );

  it.each(["open.test", "allowed.test", "tunnel.test"])("interprets them as %s, unchanged", async (host) => {
    for (const target of AMBIGUOUS) expect(await get(host, target), target).toBe("200 app");
    expect(
      lab
        .backends("app")[0]
        ?.seen.slice(-2)
        .map(({ target }) => target),
    ).toEqual(["/x/%252e%252e/admin", "/%2561dmin"]);
  });

  it("answers 404 to an ambiguous path outside every site", async () => {
    expect(await get("other.test", "/admin%2fx")).toBe("404");
  });

  it.each([
    ["GET open.test/admin HTTP/1.1", "400"],
    ["GET admin HTTP/1.1", "400"],
    ["GET * HTTP/1.1", "400"],
    ["POST * HTTP/1.1", "400"],
    ["OPTIONS *x HTTP/1.1", "400"],
    ["OPTIONS * HTTP/1.1", "200 app"],
    ["GET ?q HTTP/1.1", "400"],
    ["GET \\admin HTTP/1.1", "400"],
    ["GET http://open.test/x HTTP/1.1", "200 app"],
    ["GET http://open.test//api?a//b HTTP/1.1", "200 api"],
    ["GET http://open.test HTTP/1.1", "200 app"],
    ["OPTIONS http://open.test HTTP/1.1", "200 app"],
    ["GET https://open.test/x HTTP/1.1", "200 app"],
    ["GET HTTP://open.test/x HTTP/1.1", "200 app"],
    ["GET http://open.test?q HTTP/1.1", "400"],
    ["GET http://user@open.test/x HTTP/1.1", "400"],
    ["GET http://user:secret@open.test/x HTTP/1.1", "400"],
    ["GET ws://open.test/x HTTP/1.1", "400"],
    ["GET ftp://open.test/x HTTP/1.1", "400"],
    ["GET file:///etc/passwd HTTP/1.1", "400"],
    ["GET http:///x HTTP/1.1", "400"],
    ["GET http:/x HTTP/1.1", "400"],
    ["GET http://closed.test/x HTTP/1.1", "400"],
    ["CONNECT open.test:80 HTTP/1.1", "405"],
    ["CONNECT open.test:443 HTTP/1.1", "405"],
    ["CONNECT open.test:80 HTTP/1.0", "405"],
    ["CONNECT open.test:80/admin HTTP/1.1", "400"],
    ["CONNECT http://open.test/x HTTP/1.1", "400"],
    ["CONNECT /api HTTP/1.1", "400"],
  ])("answers %s with %s, as the model does", async (requestLine, expected) => {
    expect(await answerOf(lab, `${requestLine}\r\nHost: open.test\r\n\r\n`)).toBe(expected);
    expect(modelled(requestLine)).toBe(expected);
  });

  it("opens a tunnel only on a route with the method CONNECT", async () => {
    const connectTo = (host: string) => answerOf(lab, `CONNECT ${host}:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(await connectTo("tunnel.test")).toBe("200 api");
    expect(lab.backends("api")[0]?.seen.at(-1)).toMatchObject({ method: "CONNECT" });
    expect([await connectTo("closed.test"), await connectTo("other.test")]).toEqual(["405", "405"]);
    expect(await get("tunnel.test", "/")).toBe("200 app");
  });

  it("answers the same over HTTP/2", async () => {
    const { host, port } = bindOf(lab);
    const session = connectHttp2(`http://${host}:${port}`);
    const ask = async (headers: Readonly<Record<string, string>>) => {
      const stream = session.request(headers, { endStream: true });
      stream.on("error", () => {});
      const [response] = (await once(stream, "response")) as [{ readonly ":status"?: number }];
      stream.close();
      return response[":status"];
    };
    const path = (target: string, more: Readonly<Record<string, string>> = {}) =>
      ask({ ":method": "GET", ":scheme": "http", ":authority": "closed.test", ":path": target, ...more });
    const tunnel = (authority: string) => ask({ ":method": "CONNECT", ":authority": authority });
    try {
      for (const target of AMBIGUOUS) expect(await path(target), target).toBe(400);
      for (const target of PLAIN) expect(await path(target), target).toBe(200);
      expect(await path("/caf\u00e9")).toBe(400);
      expect(await path("/admin")).toBe(403);
      expect([await path("/", { ":scheme": "ftp" }), await path("/", { ":scheme": "ws" })]).toEqual([
        400, 400,
      ]);
      expect(await path("/", { ":scheme": "https" })).toBe(200);
      expect([await tunnel("closed.test:80"), await tunnel("closed.test")]).toEqual([405, 405]);
      expect(await tunnel("tunnel.test:80")).toBe(200);
    } finally {
      session.destroy();
    }
  });

  it("with `paths: as-is` refuses the same, and leaves other paths unchanged", async () => {
    const other = await openLabOf(asIs, { haproxy });
    try {
      const ask = (line: string, host: string) => answerOf(other, `${line}\r\nHost: ${host}\r\n\r\n`);
      for (const target of AMBIGUOUS)
        expect(await ask(`GET ${target} HTTP/1.1`, "closed.test"), target).toBe("400");
      for (const target of [...AMBIGUOUS, "//x/%7e/%zz"])
        expect(await ask(`GET ${target} HTTP/1.1`, "open.test"), target).toBe("200 app");
      expect(other.backends("app")[0]?.seen.at(-1)?.target).toBe("//x/%7e/%zz");
      for (const line of ["GET * HTTP/1.1", "GET open.test/x HTTP/1.1", "GET ws://open.test/ HTTP/1.1"])
        expect(await ask(line, "open.test"), line).toBe("400");
      for (const line of [
        "OPTIONS * HTTP/1.1",
        "GET http://open.test HTTP/1.1",
        "GET HTTP://open.test/x HTTP/1.1",
      ])
        expect(await ask(line, "open.test"), line).toBe("200 app");
      expect(await ask("CONNECT open.test:80 HTTP/1.1", "open.test")).toBe("405");
    } finally {
      await other.close();
    }
  });

  it("refuses a URL without a Host, which a catch-all would match and a backend would read as the URL's host", async () => {
    const other = await openLabOf(withCatchAll, { haproxy });
    try {
      for (const [requestLine, expected] of [
        ["GET http://closed.test/admin HTTP/1.1", "400"],
        ["GET http://closed.test/admin HTTP/1.0", "400"],
        ["GET HTTPS://closed.test/admin HTTP/1.1", "400"],
        ["GET http://closed.test HTTP/1.1", "400"],
        ["POST http://method.test/form HTTP/1.1", "400"],
        ["GET http://other.test:8080/api HTTP/1.1", "400"],
        ["GET /admin HTTP/1.0", "200 app"],
        ["GET /http://x HTTP/1.0", "200 app"],
        ["CONNECT httpbin.test:80 HTTP/1.1", "405"],
        ["OPTIONS * HTTP/1.0", "200 app"],
      ] as const) {
        expect(await answerOf(other, `${requestLine}\r\n\r\n`), requestLine).toBe(expected);
        expect(modelled(requestLine, [], withCatchAll), requestLine).toBe(expected);
      }
      const whole = "GET http://other.test/api HTTP/1.1";
      expect(await answerOf(other, `${whole}\r\nHost: other.test\r\n\r\n`)).toBe("200 api");
      expect(modelled(whole, ["other.test"], withCatchAll)).toBe("200 api");
    } finally {
      await other.close();
    }
  });

  it("refuses before the plain port redirects to https", async () => {
    const other = await openLabOf(redirecting, { haproxy });
    try {
      const ask = (line: string) => answerOf(other, `${line}\r\nHost: closed.test\r\n\r\n`);
      expect([
        await ask("GET /admin%2fx HTTP/1.1"),
        await ask("GET * HTTP/1.1"),
        await ask("CONNECT closed.test:80 HTTP/1.1"),
        await ask("GET /admin/x HTTP/1.1"),
      ]).toEqual(["400", "400", "405", "301"]);
    } finally {
      await other.close();
    }
  });
});

function modelled(requestLine: string, hosts = ["open.test"], of = plan): string {
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = hosts.map((host) => ["Host", host] as const);
  const { status, backends } = decide(of, {
    listener: "http",
    method,
    target,
    headers,
    client: "203.0.113.7",
  });
  return status === null ? `200 ${backends[0]?.pool}` : String(status);
}

function bindOf(lab: Lab) {
  return lab.places.bind(lab.plan.listeners.find(({ name }) => name === "http")?.port.value ?? 0);
}

/** The status, and the backend that sent it. */
async function answerOf(lab: Lab, request: string): Promise<string> {
  const { host, port } = bindOf(lab);
  const socket = connect(port, host);
  let text = "";
  socket.write(request, "latin1");
  const seen = new Map(["app", "api"].map((name) => [name, lab.backends(name)[0]?.seen.length]));
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes("\r\n\r\n")) break;
  }
  const status = text.split(" ")[1] ?? "none";
  const [backend] = [...seen].find(([name, before]) => lab.backends(name)[0]?.seen.length !== before) ?? [];
  return backend === undefined ? status : `${status} ${backend}`;
}

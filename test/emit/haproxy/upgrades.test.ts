// Which requests become tunnels, over HTTP/1.1 and HTTP/2: WebSocket handshakes on routes with `websocket: true`, and no others.
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned, site } from "../../model/planned.ts";

const plan = planned({
  public: {
    loadBalancer: "none",
    plainHttp: "serve",
    tls: { terminatedAt: "haproxy", certificates: [{ file: "/etc/haproxy/site.pem" }] },
  },
  sites: site([
    { path: "/ws", to: "api", websocket: true },
    { path: "/asks", header: { upgrade: { present: true } }, to: "next" },
    { path: "/asks", to: "app" },
    { to: "app" },
  ]),
  backends: {
    app: { servers: ["10.0.0.7:8080"] },
    api: { servers: ["10.0.0.8:8080"] },
    next: { servers: ["10.0.0.9:8080"] },
  },
});
const [HTTP, HTTPS] = [8080, 8443];
const KEY = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"];

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  const opens = async (path: string) =>
    (await lab.request(`http://a.test${path}`, { webSocket: true })).status;

  test("a handshake opens a WebSocket on a route with `websocket: true`, and is a plain request elsewhere", async () => {
    expect([await opens("/ws"), await opens("/"), await opens("/asks")]).toEqual([101, 200, 200]);
    expect(seenAt(lab, "next", "/asks")).toMatchObject([{ upgrade: undefined, connection: undefined }]);
  });

  test.each([
    ["another protocol", ["Connection: Upgrade", "Upgrade: foo"]],
    ["two protocols", ["Connection: Upgrade", "Upgrade: foo, websocket", ...KEY]],
    ["two lines", ["Connection: Upgrade", "Upgrade: websocket", "Upgrade: foo", ...KEY]],
    ["HTTP/2", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]],
    ["no Connection", ["Upgrade: websocket", ...KEY]],
    ["a body", ["Connection: Upgrade", "Upgrade: websocket", ...KEY, "Content-Length: 1"]],
  ])("%s is removed, also on a route for WebSockets", async (name, headers) => {
    const path = `/ws?${encodeURIComponent(name)}`;
    const body = headers.includes("Content-Length: 1") ? "x" : "";
    expect(await raw(lab, `GET ${path} HTTP/1.1`, headers, "", body)).toMatch(/^HTTP\/1.1 200 /);
    expect(seenAt(lab, "api", path)).toEqual([
      { upgrade: undefined, connection: undefined, "http2-settings": undefined },
    ]);
  });

  test.each([["h2c, websocket"], ["WebSocket"], ["websocket,,H2"]])(
    "Upgrade: %s is a handshake, and the backend sees `websocket`",
    async (protocol) => {
      const path = `/ws?${encodeURIComponent(protocol)}`;
      const headers = ["Connection: close, X-Forwarded-For, upgrade", `Upgrade: ${protocol}`, ...KEY];
      expect(await raw(lab, `GET ${path} HTTP/1.1`, headers)).toMatch(/^HTTP\/1.1 101 /);
      expect(seenAt(lab, "api", path)).toMatchObject([{ upgrade: "websocket", connection: "upgrade" }]);
    },
  );

  test.each([
    ["that was requested", ["Connection: Upgrade", "Upgrade: websocket", ...KEY]],
    ["in another protocol", ["Connection: Upgrade", "Upgrade: foo"]],
    ["that was not requested", []],
  ])("a backend's 101 %s opens no tunnel on another route", async (_, headers) => {
    const server = lab.backends("app")[0];
    if (server === undefined) throw new Error("no backend");
    server.behave({
      status: 101,
      headers: [
        ["Connection", "Upgrade"],
        ["Upgrade", "websocket"],
        // Without it HAProxy itself refuses the response.
        ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
      ],
      body: "",
    });
    const before = { ...server.counts };
    const text = await raw(lab, "GET /plain HTTP/1.1", headers, "TUNNEL\r\n\r\n");
    server.behave({});
    expect(text).toMatch(/^HTTP\/1.1 502 /);
    expect(text).not.toContain(" 101 ");
    expect(server.counts).toMatchObject({ requests: before.requests + 1, malformed: before.malformed });
  });

  describe("HTTP/2", () => {
    let session: ClientHttp2Session;
    beforeAll(async () => {
      const { host, port } = lab.places.bind(HTTPS);
      session = connectHttp2("https://a.test", {
        createConnection: () =>
          connectTls({ host, port, servername: "a.test", ALPNProtocols: ["h2"], rejectUnauthorized: false }),
      });
      await once(session, "remoteSettings");
    });
    afterAll(() => session.destroy());

    const extended = (path: string, protocol: string) =>
      new Promise<{ status: number; echo: string }>((resolve, reject) => {
        const stream = session.request(
          {
            ":method": "CONNECT",
            ":protocol": protocol,
            ":scheme": "https",
            ":path": path,
            ":authority": "a.test",
          },
          { endStream: false },
        );
        let status = 0;
        stream.once("error", reject);
        stream.once("response", (fields) => {
          status = Number(fields[":status"]);
          if (status !== 200) stream.end();
          else stream.write("hello");
        });
        stream.on("data", (chunk: Buffer) => {
          if (status === 200) stream.destroy();
          resolve({ status, echo: status === 200 ? chunk.toString() : "" });
        });
      });

    test("extended CONNECT opens a WebSocket on a route with `websocket: true`", async () => {
      expect(await extended("/ws?h2", "websocket")).toEqual({ status: 200, echo: "hello" });
      expect(seenAt(lab, "api", "/ws?h2")).toMatchObject([{ upgrade: "websocket", connection: "upgrade" }]);
    });

    test.each([
      ["/h2", "websocket"],
      ["/asks?h2", "websocket"],
      ["/ws?h2-foo", "foo"],
      ["/ws?h2-udp", "connect-udp"],
    ])("%s as %s is refused with 501, and reaches no backend", async (path, protocol) => {
      expect((await extended(path, protocol)).status).toBe(501);
      expect(["app", "api", "next"].flatMap((name) => seenAt(lab, name, path))).toEqual([]);
    });
  });

  describe("Connection", () => {
    test("cannot name headers that the edge sets, and leaves the client's connection open", async () => {
      const first = ["Connection: keep-alive, X-Forwarded-For, X-Forwarded-Proto"];
      const text = await raw(
        lab,
        "GET /named HTTP/1.1",
        first,
        "GET /next HTTP/1.1\r\nHost: a.test\r\nConnection: close, Host\r\n\r\n",
      );
      expect(text.match(/HTTP\/1.1 200 /g)).toHaveLength(2);
      for (const path of ["/named", "/next"])
        expect(seenAt(lab, "app", path)).toMatchObject([{ connection: undefined }]);
      const [named] = lab.backends("app")[0]?.seen.filter(({ target }) => target === "/named") ?? [];
      expect(named?.headers.filter(([name]) => /^x-forwarded/i.test(name)).length).toBe(2);
    });

    test("close closes, and HTTP/1.0 stays open only with keep-alive", async () => {
      const next = "GET /again HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
      const answers = async (line: string, headers: readonly string[]) =>
        (await raw(lab, line, headers, next)).match(/HTTP\/1.1 200 /g)?.length;
      expect(await answers("GET / HTTP/1.1", ["Connection: close"])).toBe(1);
      expect(await answers("GET / HTTP/1.1", ["Connection: close, keep-alive"])).toBe(1);
      expect(await answers("GET / HTTP/1.0", [])).toBe(1);
      expect(await answers("GET / HTTP/1.0", ["Connection: keep-alive"])).toBe(2);
    });
  });
});

/** The connection headers of requests for a target, as a backend received them. */
function seenAt(lab: Lab, backend: string, target: string) {
  return (lab.backends(backend)[0]?.seen ?? [])
    .filter((request) => request.target === target)
    .map(({ headers }) => {
      const value = (name: string) =>
        headers.find(([other]) => other.toLowerCase() === name)?.[1].toLowerCase();
      return {
        upgrade: value("upgrade"),
        connection: value("connection"),
        "http2-settings": value("http2-settings"),
      };
    });
}

/** Sends a request on the plain port, and `then` once the response has begun: returns the response until the first headers end, or with `then` until the close. */
async function raw(
  lab: Lab,
  line: string,
  headers: readonly string[],
  then = "",
  body = "",
): Promise<string> {
  const { host, port } = lab.places.bind(HTTP);
  const socket = connect({ host, port });
  socket.on("error", () => undefined);
  socket.write(`${line}\r\nHost: a.test\r\n${headers.map((text) => `${text}\r\n`).join("")}\r\n${body}`);
  let text = "";
  for await (const chunk of socket) {
    if (text === "" && then !== "") socket.write(then);
    text += String(chunk);
    if (then === "" && text.includes("\r\n\r\n")) break;
  }
  socket.destroy();
  return text;
}

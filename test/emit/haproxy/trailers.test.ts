// Trailers of requests on a real HAProxy: 3.2 and newer drop them, 2.6 and 3.0 forward them, as docs/concepts/security.md says.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../../../security/bypass/client.ts";
import { type Edge, guardedPlan, startEdge } from "../../../security/bypass/edge.ts";
import { data, headersFrame, PREFACE } from "../../../security/bypass/http2-frames.ts";
import { claimNetwork } from "../../../src/lab/network.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

const network = await claimNetwork();
const folder = mkdtempSync(join(tmpdir(), "portico-trailers-"));
let received = "";
let backend: Server;

beforeAll(async () => {
  backend = createServer((socket) => {
    let own = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      own += chunk.toString("latin1");
      if (!/\r\n0\r\n([^\r\n]+\r\n)*\r\n$/.test(own)) return;
      received = own;
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
  }).listen(0, network.address(1));
  await once(backend, "listening");
});

afterAll(async () => {
  backend.close();
  await network.release();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  const forwards = haproxy.branch === "2.6" || haproxy.branch === "3.0";
  let edge: Edge;
  beforeAll(async () => {
    const { address, port } = backend.address() as AddressInfo;
    const at = { haproxy, host: network.address(2), folder: join(folder, haproxy.branch) };
    edge = await startEdge(await guardedPlan(), { ...at, backend: `${address}:${port}` });
  });
  afterAll(() => edge.stop());

  test.each(["Trailer: x-real-ip\r\n", ""])("of a chunked body, announced by '%s'", async (announced) => {
    const head = `POST /any HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n${announced}`;
    received = "";
    const answer = await ask(
      edge.endpoints.http1,
      Buffer.from(`${head}\r\n1\r\nx\r\n0\r\nX-Real-IP: 6.6.6.6\r\n\r\n`),
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(received.includes("6.6.6.6")).toBe(forwards);
  });

  test("of HTTP/2", async () => {
    const request = headersFrame(
      [
        [":method", "POST"],
        [":scheme", "https"],
        [":path", "/any"],
        [":authority", "app.example.com"],
      ],
      { last: false },
    );
    const trailers = headersFrame([["x-real-ip", "6.6.6.6"]], { last: true });
    received = "";
    await ask(
      edge.endpoints.http2,
      Buffer.concat([PREFACE, request, data(Buffer.from("x"), { last: false }), trailers]),
    );
    expect(received).toContain("POST /any");
    expect(received.includes("6.6.6.6")).toBe(forwards);
  });
});

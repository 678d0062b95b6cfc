// A WebSocket through the lab's client: it is open only after a valid handshake and an echoed message.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Endpoint } from "../../src/lab/network.ts";
import { openBackend } from "../../src/lab/stubs/backend.ts";
import { exchangeOverWebSocket, HANDSHAKE } from "../../src/lab/web-socket.ts";
import { opened, testClient, testNetwork } from "./simulators/lab-fixture.ts";

const handshakeTo = (to: Endpoint) => ({
  to,
  method: "GET",
  target: "/ws",
  headers: [["Host", "a.example"] as const, ...HANDSHAKE],
});

test("is open when the message is echoed", async () => {
  const network = await testNetwork();
  const backend = await opened(openBackend({ name: "echo", listen: await network.listenAt(10) }));
  expect(await exchangeOverWebSocket(testClient(), handshakeTo(backend.endpoint))).toMatchObject({
    status: 101,
  });
});

test("is the response otherwise", async () => {
  const network = await testNetwork();
  const backend = await opened(
    openBackend({ name: "plain", listen: await network.listenAt(10), webSocket: false }),
  );
  expect(await exchangeOverWebSocket(testClient(), handshakeTo(backend.endpoint))).toMatchObject({
    status: 200,
  });
});

const lateOrWrong: readonly (readonly [string, string, (socket: Socket) => void])[] = [
  ["another Sec-WebSocket-Accept", "malformed", (socket) => socket.write(switching("bm90IHRoaXMgb25l"))],
  [
    "a close after the handshake",
    "closed-without-answer",
    (socket) => socket.once("data", (head) => socket.end(switching(acceptOf(head)))),
  ],
  [
    "another message",
    "closed-without-answer",
    (socket) => socket.once("data", (head) => socket.write(`${switching(acceptOf(head))}another message`)),
  ],
];

test.each(lateOrWrong)("is not open with %s", async (_what, failed, behave) => {
  const server = createServer(behave).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  expect(
    await exchangeOverWebSocket(testClient(), handshakeTo({ host: "127.0.0.1", port: address.port })),
  ).toMatchObject({ failed });
});

function switching(accept: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** RFC 6455 section 4.2.2, for the key of a handshake. */
function acceptOf(head: Buffer): string {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(head.toString("latin1"))?.[1] ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

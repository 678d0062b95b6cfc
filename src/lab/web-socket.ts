// A WebSocket through the edge: the handshake, and one message that is echoed.
import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Answer, NoAnswer } from "./http/answer.ts";
import type { LabClient, LabRequest } from "./http/client.ts";
import { headerValue } from "./http/message.ts";

/** How long the message may take; all of the lab is on one machine. */
const ECHO_TIMEOUT_MS = 5000;
/** RFC 6455 section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The same in every handshake, so that the model gets exactly the request that is sent. */
const KEY = Buffer.from("portico's lab: 1").toString("base64");

/** The headers of a WebSocket handshake (RFC 6455 section 4.1). */
export const HANDSHAKE: LabRequest["headers"] = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", KEY],
];

/**
 * Sends a request, with `HANDSHAKE` among its headers. After a 101 also sends a message, which must be echoed; other
 * answers are returned as they are.
 */
export async function exchangeOverWebSocket(
  client: LabClient,
  request: LabRequest,
): Promise<Answer | NoAnswer> {
  const upgraded = await client.upgrade(request);
  if (upgraded.failed !== undefined) return upgraded;
  const { answer, stream } = upgraded;
  if (stream === undefined) return answer;
  try {
    const accept = createHash("sha1").update(`${KEY}${ACCEPT_SUFFIX}`).digest("base64");
    if (headerValue(answer.headers, "sec-websocket-accept") !== accept) {
      return {
        failed: "malformed",
        message: "the answer to the WebSocket handshake has another Sec-WebSocket-Accept (RFC 6455, 4.2.2)",
      };
    }
    return (await isEchoed(stream, textFrame("portico")))
      ? answer
      : {
          failed: "closed-without-answer",
          message: "the WebSocket opened, but the message was not echoed",
        };
  } finally {
    stream.destroy();
  }
}

/** A complete, masked text message of at most 125 bytes (RFC 6455 section 5.2). */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
}

/** The lab's backends echo every byte. */
function isEchoed(stream: Duplex, message: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const settle = (outcome: boolean) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const timer = setTimeout(() => settle(false), ECHO_TIMEOUT_MS);
    stream.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= message.length) settle(received.equals(message));
    });
    stream.on("error", () => settle(false));
    stream.on("close", () => settle(false));
    stream.write(message);
  });
}

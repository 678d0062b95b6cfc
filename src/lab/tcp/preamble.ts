// Takes a PROXY header off the front of a socket, and leaves everything behind it to the next reader.
import type { Socket } from "node:net";
import { type ProxyHeader, parseProxyHeader } from "./proxy-protocol.ts";

/** Either the header, or in words why there was none; then the socket is useless. */
export type Preamble =
  | { readonly header: ProxyHeader; readonly malformed?: undefined }
  | { readonly malformed: string };

/**
 * Resolves as soon as the header is there, or cannot come any more. The socket is left paused, with the bytes behind
 * the header put back.
 */
export function takeProxyHeader(socket: Socket): Promise<Preamble> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    const settle = (preamble: Preamble) => {
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", onEnd);
      socket.pause();
      resolve(preamble);
    };
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const parsed = parseProxyHeader(received);
      if ("incomplete" in parsed) return;
      if ("malformed" in parsed) return settle(parsed);
      const rest = received.subarray(parsed.length);
      settle({ header: parsed.header });
      if (rest.length > 0) socket.unshift(rest);
    };
    const onEnd = () => settle({ malformed: "the peer closed before a PROXY header was there" });
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
  });
}

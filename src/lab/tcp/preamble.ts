// Reads the beginning of a connection from its socket: a PROXY header, or the first byte of TLS. Leaves the rest to the next reader.
import type { Socket } from "node:net";
import { type ProxyHeader, parseProxyHeader } from "./proxy-protocol.ts";

/** The header, or why there was none; the socket is then unusable. */
export type Preamble =
  | { readonly header: ProxyHeader; readonly malformed?: undefined }
  | { readonly malformed: string };

/**
 * Resolves as soon as the header is complete, or cannot be completed. The socket is left paused, with the bytes after
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
    const onEnd = () => settle({ malformed: "the peer closed before the end of the PROXY header" });
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
  });
}

/** The type of a TLS record that begins a handshake (RFC 8446 section 5.1). */
const HANDSHAKE_RECORD = 0x16;

/** Resolves at the first byte, or when the peer closes without one. The socket is left paused, with all bytes put back. */
export function beginsTls(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (begins: boolean) => {
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", onEnd);
      socket.pause();
      resolve(begins);
    };
    const onData = (chunk: Buffer) => {
      settle(chunk[0] === HANDSHAKE_RECORD);
      socket.unshift(chunk);
    };
    const onEnd = () => settle(false);
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
    // It is paused where a PROXY header was read before.
    socket.resume();
  });
}

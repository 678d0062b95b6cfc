// Ends connections gracefully, immediately, and by reset, also when they carry TLS.
import type { Socket } from "node:net";

/** Sends RST. Over TLS the reset is that of the TCP connection below, which `tcpOf` remembers. */
export function resetSocket(socket: Socket): void {
  const tcp = tcpOf.get(socket);
  if (tcp === undefined) {
    socket.resetAndDestroy();
    return;
  }
  tcp.resetAndDestroy();
  socket.destroy();
}

/**
 * Sends FIN and reads until the peer ends, too. Closing immediately would answer unread bytes with RST
 * (RFC 1122 section 4.2.2.13), so that the peer may see either.
 */
export function closeGently(socket: Socket): void {
  socket.resume();
  socket.end();
}

/** Destroys it, and resolves at its `close` event. */
export function destroySocket(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}

/** Records the TCP connection of a TLS socket: only a TCP socket can be reset. */
export function rememberTcp(secured: Socket, tcp: Socket): void {
  tcpOf.set(secured, tcp);
}

const tcpOf = new WeakMap<Socket, Socket>();

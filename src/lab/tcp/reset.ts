// The ways to end a connection: gently, at once, and by reset, also when it carries TLS.
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
 * Sends FIN and reads on until the peer ends, too. Closing at once would answer bytes not yet read with RST
 * (RFC 1122 section 4.2.2.13), so that the peer may see either, by chance.
 */
export function closeGently(socket: Socket): void {
  socket.resume();
  socket.end();
}

/** Destroys it, and resolves when it has told so (`close`). */
export function destroySocket(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}

/** Remembers the TCP connection that a TLS socket is on: only a TCP socket can be reset. */
export function rememberTcp(secured: Socket, tcp: Socket): void {
  tcpOf.set(secured, tcp);
}

const tcpOf = new WeakMap<Socket, Socket>();

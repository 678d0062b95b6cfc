// The hard ways to end a connection: at once, and by reset, also when it carries TLS.
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

// Connects two sockets: bytes, half-closes and resets pass in both directions.
import type { Socket } from "node:net";
import { resetSocket } from "../tcp/reset.ts";

export interface RelayOptions {
  /** 0 for none. Counted from the last byte in either direction. */
  readonly idleTimeoutMs: number;
  /**
   * What the idle timeout does. `close`: closes both ends immediately (classic ELB). `forget`: nothing happens until
   * either end sends again, which resets both (NLB).
   */
  readonly onIdle: "close" | "forget";
  /** Called with the number of bytes forwarded. */
  readonly onBytes: (from: "client" | "target", bytes: number) => void;
  /** Called once when both ends are closed. */
  readonly onEnd: () => void;
}

export interface Relay {
  /** Closes both ends; `reset` sends RST instead of FIN. */
  end(how: "close" | "reset"): void;
}

/** Both sockets must have been made with `allowHalfOpen`, and nothing else may read from them. */
export function relay(client: Socket, target: Socket, options: RelayOptions): Relay {
  let forgotten = false;
  let open = 2;
  const ends = [client, target] as const;

  const endBoth = (how: "close" | "reset") => {
    if (idle !== undefined) clearTimeout(idle);
    for (const socket of ends) {
      if (how === "reset") resetSocket(socket);
      else socket.destroy();
    }
  };
  const onIdle = () => {
    if (options.onIdle === "close") endBoth("close");
    else forgotten = true;
  };
  const idle = options.idleTimeoutMs > 0 ? setTimeout(onIdle, options.idleTimeoutMs) : undefined;

  const pass = (from: Socket, to: Socket, name: "client" | "target") => {
    from.on("data", (chunk: Buffer) => {
      if (forgotten) return endBoth("reset");
      idle?.refresh();
      options.onBytes(name, chunk.length);
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => from.resume());
    from.on("end", () => {
      idle?.refresh();
      if (to.writable) to.end();
    });
    from.on("error", (error: NodeJS.ErrnoException) => {
      // A reset by one end is a reset for the other; so is a write to a closed end.
      if (error.code === "ECONNRESET" || error.code === "EPIPE") resetSocket(to);
      else to.destroy();
    });
    from.on("close", () => {
      open -= 1;
      if (!to.destroyed && !from.readableEnded) to.destroy();
      if (open > 0) return;
      if (idle !== undefined) clearTimeout(idle);
      options.onEnd();
    });
    from.resume();
  };
  pass(client, target, "client");
  pass(target, client, "target");
  return { end: endBoth };
}

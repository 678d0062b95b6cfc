// Connections from a simulated load balancer to its targets, kept for later requests.
import type { Socket } from "node:net";
import type { TargetSpec } from "./load-balancer-spec.ts";
import type { TargetConnection } from "./targets.ts";

export interface TargetPoolSpec {
  /** How long a connection may be idle; 0 for unlimited. */
  readonly idleTimeoutMs: number;
  /** The target for the next request; undefined: there is none. */
  readonly choose: () => TargetSpec | undefined;
  /** Undefined when the target cannot be reached. */
  readonly connect: (target: TargetSpec) => Promise<Socket | undefined>;
  readonly give: (target: string, connection: TargetConnection) => void;
  readonly release: (target: string, connection: TargetConnection) => void;
}

/** One connection, for one request at a time. */
export interface Leased {
  readonly target: string;
  readonly socket: Socket;
  /** Closes the idle connection when bytes arrive: they belong to no request. */
  readonly end: () => void;
}

/** Owns no sockets: the opener closes them. */
export class TargetPool {
  readonly #spec: TargetPoolSpec;
  readonly #idle = new Map<string, Leased[]>();

  constructor(spec: TargetPoolSpec) {
    this.#spec = spec;
  }

  /** The most recently used connection, or a new one. */
  async take(): Promise<Leased | "no target" | "not reached"> {
    const target = this.#spec.choose();
    if (target === undefined) return "no target";
    const idle = this.#idle.get(target.id)?.at(-1);
    if (idle === undefined) return this.#open(target);
    this.#forget(idle);
    return idle;
  }

  /** Returns the connection to the pool, until the target or the idle timeout closes it. */
  put(leased: Leased): void {
    const { socket, target, end } = leased;
    if (socket.destroyed || socket.readableEnded) {
      socket.destroy();
      return;
    }
    const idle = this.#idle.get(target);
    if (idle === undefined) this.#idle.set(target, [leased]);
    else idle.push(leased);
    for (const ending of ENDINGS) socket.once(ending, end);
    socket.resume();
  }

  async #open(target: TargetSpec): Promise<Leased | "not reached"> {
    let opened: Socket | undefined;
    const connection: TargetConnection = { end: () => opened?.destroy() };
    this.#spec.give(target.id, connection);
    const socket = await this.#spec.connect(target);
    if (socket === undefined || socket.destroyed) {
      this.#spec.release(target.id, connection);
      return "not reached";
    }
    opened = socket;
    const leased: Leased = {
      target: target.id,
      socket,
      end: () => {
        this.#forget(leased);
        socket.destroy();
      },
    };
    socket.once("close", () => {
      this.#forget(leased);
      this.#spec.release(target.id, connection);
    });
    socket.setTimeout(this.#spec.idleTimeoutMs);
    return leased;
  }

  #forget(leased: Leased): void {
    const idle = this.#idle.get(leased.target) ?? [];
    const at = idle.indexOf(leased);
    if (at === -1) return;
    idle.splice(at, 1);
    for (const ending of ENDINGS) leased.socket.off(ending, leased.end);
  }
}

const ENDINGS = ["data", "end", "timeout"] as const;

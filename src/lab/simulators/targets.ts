// The targets of a simulated load balancer: their health, their connections, and which ones drain.
import { EventEmitter } from "node:events";
import {
  type HealthChecker,
  type HealthCheckSpec,
  type HealthEvent,
  type HealthPolicy,
  startHealthChecks,
  type TargetState,
} from "./health-check.ts";
import type { TargetSpec } from "./load-balancer-spec.ts";

/** A connection to a target, in any state. */
export interface TargetConnection {
  end(how: "close" | "reset"): void;
}

export interface TargetsSpec {
  readonly healthChecks: readonly HealthCheckSpec[];
  readonly policy: HealthPolicy;
  /** Whether all targets get traffic when none is healthy. */
  readonly failOpen: boolean;
  readonly drainMs: number;
  /** How connections end after the drain time. */
  readonly drainBy: "close" | "reset";
}

export class Targets {
  readonly #spec: TargetsSpec;
  readonly #checkers = new Map<string, HealthChecker>();
  readonly #connections = new Map<string, Set<TargetConnection>>();
  readonly #totals = new Map<string, number>();
  readonly #deregistered = new Set<string>();
  readonly #drains = new Set<NodeJS.Timeout>();
  readonly #events = new EventEmitter();

  constructor(spec: TargetsSpec) {
    this.#spec = spec;
  }

  startChecks(): void {
    for (const check of this.#spec.healthChecks) {
      const emit = (event: HealthEvent) => this.#events.emit("health", event);
      this.#checkers.set(check.target, startHealthChecks(check, this.#spec.policy, emit));
    }
  }

  stateOf(target: string): TargetState | "draining" | "unused" {
    if (!this.#deregistered.has(target)) return this.#checkers.get(target)?.state ?? "healthy";
    return this.openTo(target) > 0 ? "draining" : "unused";
  }

  /** The result that caused a target's state; undefined: none yet, or it has no health check. */
  whyOf(target: string): string | undefined {
    return this.#checkers.get(target)?.why;
  }

  /** Resolves at the first decision of the target's checks; immediately without checks. */
  untilDecided(target: string): Promise<void> {
    return this.#until(target, (state) => state !== "initial");
  }

  openTo(target: string): number {
    return this.#connections.get(target)?.size ?? 0;
  }

  totalTo(target: string): number {
    return this.#totals.get(target) ?? 0;
  }

  /** Those of the given targets that may get a new connection now. */
  eligible(targets: readonly TargetSpec[]): readonly TargetSpec[] {
    const registered = targets.filter(({ id }) => !this.#deregistered.has(id));
    const healthy = registered.filter(({ id }) => this.stateOf(id) === "healthy");
    return healthy.length === 0 && this.#spec.failOpen ? registered : healthy;
  }

  /** Counts the connection as open until `release`. */
  give(target: string, connection: TargetConnection): void {
    const connections = this.#connections.get(target);
    if (connections === undefined) this.#connections.set(target, new Set([connection]));
    else connections.add(connection);
    this.#totals.set(target, this.totalTo(target) + 1);
  }

  release(target: string, connection: TargetConnection): void {
    this.#connections.get(target)?.delete(connection);
    if (this.openTo(target) === 0) this.#events.emit(`drained ${target}`);
  }

  onHealth(listener: (event: HealthEvent) => void): () => void {
    this.#events.on("health", listener);
    return () => this.#events.off("health", listener);
  }

  untilState(target: string, state: TargetState): Promise<void> {
    return this.#until(target, (now) => now === state);
  }

  deregister(target: string): Promise<void> {
    this.#deregistered.add(target);
    this.#checkers.get(target)?.stop();
    if (this.openTo(target) === 0) return Promise.resolve();
    const timer = setTimeout(() => {
      for (const each of this.#connections.get(target) ?? []) each.end(this.#spec.drainBy);
    }, this.#spec.drainMs);
    this.#drains.add(timer);
    return new Promise((resolve) => {
      this.#events.once(`drained ${target}`, () => {
        clearTimeout(timer);
        this.#drains.delete(timer);
        resolve();
      });
    });
  }

  /** Ends checks and drains; connections belong to their owner. */
  stop(): void {
    for (const checker of this.#checkers.values()) checker.stop();
    for (const timer of this.#drains) clearTimeout(timer);
  }

  #until(target: string, isReached: (state: ReturnType<Targets["stateOf"]>) => boolean): Promise<void> {
    if (isReached(this.stateOf(target))) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.onHealth((event) => {
        if (event.target !== target || !isReached(event.state)) return;
        stop();
        resolve();
      });
    });
  }
}

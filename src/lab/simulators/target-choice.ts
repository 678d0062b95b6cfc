// Chooses the target of a new connection.
import { createHash } from "node:crypto";
import type { TargetSpec } from "./load-balancer-spec.ts";

/** `flow-hash`: by both ends' addresses and ports, so that a flow always has the same target. */
export type Balance = "round-robin" | "least-connections" | "flow-hash";

export interface Choice {
  readonly targets: readonly TargetSpec[];
  /** Counter of the listener's connections. */
  readonly turn: number;
  readonly flow: string;
  openTo(target: string): number;
}

/** Undefined when there is no target. */
export function chooseTarget(balance: Balance, choice: Choice): TargetSpec | undefined {
  const { targets, turn, flow } = choice;
  if (targets.length === 0) return undefined;
  if (balance === "round-robin") return targets[turn % targets.length];
  if (balance === "flow-hash") return targets[hash(flow) % targets.length];
  return targets.reduce((least, each) => (choice.openTo(each.id) < choice.openTo(least.id) ? each : least));
}

function hash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

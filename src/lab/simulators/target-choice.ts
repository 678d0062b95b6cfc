// Chooses the target of a new connection.
import { createHash } from "node:crypto";
import type { TargetSpec } from "./load-balancer-spec.ts";

/** `flow-hash`: by both ends' addresses and ports, so that a flow always has the same target. */
export type Balance = "round-robin" | "flow-hash";

/** Undefined when there is no target. `turn` counts the connections of the listener. */
export function chooseTarget(
  balance: Balance,
  targets: readonly TargetSpec[],
  turn: number,
  flow: string,
): TargetSpec | undefined {
  return targets[(balance === "round-robin" ? turn : hash(flow)) % targets.length];
}

function hash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

// Assigns cores: HAProxy under test has its own, client and backends share another, so that neither takes the other's time.
import { availableParallelism } from "node:os";

export type Role = "haproxy" | "client";

/** A command pinned to the core of its role; unchanged on a machine with one core. */
export function pinned(
  role: Role,
  command: string,
  args: readonly string[],
): [command: string, args: readonly string[]] {
  if (availableParallelism() < 2) return [command, args];
  return ["taskset", ["-c", role === "haproxy" ? "0" : "1", command, ...args]];
}

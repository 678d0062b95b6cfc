// HAProxy's threads: by the CPU that a pod requests, not by the cores of the node that it runs on.
import { chosen, decideOr } from "./described.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided } from "./plan.ts";

/** HAProxy's default is one per core (manual section 3.1, nbthread), 64 at most. */
const MOST = 64;
/** Without a CPU limit a pod may use more than it requests, where the node has it. */
const PER_REQUESTED_CORE = 2;
const LEAST = 2;

/** `cpu` is a Kubernetes quantity: `500m`, `2`, `1.5`. */
export function lowerThreads({ described }: Lowering, requested: Decided<string>): Decided<number> {
  const cpu = requested.value;
  const cores = cpu.endsWith("m") ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  const threads = Math.min(MOST, Math.max(LEAST, Math.ceil(PER_REQUESTED_CORE * cores)));
  return decideOr(
    described.get("haproxy").get("threads"),
    chosen(threads, `twice the requested CPU (${cpu}), at least ${LEAST}; not one per core`, requested),
  );
}

// Which container runs a configuration that is in a file: by its ports, by the Services that select it, and by its content.
import { posix } from "node:path";
import type { HaproxyConfig } from "../haproxy/config.ts";
import type { HaproxyWiring } from "../haproxy/wiring.ts";
import type { Container, LeftOut, Workload } from "../wiring.ts";
import { indicatesHaproxy, isAnotherServer } from "./config-paths.ts";
import type { Selection } from "./select.ts";

export interface Runner {
  readonly workload: Workload;
  readonly container: Container;
}

export interface FoundRunner {
  readonly runner?: Runner | undefined;
  readonly leftOut: readonly LeftOut[];
}

/** Containers in `busy` run another configuration. If several are possible, a note says which one is used, and why. */
export function findRunner(
  config: HaproxyConfig,
  wiring: HaproxyWiring,
  workloads: readonly Workload[],
  selection: Selection,
  busy: ReadonlySet<Container>,
): FoundRunner {
  const binds = bindPorts(wiring);
  const candidates = workloads
    .flatMap((workload) => workload.containers.map((container) => ({ workload, container })))
    .filter(
      ({ container }) => !busy.has(container) && (indicatesHaproxy(container) || !isAnotherServer(container)),
    )
    .map((runner) => weigh(runner, binds, selection))
    .filter(
      ({ runner, namesHaproxy, shared }) =>
        namesHaproxy ||
        (shared > 0 &&
          shared >= Math.min(2, binds.size) &&
          isNear(posix.dirname(config.file), posix.dirname(runner.workload.at.file))),
    )
    .toSorted((a, b) => b.weight - a.weight);
  const [best, ...others] = candidates;
  if (best === undefined) return { leftOut: [] };
  const also = [...new Set(others.map(({ runner }) => runner.workload))].filter(
    (workload) => workload !== best.runner.workload,
  );
  return { runner: best.runner, leftOut: also.length === 0 ? [] : [choice(config, best, also)] };
}

/** Without a name, a pod of another folder that has the same ports is more likely another program. */
function isNear(a: string, b: string): boolean {
  const inside = (folder: string, other: string): boolean =>
    folder === "." || other === folder || other.startsWith(`${folder}/`);
  return inside(a, b) || inside(b, a);
}

interface Candidate {
  readonly runner: Runner;
  readonly namesHaproxy: boolean;
  /** How many binds are ports of the container, or of Services that lead to it. */
  readonly shared: number;
  readonly selected: boolean;
  readonly weight: number;
}

function weigh(runner: Runner, binds: ReadonlySet<number>, selection: Selection): Candidate {
  const { workload, container } = runner;
  const leading = selection.servicesOf(workload);
  const own = container.ports.map(({ port }) => port.value);
  const targets = leading.flatMap(({ ports }) => ports.map(({ targetPort }) => targetPort.value));
  const shared = [...binds].filter((port) => own.includes(port) || targets.includes(port)).length;
  const namesHaproxy = indicatesHaproxy(container);
  const selected = leading.length > 0;
  return {
    runner,
    namesHaproxy,
    shared,
    selected,
    weight: shared * 10 + (namesHaproxy ? 15 : 0) + (selected ? 5 : 0),
  };
}

function bindPorts({ binds }: HaproxyWiring): ReadonlySet<number> {
  return new Set(
    binds.flatMap(({ kind, address }) =>
      kind === "proxy" && address.ports !== undefined ? [address.ports.from] : [],
    ),
  );
}

function choice(config: HaproxyConfig, best: Candidate, also: readonly Workload[]): LeftOut {
  const { workload } = best.runner;
  const reasons = [
    `${best.shared} of the ports it binds ${best.shared === 1 ? "is" : "are"} this one's`,
    ...(best.selected ? ["a Service selects its pods"] : []),
  ];
  return {
    what: `taken to be run by ${workload.kind} ${workload.name}: ${reasons.join(", ")}`,
    why: `${also.map(({ kind, name }) => `${kind} ${name}`).join(", ")} could run it too; the files do not show which.`,
    severity: "note",
    at: { file: config.file, line: 1, column: 1 },
  };
}

// The lab as a library: takes a description, returns a running edge, for tests in any test runner.
import process from "node:process";
import type { Edge } from "../description/define-edge.ts";
import { loadDescription } from "../description/load.ts";
import { validateEdge } from "../description/validation/validate.ts";
import type { Finding, Outcome } from "../findings/finding.ts";
import { renderText } from "../findings/render-text.ts";
import { findHaproxy } from "../haproxy/find.ts";
import type { Plan } from "../plan/plan.ts";
import { planEdge } from "../plan/plan-edge.ts";
import { type Lab, openLabOf } from "./lab.ts";

export interface OpenLabOptions {
  /** The HAProxy to run. Default: $PORTICO_HAPROXY, then the one on PATH. */
  readonly haproxy?: string;
  /** The folder that file names are relative to. Default: the working directory. */
  readonly cwd?: string;
  /** Called with every line HAProxy logs. */
  readonly onLog?: (line: string) => void;
}

const OPTIONS: readonly string[] = ["haproxy", "cwd", "onLog"] satisfies (keyof OpenLabOptions)[];

/** The description or the HAProxy is invalid; carries the findings. */
export class LabRefused extends Error {
  override readonly name = "LabRefused";
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[], sources: ReadonlyMap<string, string> = new Map()) {
    super(`\n${renderText(findings, { sources })}`);
    this.findings = findings;
  }
}

/**
 * Starts a real HAProxy with what a description renders to, behind a simulated load balancer, with stub backends. `edge` is
 * the result of `defineEdge` or a description's file name. Close the lab when done, or write `await using`. Rejects with
 * `LabRefused` for an invalid description or an unusable HAProxy, with `HaproxyFailure` when HAProxy does not start.
 */
export async function openLab(edge: Edge | string, options: OpenLabOptions = {}): Promise<Lab> {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name))
      throw new RangeError(`there is no option \`${name}\` of openLab; there are ${OPTIONS.join(", ")}`);
  }
  const plan = await planOf(edge, options.cwd ?? process.cwd());
  const haproxy = await findHaproxy({ path: options.haproxy });
  if (haproxy.value === undefined) throw new LabRefused(haproxy.findings);
  return openLabOf(plan, {
    haproxy: haproxy.value,
    // A program that imports this runs its own code already.
    trust: true,
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
}

async function planOf(edge: Edge | string, cwd: string): Promise<Plan> {
  if (typeof edge !== "string") {
    const valid = validateEdge(edge, { positionOf: () => undefined, spellingOf: () => undefined });
    if (valid.value === undefined) throw new LabRefused(valid.findings);
    return planned(planEdge(valid.value));
  }
  const { value, findings, sources } = await loadDescription(edge, { cwd });
  if (value === undefined) throw new LabRefused(findings, sources);
  return planned(planEdge(value.edge, value.positionOf), sources);
}

function planned(outcome: Outcome<Plan>, sources?: ReadonlyMap<string, string>): Plan {
  if (outcome.value === undefined) throw new LabRefused(outcome.findings, sources);
  return outcome.value;
}

// Which raw line of the description a line of the rendered haproxy.cfg is.
import type { DescriptionPath } from "../plan/lowering.ts";
import type { Plan } from "../plan/plan.ts";
import { frontendName } from "../plan/proxy-names.ts";
import type { HaproxyConfig, HaproxySection } from "../wiring/haproxy/config.ts";

/** Its path in the description, or null: the line is Portico's own. `number` counts from 1. */
export function rawLineOf(plan: Plan, config: HaproxyConfig, number: number): DescriptionPath | null {
  const section = config.sections.findLast(({ header }) => header !== undefined && header.number <= number);
  const text = config.lines[number - 1]?.text.trim();
  const given = section === undefined ? null : rawLinesOf(plan, section);
  const index = given?.lines.findIndex((line) => line.trim() === text) ?? -1;
  return given === null || index === -1 ? null : [...given.path, index];
}

function rawLinesOf(
  plan: Plan,
  { kind, name }: HaproxySection,
): { readonly lines: readonly string[]; readonly path: DescriptionPath } | null {
  if (kind === "global") return { lines: plan.rawGlobal, path: ["haproxy", "raw"] };
  if (kind === "frontend") {
    const listener = plan.listeners.find((one) => frontendName(plan, one) === name?.value);
    return listener === undefined ? null : { lines: listener.raw, path: [listener.entrance, "raw"] };
  }
  const backend = plan.backends.find((one) => kind === "backend" && one.name === name?.value);
  return backend === undefined
    ? null
    : { lines: backend.raw, path: ["backends", backend.variantOf ?? backend.name, "raw"] };
}

// Which line of the description a line of a rendered file comes from, as far as the file itself tells.
import type { Position } from "../../findings/finding.ts";
import type { DescriptionPath } from "../../plan/lowering.ts";
import type { Plan } from "../../plan/plan.ts";
import { frontendName } from "../../plan/proxy-names.ts";

/** A line of a rendered file: the whole text, its number from 1, and the lines that are meant. */
export interface RenderedLine {
  readonly text: string;
  readonly line: number;
  readonly lines: readonly string[];
}

/** The place in the description for a rendered path, and a line of it; at least the description's first line. */
export type Described = (path: string, line?: RenderedLine) => Position;

export function describedIn(
  plan: Plan,
  description: {
    readonly file: string;
    readonly positionOf: (path: DescriptionPath, options?: { key?: boolean }) => Position | undefined;
  },
): Described {
  const routes = new Map(plan.sites.flatMap(({ routes: own }) => own.map(({ id, at }) => [id, at] as const)));
  const backends = new Map(plan.backends.map(({ name, at }) => [`backend ${name}`, at]));
  const frontends = new Map(
    plan.listeners.map((listener) => [`frontend ${frontendName(plan, listener)}`, listener.at]),
  );
  const sites = new Map(plan.sites.map(({ name, at }) => [name, at]));
  const key = (...path: readonly string[]) => description.positionOf(path, { key: true });
  return (path, line) => {
    const words = line?.lines.flatMap((one) => one.trim().split(/\s+/)) ?? [];
    const named = (all: ReadonlyMap<string, Position | undefined>) =>
      words.map((word) => all.get(word)).find((at) => at !== undefined);
    const section = line === undefined ? "" : sectionAbove(line);
    return (
      backends.get(section) ??
      named(routes) ??
      named(sites) ??
      frontends.get(section) ??
      layerKey(path, key) ??
      key("edge") ?? { file: description.file, line: 1, column: 1 }
    );
  };
}

/** `backend app`: the header of the section that a line is in, in haproxy.cfg or in a ConfigMap that contains it. */
function sectionAbove({ text, line }: RenderedLine): string {
  const above = text.split("\n").slice(0, line);
  const head = /^ *((?:backend|frontend) \S+)(?: from \S+)?$/;
  return above.findLast((one) => head.test(one))?.replace(head, "$1") ?? "";
}

function layerKey(
  path: string,
  key: (...path: readonly string[]) => Position | undefined,
): Position | undefined {
  if (path.startsWith("cloud/")) return key("public", "loadBalancer") ?? key("public");
  if (path.startsWith("kubernetes/")) return key("kubernetes");
  return path.startsWith("image/") ? key("image") : key("haproxy");
}

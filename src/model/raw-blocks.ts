// Raw lines of a description: the model does not cover them.
import type { Position } from "../findings/finding.ts";
import { describedName } from "../plan/backend-plan.ts";
import type { DescriptionPath } from "../plan/lowering.ts";
import type { Entrance, Plan } from "../plan/plan.ts";

/** The raw lines of one place in the description. */
export interface RawBlock {
  /** `the global section`, `the public frontends`, ``the backend `web` `` */
  readonly section: string;
  /** The requests that reach that section: `all requests`, ``requests to the backend `web` `` */
  readonly scope: string;
  /** Where the description has them; an index follows. */
  readonly path: DescriptionPath;
  /** At least one. */
  readonly lines: readonly string[];
  /** null: every entrance. */
  readonly entrance: Entrance | null;
  /** A backend's name, never a variant's; null: whatever the backend. */
  readonly backend: string | null;
  /** Of the entrance or the backend; undefined: no place is known. */
  readonly at: Position | undefined;
}

/** Every place of the description that has raw lines. */
export function rawBlocks({ rawGlobal, listeners, backends }: Plan): readonly RawBlock[] {
  const anywhere = { entrance: null, backend: null, at: undefined, scope: "all requests" };
  const global = { ...anywhere, section: "the global section", path: ["haproxy", "raw"], raw: rawGlobal };
  const entrances = Map.groupBy(listeners, ({ entrance }) => entrance);
  const frontends = [...entrances].map(([entrance, [listener]]) => ({
    section: entrance === "public" ? "the public frontends" : "the internal frontend",
    scope: `requests through the ${entrance} entrance`,
    path: [entrance, "raw"],
    raw: listener?.raw ?? [],
    entrance,
    backend: null,
    at: listener?.at,
  }));
  const pools = backends
    .filter(({ variantOf }) => variantOf === null)
    .map(({ name, raw, at }) => {
      const section = `the backend \`${name}\``;
      const path = ["backends", name, "raw"];
      return { section, scope: `requests to ${section}`, path, raw, entrance: null, backend: name, at };
    });
  return [global, ...frontends, ...pools].flatMap(({ raw, ...block }) =>
    raw.length === 0 ? [] : [{ ...block, lines: raw.map(({ text }) => text) }],
  );
}

/**
 * The raw lines that apply to a request through an entrance and to these backends (variants too). A line elsewhere takes part only if it
 * changes shared state: maps and ACL files (manual section 4.2, http-request set-map, add-acl), or anything through Lua.
 */
export function rawBlocksOn(plan: Plan, entrance: Entrance, names: readonly string[]): readonly RawBlock[] {
  const pools = new Set(names.map((name) => describedName(plan.backends, name)));
  return rawBlocks(plan).filter(
    (block) =>
      block.lines.some((line) => /\b(?:set|add|del)-(?:map|acl)\b|\blua\b/.test(line)) ||
      ((block.entrance === null || block.entrance === entrance) &&
        (block.backend === null || pools.has(block.backend))),
  );
}

/** The same plan, all of which the model covers. */
export function withoutRawLines(plan: Plan): Plan {
  return {
    ...plan,
    rawGlobal: [],
    listeners: plan.listeners.map((listener) => ({ ...listener, raw: [] })),
    backends: plan.backends.map((backend) => ({ ...backend, raw: [] })),
  };
}

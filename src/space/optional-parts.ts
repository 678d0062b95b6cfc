// Answers that only repeat an optional part of the request: requests with and without that part are one region.
import type { Classes } from "./classes/classes.ts";
import { type Branch, type Diagrams, type Node, relabel } from "./diagram.ts";
import type { Dimension } from "./dimension.ts";
import type { Leaf } from "./program.ts";

/** The name of the part in the keys of leaves, and the dimensions that a request without the part does not have. */
interface OptionalPart {
  readonly written: RegExp;
  readonly without: readonly string[];
}

/** The query with its question mark, the port of the Host with its colon. */
const OPTIONAL: Readonly<Record<string, OptionalPart>> = {
  query: { written: /\?%\[query\]/g, without: ["query"] },
  "host-port": { written: /:%\[host-port\]/g, without: ["host-port"] },
  host: { written: /%\[host\](?::%\[host-port\])?/g, without: ["host", "host-port"] },
};

/** By facet. */
export type Values = ReadonlyMap<string, Leaf>;

/**
 * If requests without the part get the answer of the other requests with the part left out, both get the same leaf: in it, the part is empty
 * if the request does not have it.
 */
export function withOptionalParts(
  root: Node<Values>,
  diagrams: Diagrams<Values>,
  dimensions: readonly Pick<Classes, "dimension" | "count">[],
): Node<Values> {
  const known = new Map<Node<Values>, Node<Values>>();
  const visit = (node: Node<Values>): Node<Values> => {
    if (node.kind === "terminal") return node;
    const found = known.get(node);
    if (found !== undefined) return found;
    const runs = node.children.map((child, run) => [node.starts[run] ?? 0, visit(child)] as const);
    const made = merged(node.dimension, runs, { diagrams, dimensions });
    known.set(node, made);
    return made;
  };
  return visit(root);
}

interface Merging {
  readonly diagrams: Diagrams<Values>;
  readonly dimensions: readonly Pick<Classes, "dimension" | "count">[];
}

type Runs = readonly (readonly [start: number, child: Node<Values>])[];

function merged(dimension: number, runs: Runs, merging: Merging): Node<Values> {
  const { diagrams, dimensions } = merging;
  const on = dimensions[dimension];
  const absent = runs.at(-1);
  const part = on && partOf(on.dimension);
  // The class without a value is the last.
  if (part === undefined || absent === undefined || absent[0] + 1 !== on?.count)
    return diagrams.branch(dimension, runs);
  const others = runs.slice(0, -1).toReversed();
  const same = others.find(([, child]) => without(child, part, merging) === absent[1]) ?? absent;
  return diagrams.branch(dimension, [...runs.slice(0, -1), [absent[0], same[1]]]);
}

function partOf({ id, kind }: Dimension): OptionalPart | undefined {
  return kind === "text" && Object.hasOwn(OPTIONAL, id) ? OPTIONAL[id] : undefined;
}

/** What requests without the part get, by the leaves of those with it. */
function without(node: Node<Values>, part: OptionalPart, { diagrams, dimensions }: Merging): Node<Values> {
  const absentIn = ({ dimension, children }: Branch<Values>) => {
    const id = dimensions[dimension]?.dimension.id ?? "";
    return part.without.includes(id) ? children.at(-1) : undefined;
  };
  const known = new Map<Node<Values>, Node<Values>>();
  const visit = (one: Node<Values>): Node<Values> => {
    if (one.kind === "terminal") return one;
    const found = known.get(one);
    if (found !== undefined) return found;
    const absent = absentIn(one);
    const made =
      absent === undefined
        ? diagrams.branch(
            one.dimension,
            one.children.map((child, run) => [one.starts[run] ?? 0, visit(child)]),
          )
        : visit(absent);
    known.set(one, made);
    return made;
  };
  return relabel(visit(node), diagrams, (values) => leftOut(values, part));
}

function leftOut(values: Values, { written }: OptionalPart): Values {
  return new Map(
    [...values].map(([id, leaf]) => [id, { ...leaf, key: leaf.key.replaceAll(written, "") }] as const),
  );
}

/** Whether the leaf of a rule is what requests of a region get: the region's own, or that of requests without an optional part. */
export function isReadAs(leaf: Leaf | undefined, region: Leaf | undefined): boolean {
  if (leaf === undefined || region === undefined) return false;
  let keys = [region.key];
  for (const { written } of Object.values(OPTIONAL))
    keys = keys.flatMap((key) => [key, key.replaceAll(written, "")]);
  return keys.includes(leaf.key);
}

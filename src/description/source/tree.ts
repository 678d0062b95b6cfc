// A description's text as a tree of values that know where they stand, whichever reader made it.

/** A value and its place: `start` and `end` are UTF-16 offsets into the text; equal when the value was left empty. */
export type SourceNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly start: number;
  readonly end: number;
  readonly value: string | number | boolean | null;
}

export interface ListNode {
  readonly kind: "list";
  readonly start: number;
  readonly end: number;
  readonly items: readonly SourceNode[];
}

export interface MapNode {
  readonly kind: "map";
  readonly start: number;
  readonly end: number;
  /** Keys are unique and are the text of the key, also where YAML would read a number. */
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: SourceNode;
}

/** A way into a description: `["sites", 0, "routes", 2, "path"]`. */
export type Path = readonly (string | number)[];

/** Where a path leads: the value, and the entry it is the value of when its parent is a map. */
export interface Place {
  readonly node: SourceNode;
  readonly entry: MapEntry | undefined;
}

/** The plain value of a tree. A `__proto__` key becomes a property like any other; it never sets a prototype. */
export function plainValueOf(node: SourceNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainValueOf);
  const object: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) {
    if (key === "__proto__")
      Object.defineProperty(object, key, { value: plainValueOf(entry.value), enumerable: true });
    else object[key] = plainValueOf(entry.value);
  }
  return object;
}

/** Follows a path; undefined where the text has nothing there. */
export function placeOf(root: SourceNode, path: Path): Place | undefined {
  let node = root;
  let entry: MapEntry | undefined;
  for (const step of path) {
    entry = undefined;
    let next: SourceNode | undefined;
    if (node.kind === "map") {
      entry = node.entries.get(String(step));
      next = entry?.value;
    } else if (node.kind === "list" && typeof step === "number") next = node.items[step];
    if (next === undefined) return undefined;
    node = next;
  }
  return { node, entry };
}

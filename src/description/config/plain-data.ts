// Whether a value from a program is plain data, and a copy with nothing else.
import type { Path } from "../../source/data.ts";

/** A value that is not plain data, and its position. */
export interface NotData {
  readonly path: Path;
  /** `a function`, `a Map`, `a cycle`, … */
  readonly what: string;
}

export type PlainData = { readonly data: unknown } | { readonly notData: NotData };

/** Far deeper than any description; an endless structure of getters stops there. */
const MAX_DEPTH = 100;

/** Copies text, numbers, booleans, null, lists and plain maps. `undefined` counts as absent. Getters are read once. */
export function plainData(value: unknown): PlainData {
  const open = new Set<object>();
  let notData: NotData | undefined;
  const refuse = (path: Path, what: string): undefined => {
    notData ??= { path, what };
  };
  const copy = (held: unknown, path: Path): unknown => {
    if (
      notData !== undefined ||
      held === null ||
      ["string", "number", "boolean", "undefined"].includes(typeof held)
    )
      return held;
    if (typeof held !== "object") return refuse(path, `a ${typeof held}`);
    if (open.has(held)) return refuse(path, "a value that contains itself");
    if (path.length > MAX_DEPTH) return refuse(path, `more than ${MAX_DEPTH} levels within each other`);
    open.add(held);
    const made = Array.isArray(held)
      ? Array.from(held, (item, index) => copy(item, [...path, index]))
      : copyMap(held, path);
    open.delete(held);
    return made;
  };
  const copyMap = (held: object, path: Path): unknown => {
    if (!isPlain(held)) return refuse(path, nameOf(held));
    const made: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(held)) {
      if (key === "__proto__") return refuse([...path, key], "a key that names an object's prototype");
      const item = copy(entry, [...path, key]);
      if (item !== undefined) made[key] = item;
    }
    return made;
  };
  const data = copy(value, []);
  return notData === undefined ? { data } : { notData };
}

function isPlain(held: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(held);
  return prototype === null || prototype === Object.prototype;
}

/** The kind of a value, as text: `a Date`, `a promise`, `a function`, `the number 5`. */
export function nameOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string")
    return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value)}`;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return `the ${typeof value} ${value}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise";
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`
    : "a map";
}

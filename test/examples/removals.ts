// A description with one of its parts removed: each key, each item of a list, at every depth, one at a time.

export interface Removal {
  /** `sites.0.routes.1.header`. */
  readonly path: string;
  /** The description without it. */
  readonly description: unknown;
}

type Path = readonly (string | number)[];

/** All but the expectations, which the removals are tested with. */
export function removalsFrom(description: object): readonly Removal[] {
  return pathsIn(description)
    .filter(([first]) => first !== "expect")
    .map((path) => ({ path: path.join("."), description: without(description, path) }));
}

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => [[...path, key], ...pathsIn(inner, [...path, key])]);
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, index) => index !== key)
      : value.map((item, index) => (index === key ? without(item, rest) : item));
  }
  const entries = Object.entries(value);
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([name]) => name !== key)
      : entries.map(([name, inner]) => [name, name === key ? without(inner, rest) : inner]),
  );
}

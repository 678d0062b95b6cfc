// Plain data as YAML and JSON contain it, and paths into it.

/** `["sites", 0, "routes", 2, "path"]` */
export type Path = readonly (string | number)[];

/** Where a value was written, or with `key` the key of its entry: offsets into the text, the second one exclusive. */
export type RangeOf = (path: Path, options?: { readonly key?: boolean }) => Range | undefined;

export type Range = readonly [start: number, end: number];

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined: there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (Array.isArray(value)) value = typeof step === "number" ? value[step] : undefined;
    else if (isRecord(value) && Object.hasOwn(value, String(step))) value = value[String(step)];
    else return undefined;
  }
  return value;
}

/** The items of the list at a path; none where there is no list. */
export function listAt(data: unknown, path: Path): readonly unknown[] {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value : [];
}

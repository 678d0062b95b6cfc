// What the description says, followed key by key, so that a value and its place cannot differ; and the decision made from it.
import type { Position } from "../findings/finding.ts";
import type { Decided } from "./plan.ts";

export type DescriptionPath = readonly (string | number)[];
export type PositionOf = (path: DescriptionPath, options?: { key?: boolean }) => Position | undefined;

/** A part of the description; `value` is undefined where the description says nothing. */
export interface Described<T> {
  readonly value: T | undefined;
  readonly path: DescriptionPath;
  /** What the part says under a key; nothing where the part is no map. */
  readonly get: <K extends KeyOf<T>>(key: K) => Described<PartOf<T, K>>;
  /** The same place, with another value made of what it says; `undefined`: as if it said nothing. */
  readonly map: <U>(convert: (value: T) => U | undefined) => Described<U>;
  /** This part, or `other` where it says nothing. */
  or(other: Described<T>): Described<T>;
  /** Where it is written: its own place, or that of the closest part around it that has one. Undefined where it says nothing. */
  readonly at: () => Position | undefined;
}

type KeyOf<T> = T extends readonly unknown[]
  ? number
  : T extends object
    ? keyof T & (string | number)
    : never;
type PartOf<T, K> = NonNullable<T extends object ? (K extends keyof T ? T[K] : never) : never>;

/** Why a value is what it is where the description gives the value itself. */
const DESCRIBED = "described";

/** Of an edge without a text, such as one that a program passes: its values are described all the same. */
const WITHOUT_TEXT: Position = { file: "description", line: 1, column: 1 };

export function describedEdge<T>(edge: T, positionOf: PositionOf): Described<T> {
  return partAt(edge, [], positionOf);
}

/** What the description says, or else the default with its reason. */
export function decide<const T>(described: Described<T>, value: NoInfer<T>, because: string): Decided<T> {
  return decideOr(described, chosen(value, because));
}

/** What the description says, or else what another part has decided. */
export function decideOr<T>(described: Described<T>, otherwise: Decided<NoInfer<T>>): Decided<T> {
  return described.value === undefined ? otherwise : given(described, described.value);
}

/** A value that the description gives in other words: it needs no reason. */
export function given<const T>(described: Described<unknown>, value: T): Decided<T> {
  return { value, because: DESCRIBED, at: described.at() };
}

/** What follows from a part of the description; a default where it says nothing. */
export function follows<const T>(described: Described<unknown>, value: T, because: string): Decided<T> {
  return { value, because, at: described.at() };
}

/** A value that the description does not give: a default, or what follows from other decisions; its place is that of the first described one. */
export function chosen<const T>(
  value: T,
  because: string,
  ...from: readonly Pick<Decided<unknown>, "at">[]
): Decided<T> {
  return { value, because, at: from.find(({ at }) => at !== undefined)?.at };
}

/** Whether the value comes from the description. */
export function isDescribed({ at }: Pick<Decided<unknown>, "at">): boolean {
  return at !== undefined;
}

/** The reason to write next to a rendered value; undefined where the description gives the value, which needs none. */
export function reasonOf(because: string | undefined): string | undefined {
  return because === DESCRIBED ? undefined : because;
}

function partAt<T>(value: T | undefined, path: DescriptionPath, positionOf: PositionOf): Described<T> {
  return {
    value,
    path,
    get: (key) => partAt(valueUnder(value, key), [...path, key], positionOf),
    map: (convert) => partAt(value === undefined ? undefined : convert(value), path, positionOf),
    or(other) {
      return value === undefined ? other : this;
    },
    at: () => (value === undefined ? undefined : closestPosition(path, positionOf)),
  };
}

function valueUnder<T, K extends KeyOf<T>>(value: T | undefined, key: K): PartOf<T, K> | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string | number, PartOf<T, K>>>)[key];
}

function closestPosition(path: DescriptionPath, positionOf: PositionOf): Position {
  for (let length = path.length; length >= 0; length--) {
    const position = positionOf(path.slice(0, length));
    if (position !== undefined) return position;
  }
  return WITHOUT_TEXT;
}

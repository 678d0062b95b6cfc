// Values of the description with their positions, read key by key, and the decisions made from them.
import type { Position } from "../findings/finding.ts";
import type { Decided } from "./plan.ts";

export type DescriptionPath = readonly (string | number)[];
export type PositionOf = (path: DescriptionPath, options?: { key?: boolean }) => Position | undefined;

/** A part of the description; `value` is undefined if it is not described. */
export interface Described<T> {
  readonly value: T | undefined;
  readonly path: DescriptionPath;
  /** The value under a key; undefined if the part is not a map. */
  readonly get: <K extends KeyOf<T>>(key: K) => Described<PartOf<T, K>>;
  /** The same position with a converted value; `undefined`: as if it were not described. */
  readonly map: <U>(convert: (value: T) => U | undefined) => Described<U>;
  /** This part, or `other` if it is not described. */
  or(other: Described<T>): Described<T>;
  /** Where it is written: its own place, or that of the closest part around it that has one. Undefined if it is not described. */
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

/** For an edge without a text, such as one that a program passes: its values count as described. */
const WITHOUT_TEXT: Position = { file: "description", line: 1, column: 1 };

export function describedEdge<T>(edge: T, positionOf: PositionOf): Described<T> {
  return partAt(edge, [], positionOf);
}

/** The described value, or else the default with its reason. */
export function decide<const T>(described: Described<T>, value: NoInfer<T>, because: string): Decided<T> {
  return decideOr(described, chosen(value, because));
}

/** The described value, or else the decision of another part. */
export function decideOr<T>(described: Described<T>, otherwise: Decided<NoInfer<T>>): Decided<T> {
  return described.value === undefined ? otherwise : given(described, described.value);
}

/** A value that the description gives in other words: it needs no reason. */
export function given<const T>(described: Described<unknown>, value: T): Decided<T> {
  return { value, because: DESCRIBED, at: described.at() };
}

/** A decision that follows from a part of the description; a default if it is not described. */
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

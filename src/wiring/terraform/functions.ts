// Terraform functions that compute ports, names and lists. Results of other functions are unknown.
import type { Position } from "../../findings/finding.ts";
import { MAX_EXPANDED, shownLimit } from "../../source/limits.ts";
import {
  asBoolean,
  asNumber,
  asText,
  elementsOf,
  isNull,
  scalar,
  unknown,
  unknownIn,
  type Value,
} from "./value.ts";

/** Undefined: the arguments are not what the function takes. */
type Evaluated = (args: readonly Value[], at: Position) => Value | undefined;

export function callFunction(name: string, args: readonly Value[], at: Position): Value {
  const lenient = ownOf(toleratesUnknown, name);
  if (lenient !== undefined) return lenient(args, at) ?? wrongArguments(name, at);
  const known = ownOf(functions, name);
  if (known === undefined) return unknown(`Portico does not evaluate the function ${name}`, at);
  const hole = args.map(unknownIn).find((found) => found !== undefined);
  if (hole !== undefined) return hole;
  return known(args, at) ?? wrongArguments(name, at);
}

/** `constructor` is not a Terraform function. */
function ownOf(table: Readonly<Record<string, Evaluated>>, name: string): Evaluated | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function wrongArguments(name: string, at: Position): Value {
  return unknown(`${name}() does not take these arguments`, at);
}

/** Functions that have a result although a part of an argument is unknown. */
const toleratesUnknown: Readonly<Record<string, Evaluated>> = {
  tolist: ([list]) => asList(list),
  toset: ([list]) => asList(list),
  list: (args, at) => ({ kind: "list", items: args, at }),
  tomap: ([map]) => map,
  concat: joined,
  flatten: ([list], at) => list && flattened(list, at),
  merge: merged,
  values: ([map], at) => overElements(map, ([, value]) => value, at),
  element: ([list, index], at) => {
    const elements = elementsOf(list);
    const number = asNumber(index);
    if (list?.kind === "unknown") return list;
    if (index?.kind === "unknown") return index;
    if (elements === undefined || number === undefined || elements.length === 0) return undefined;
    return elements[number % elements.length]?.[1] ?? unknown(`there is no element ${number} in it`, at);
  },
  lookup: ([map, key, otherwise], at) => {
    if (map?.kind === "unknown") return map;
    if (key?.kind === "unknown") return key;
    const name = asText(key);
    if (map?.kind !== "object" || name === undefined) return undefined;
    return map.entries.get(name) ?? otherwise ?? unknown(`there is no ${JSON.stringify(name)} in it`, at);
  },
  length: ([of], at) => {
    if (of === undefined) return undefined;
    const elements = elementsOf(of);
    if (elements !== undefined) return scalar(elements.length, at);
    return of.kind === "unknown" ? of : scalar(asText(of)?.length ?? 0, at);
  },
  try: (args, at) =>
    args.find((value) => value.kind !== "unknown" || value.fails !== true) ??
    args[0] ??
    unknown("none of it is known", at),
  coalesce: (args, at) => firstUseful(args, (value) => !isNull(value) && asText(value) !== "", at),
  coalescelist: (args, at) => firstUseful(args, (value) => (elementsOf(value)?.length ?? 0) > 0, at),
  compact: ([list], at) =>
    list?.kind === "list"
      ? {
          kind: "list",
          items: list.items.filter((item) => !isNull(item) && asText(item) !== ""),
          at: list.at,
        }
      : (list ?? unknown("there is no list", at)),
  one: ([list], at) => (list?.kind === "list" ? (list.items[0] ?? scalar(null, at)) : list),
  sensitive: ([value]) => value,
  nonsensitive: ([value]) => value,
};

const functions: Readonly<Record<string, Evaluated>> = {
  tostring: ([value], at) => text(value, (of) => of, at),
  tonumber: ([value]) => {
    const number = asNumber(value);
    return value === undefined || number === undefined
      ? undefined
      : { ...value, kind: "scalar", value: number };
  },
  tobool: ([value]) => {
    const boolean = value === undefined ? undefined : asBoolean(value);
    return value === undefined || boolean === undefined
      ? undefined
      : { ...value, kind: "scalar", value: boolean };
  },
  lower: ([value], at) => text(value, (of) => of.toLowerCase(), at),
  upper: ([value], at) => text(value, (of) => of.toUpperCase(), at),
  title: ([value], at) => text(value, (of) => of.replace(/(^|\s)\S/g, (letter) => letter.toUpperCase()), at),
  trimspace: ([value], at) => text(value, (of) => of.trim(), at),
  chomp: ([value], at) => text(value, (of) => of.replace(/[\r\n]+$/, ""), at),
  trimprefix: ([value, prefix], at) =>
    text(value, (of) => (of.startsWith(textOrEmpty(prefix)) ? of.slice(textOrEmpty(prefix).length) : of), at),
  trimsuffix: ([value, suffix], at) =>
    text(
      value,
      (of) =>
        textOrEmpty(suffix) !== "" && of.endsWith(textOrEmpty(suffix))
          ? of.slice(0, -textOrEmpty(suffix).length)
          : of,
      at,
    ),
  substr: ([value, offset, length], at) => {
    const [from, count] = [numberOr(offset, 0), numberOr(length, -1)];
    return text(value, (of) => of.slice(from, count < 0 ? undefined : from + count), at);
  },
  replace: ([value, what, by], at) => {
    const pattern = textOrEmpty(what);
    // Between slashes it is a regular expression in Go's syntax.
    if (/^\/.+\/$/s.test(pattern))
      return unknown("Portico does not evaluate replace() with a regular expression", at);
    const pieces = asText(value)?.split(pattern) ?? [];
    // Checked before the text is built: the product of two texts may be very long.
    if (pieces.length * textOrEmpty(by).length > MAX_EXPANDED) return tooLong(at);
    return text(value, () => pieces.join(textOrEmpty(by)), at);
  },
  join: ([separator, ...lists], at) => {
    const items = flattened({ kind: "list", items: lists, at }, at);
    const words = items.kind === "list" ? items.items.map(asText) : [undefined];
    if (separator === undefined || words.includes(undefined)) return undefined;
    const length = words.reduce((sum, word) => sum + (word ?? "").length, 0);
    if (length + words.length * textOrEmpty(separator).length > MAX_EXPANDED) return tooLong(at);
    return scalar(words.join(textOrEmpty(separator)), at);
  },
  split: ([separator, value], at) => {
    const of = asText(value);
    if (of === undefined || value === undefined) return undefined;
    const words = of === "" ? [] : of.split(textOrEmpty(separator));
    return { kind: "list", items: words.map((word) => scalar(word, value.at)), at };
  },
  format: ([form, ...args], at) => formatted(form, args, at),
  keys: ([map], at) => overElements(map, ([key, value]) => scalar(key, value.at), at, true),
  contains: ([list, wanted], at) => {
    const elements = elementsOf(list);
    const word = asText(wanted);
    if (elements === undefined || word === undefined) return undefined;
    return scalar(
      elements.some(([, element]) => asText(element) === word),
      at,
    );
  },
  distinct: ([list], at) => {
    if (list?.kind !== "list") return undefined;
    const seen = new Set<string>();
    const items = list.items.filter((item) => {
      const key = asText(item) ?? JSON.stringify(item);
      return !seen.has(key) && seen.add(key).size > 0;
    });
    return { kind: "list", items, at };
  },
  reverse: ([list]) => (list?.kind === "list" ? { ...list, items: list.items.toReversed() } : undefined),
  sort: ([list]) =>
    list?.kind === "list"
      ? { ...list, items: list.items.toSorted((a, b) => ((asText(a) ?? "") < (asText(b) ?? "") ? -1 : 1)) }
      : undefined,
  slice: ([list, from, to]) =>
    list?.kind === "list"
      ? { ...list, items: list.items.slice(numberOr(from, 0), numberOr(to, list.items.length)) }
      : undefined,
  range: ranged,
  zipmap: ([keys, values], at) => {
    if (keys?.kind !== "list" || values?.kind !== "list") return undefined;
    const entries = new Map<string, Value>();
    keys.items.forEach((key, index) => {
      const value = values.items[index];
      if (value !== undefined) entries.set(asText(key) ?? "", value);
    });
    return { kind: "object", entries, at };
  },
  map: (args, at) => {
    const entries = new Map<string, Value>();
    for (let index = 0; index + 1 < args.length; index += 2) {
      const value = args[index + 1];
      if (value !== undefined) entries.set(textOrEmpty(args[index]), value);
    }
    return { kind: "object", entries, at };
  },
  min: (args, at) => numbers(args, (all) => Math.min(...all), at),
  max: (args, at) => numbers(args, (all) => Math.max(...all), at),
  abs: (args, at) => numbers(args, ([of]) => Math.abs(of ?? 0), at),
  ceil: (args, at) => numbers(args, ([of]) => Math.ceil(of ?? 0), at),
  floor: (args, at) => numbers(args, ([of]) => Math.floor(of ?? 0), at),
};

function tooLong(at: Position): Value {
  return unknown(`it is longer than ${shownLimit(MAX_EXPANDED)} characters`, at);
}

function text(value: Value | undefined, make: (text: string) => string, at: Position): Value | undefined {
  const of = asText(value);
  if (value === undefined || of === undefined) return undefined;
  // The word has the place of the argument.
  return {
    ...scalar(make(of), value.at ?? at),
    ...(value.source === undefined ? {} : { source: value.source }),
  };
}

function textOrEmpty(value: Value | undefined): string {
  return asText(value) ?? "";
}

function numberOr(value: Value | undefined, otherwise: number): number {
  return asNumber(value) ?? otherwise;
}

function numbers(
  args: readonly Value[],
  make: (all: readonly number[]) => number,
  at: Position,
): Value | undefined {
  const all = args.map(asNumber).filter((number) => number !== undefined);
  return all.length === 0 || all.length < args.length ? undefined : scalar(make(all), at);
}

function asList(value: Value | undefined): Value | undefined {
  if (value === undefined) return undefined;
  if (value.kind !== "object") return value;
  return { kind: "list", items: [...value.entries.values()], at: value.at };
}

function overElements(
  of: Value | undefined,
  make: (element: readonly [string | number, Value]) => Value,
  at: Position,
  sorted = false,
): Value | undefined {
  if (of?.kind === "unknown") return of;
  const elements = elementsOf(of);
  if (elements === undefined) return undefined;
  const order = sorted ? elements.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)) : elements;
  return { kind: "list", items: order.map(make), at };
}

function joined(lists: readonly Value[], at: Position): Value {
  const items: Value[] = [];
  for (const list of lists) {
    if (list.kind !== "list")
      return list.kind === "unknown" ? list : unknown("the joined value is not a list", at);
    items.push(...list.items);
  }
  return { kind: "list", items, at };
}

/** Lists in lists become one; what is not known stays in its place. */
export function flattened(list: Value, at: Position): Value {
  if (list.kind !== "list") return list;
  const items = list.items.flatMap((item) => {
    const inner = flattened(item, at);
    return inner.kind === "list" ? inner.items : [inner];
  });
  return { kind: "list", items, at: list.at };
}

function merged(maps: readonly Value[], at: Position): Value | undefined {
  const entries = new Map<string, Value>();
  for (const map of maps) {
    if (map.kind === "unknown") return map;
    if (isNull(map)) continue;
    if (map.kind !== "object") return undefined;
    for (const [key, value] of map.entries) entries.set(key, value);
  }
  return { kind: "object", entries, at };
}

function firstUseful(args: readonly Value[], isUseful: (value: Value) => boolean, at: Position): Value {
  for (const value of args) {
    if (value.kind === "unknown" || isUseful(value)) return value;
  }
  return unknown("none of them has a value", at);
}

function ranged(args: readonly Value[], at: Position): Value | undefined {
  const all = args.map(asNumber).filter((number) => number !== undefined);
  const [first, second, third] = all;
  if (first === undefined || all.length < args.length) return undefined;
  const [from, to, step] = second === undefined ? [0, first, 1] : [first, second, third ?? 1];
  // Terraform itself stops at 1024 (language functions, `range`).
  if (step === 0 || Math.abs((to - from) / step) > 1024) return undefined;
  const items: Value[] = [];
  for (let number = from; step > 0 ? number < to : number > to; number += step)
    items.push(scalar(number, at));
  return { kind: "list", items, at };
}

function formatted(form: Value | undefined, args: readonly Value[], at: Position): Value | undefined {
  const pattern = asText(form);
  if (pattern === undefined) return undefined;
  let next = 0;
  let strange = false;
  const made = pattern.replace(/%(%|[sdv]|0(\d)d|[^%])/g, (_found, verb: string, width?: string) => {
    if (verb === "%") return "%";
    const word = textOrEmpty(args[next]);
    next += 1;
    if (width !== undefined) return word.padStart(Number(width), "0");
    if (!/^[sdv]$/.test(verb)) strange = true;
    return word;
  });
  return strange
    ? unknown(`Portico does not evaluate format(${JSON.stringify(pattern)})`, at)
    : scalar(made, at);
}

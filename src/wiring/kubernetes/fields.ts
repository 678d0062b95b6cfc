// The fields of a Kubernetes object, each with its place; one of a wrong type is reported and not used.
import type { Position } from "../../findings/finding.ts";
import { isRecord, type Path, valueAt } from "../../source/data.ts";
import { isPlaceholder } from "../placeholder.ts";
import type { KubernetesObject, LeftOut } from "../wiring.ts";
import type { Written } from "../written.ts";

export interface Fields {
  readonly object: KubernetesObject;
  /** undefined where there is nothing, or what is there has another type. */
  readonly text: (path: Path) => Written<string> | undefined;
  readonly number: (path: Path) => Written<number> | undefined;
  readonly flag: (path: Path) => Written<boolean> | undefined;
  /** A number, or a name: ports and the like. */
  readonly numberOrText: (path: Path) => Written<number | string> | undefined;
  /** The path of each item of a list; empty where there is none. */
  readonly items: (path: Path) => readonly Path[];
  readonly has: (path: Path) => boolean;
  /** Whether another tool replaces the value (`${PORT}`), so that it is not known. */
  readonly isOpen: (path: Path) => boolean;
  readonly raw: (path: Path) => unknown;
  /** Labels, selectors, annotations. */
  readonly strings: (path: Path) => Readonly<Record<string, string>>;
  /** Of the value, or of its nearest parent that is written. */
  readonly at: (path: Path) => Position;
}

/** Errors are added to `leftOut`. */
export function fieldsOf(object: KubernetesObject, leftOut: LeftOut[]): Fields {
  const raw = (path: Path): unknown => valueAt(object.data, path);
  const at = (path: Path): Position => nearestPlace(object, path);
  const wrong = (path: Path, expected: string): undefined => {
    if (isPlaceholder(raw(path))) {
      leftOut.push(placeholderAt(at(path), raw(path)));
      return undefined;
    }
    leftOut.push({
      what: `\`${nameOf(path)}\` is not ${expected}`,
      why: `The API server refuses ${titleOf(object)}; its value is not taken into account.`,
      severity: "error",
      at: at(path),
    });
    return undefined;
  };
  const typed = <T>(
    path: Path,
    is: (value: unknown) => value is T,
    expected: string,
  ): Written<T> | undefined => {
    const value = raw(path);
    if (value === undefined || value === null) return undefined;
    return is(value) ? { value, at: at(path) } : wrong(path, expected);
  };
  const strings = (path: Path): Readonly<Record<string, string>> => {
    const value = raw(path);
    if (value === undefined || value === null) return {};
    if (!isRecord(value)) {
      wrong(path, "a map");
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        if (typeof one !== "string") wrong([...path, key], "text: put it in quotes");
        return [key, typeof one === "string" ? one : plainText(one)];
      }),
    );
  };
  return {
    object,
    raw,
    at,
    strings,
    has: (path) => raw(path) !== undefined && raw(path) !== null,
    isOpen: (path) => isPlaceholder(raw(path)),
    text: (path) => typed(path, isText, "text"),
    number: (path) => typed(path, isWhole, "a whole number"),
    flag: (path) => typed(path, isFlag, "true or false"),
    numberOrText: (path) => typed(path, isWholeOrText, "a number or a name"),
    items: (path) => {
      const value = raw(path);
      if (value === undefined || value === null) return [];
      if (Array.isArray(value)) return value.map((_, index) => [...path, index]);
      wrong(path, "a list");
      return [];
    },
  };
}

function placeholderAt(at: Position, value: unknown): LeftOut {
  const text = typeof value === "string" ? value : `{${Object.keys(value ?? {}).join("")}}`;
  return {
    what: `\`${text}\` is a placeholder`,
    why: "Its value is not known here: no rule about it was applied.",
    severity: "note",
    at,
  };
}

/** `Deployment web/app-edge`; without its namespace where none is written. */
export function titleOf({
  kind,
  namespace,
  name,
}: Pick<KubernetesObject, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace === "default" ? "" : `${namespace}/`}${name}`;
}

function nearestPlace(object: KubernetesObject, path: Path): Position {
  for (let length = path.length; length > 0; length -= 1) {
    const place = object.place(path.slice(0, length));
    if (place !== undefined) return place;
  }
  return object.at;
}

function nameOf(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index > 0 ? "." : ""}${step}`))
    .join("");
}

function plainText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isWholeOrText(value: unknown): value is number | string {
  return isText(value) || isWhole(value);
}

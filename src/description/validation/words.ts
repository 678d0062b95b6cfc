// How findings write paths, values and what is expected.
import type { Path } from "../../source/data.ts";

/** `sites[0].routes[2].header["x y"]`; empty for the whole description. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!/^[A-Za-z_][-\w]*$/.test(step)) return `${text}[${JSON.stringify(shorten(step, 60))}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** What was written, in a few words: `the text "x"`, `the number 5`, `a list`, `nothing`. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${JSON.stringify(shorten(value, 40))}`;
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : "a map";
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

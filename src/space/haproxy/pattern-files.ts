// The maps and lists of patterns that a configuration names: the text of a file, or why it is not followed.
import { digestOf } from "./digest.ts";
import type { Scope, World } from "./scope.ts";
import { fileName } from "./side-effects.ts";

export type PatternFile =
  | { readonly text: string }
  | {
      readonly why: string;
      /** Of its content; undefined: not known. */
      readonly digest: string | undefined;
    };

/** This many entries take about 10 s and 1 GB. */
const MOST_LINES = 100_000;

/** `path`: as written, with `opt@` or `file@`. */
export function patternFile(
  { changing, files }: Pick<World, "changing" | "files">,
  path: string,
): PatternFile {
  const name = fileName(path);
  if (changing.has(name)) return { why: `${path} changes while HAProxy runs`, digest: undefined };
  const text = name.startsWith("virt@") ? undefined : files(name);
  if (text === undefined) return { why: `${path} is missing`, digest: undefined };
  if (!hasManyLines(text)) return { text };
  return { why: `${path} has more than ${MOST_LINES.toLocaleString("en")} lines`, digest: digestOf(text) };
}

/** What the content of a file depends on that rules change while HAProxy runs. */
export function stateOfFile({ store, world }: Scope, path: string): string {
  const name = fileName(path);
  return world.changing.has(name) ? `${world.rulesKey()} ${store.changes.get(name) ?? ""}` : "";
}

function hasManyLines(text: string): boolean {
  let lines = 0;
  let at = text.indexOf("\n");
  while (at >= 0 && lines <= MOST_LINES) {
    lines += 1;
    at = text.indexOf("\n", at + 1);
  }
  return lines > MOST_LINES;
}

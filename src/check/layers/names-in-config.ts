// Where a haproxy.cfg mentions names: a name that is defined and not mentioned again is not used.
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { memoized } from "./memoized.ts";

/** Lua, filters that call other programs and lines that depend on the environment may use any name. */
export const mayUseAnyName = memoized(({ config }: HaproxyLayer) =>
  config.lines.some(
    ({ tokens, conditional, fault }) =>
      conditional ||
      fault !== undefined ||
      tokens.some(({ symbolic }) => symbolic) ||
      /^(?:lua-load|lua-load-per-thread|filter)$/.test(tokens[0]?.value ?? ""),
  ),
);

/** Lines whose first word is a name that they define. */
const NAMED: ReadonlySet<string> = new Set(["acl", "server", "server-template"]);

/** The lines that mention each name: as a word, as an argument, `nbsrv(app)`, or in front of a slash, `track app/a`. */
export const mentionsIn = memoized(
  ({ config }: HaproxyLayer): ReadonlyMap<string, ReadonlySet<HaproxyLine>> => {
    const mentions = new Map<string, Set<HaproxyLine>>();
    for (const line of config.lines) {
      const words = line.tokens.slice(NAMED.has(line.tokens[0]?.value ?? "") ? 2 : 1);
      for (const name of words.flatMap(({ value }) => namesIn(value))) {
        const lines = mentions.get(name) ?? new Set();
        mentions.set(name, lines.add(line));
      }
    }
    return mentions;
  },
);

function namesIn(word: string): readonly string[] {
  return word.split(/[(),\s]+/).flatMap((part) => [part, part.replace(/\/.*/s, "")]);
}

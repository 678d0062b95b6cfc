// Places in a portico.config.ts. Values of a program have no position; findings point only at places that the text identifies with certainty.
import type { Position } from "../../findings/finding.ts";
import type { Path } from "../../source/data.ts";
import { locator } from "../../source/locate.ts";

export interface ConfigPlaces {
  /** The property that the path ends in, when the text holds a property of that name exactly once. */
  positionOf(path: Path, options?: { readonly key?: boolean }): Position | undefined;
  /** `export default`. */
  defaultExport(): Position | undefined;
  /** The first place of a text outside comments. */
  find(wanted: string): Position | undefined;
}

/** Places in the text of the named file. */
export function configPlaces(file: string, text: string): ConfigPlaces {
  const locate = locator(file, text);
  let withoutComments: string | undefined;
  const code = (): string => (withoutComments ??= blankComments(text));
  const find = (wanted: string): Position | undefined => {
    const at = code().indexOf(wanted);
    return at === -1 ? undefined : locate(at, at + wanted.length);
  };
  const positionOf = (path: Path): Position | undefined => {
    const key = path.at(-1);
    if (typeof key !== "string") return undefined;
    const [only, second] = code().matchAll(
      new RegExp(`(?<![\\w$.])(["']?)${key.replace(/[^A-Za-z0-9_]/g, "\\$&")}\\1(?=\\s*:)`, "g"),
    );
    return only === undefined || second !== undefined
      ? undefined
      : locate(only.index, only.index + only[0].length);
  };
  return { positionOf, find, defaultExport: () => find("export default") };
}

/** The same text with spaces for comments; strings and templates are unchanged, so that `//` in a URL is not read as a comment. */
function blankComments(text: string): string {
  const tokens = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(tokens, (token) => (token.startsWith("/") ? token.replace(/[^\n]/g, " ") : token));
}

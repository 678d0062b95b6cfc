// ARG and ENV of a build, and the expansion of $NAME in texts.
import type { Position } from "../../findings/finding.ts";
import { MAX_EXPANDED, shownLimit } from "../../source/limits.ts";
import type { Known } from "../written.ts";

/** By name; undefined: an ARG without a default, or of a value that is not known. */
export type BuildVariables = ReadonlyMap<string, string | undefined>;

/** `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` (Dockerfile reference, "Environment replacement"). */
export function expanded(text: string, variables: BuildVariables, at: Position): Known<string> {
  const missing: string[] = [];
  let length = text.length;
  const value = text.replace(
    /\\\$|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})/g,
    (found, bare?: string, braced?: string, operator?: string, word = "") => {
      const name = bare ?? braced;
      if (name === undefined) return "$";
      const known = variables.get(name);
      const isSet = known !== undefined && (known !== "" || operator?.startsWith(":") !== true);
      if (operator?.endsWith("+") === true) return isSet ? word : "";
      if (isSet) {
        length += known.length;
        // Variables that contain one another twice grow exponentially.
        return length > MAX_EXPANDED ? "" : known;
      }
      if (operator?.endsWith("-") === true) return word;
      missing.push(
        variables.has(name)
          ? `the build argument ${name} has no default`
          : `${name} is not set in this build`,
      );
      return found;
    },
  );
  const [why] = missing;
  if (length > MAX_EXPANDED && length > text.length) return { unknown: TOO_LONG_WHY, at };
  return why === undefined ? { value, at } : { unknown: why, at };
}

const TOO_LONG_WHY = `it expands to more than ${shownLimit(MAX_EXPANDED)} characters`;
const TOO_LONG = " ".repeat(MAX_EXPANDED + 1);

/** What an ARG or ENV sets its name to; undefined: it is not known. A value that is too long stays unknown where it is used. */
export function resolved(value: string | undefined, variables: BuildVariables): string | undefined {
  if (value === undefined) return undefined;
  const known = expanded(value, variables, { file: "", line: 1, column: 1 });
  if ("value" in known) return known.value;
  return known.unknown === TOO_LONG_WHY ? TOO_LONG : undefined;
}

/** The `NAME=value` pairs of an ARG or ENV; ENV's older form is `NAME the rest`. */
export function assignments(
  content: string,
  keyword: "ARG" | "ENV",
): readonly (readonly [string, string | undefined])[] {
  const old = /^(\w+)[ \t]+([^=]*)$/s.exec(content);
  if (keyword === "ENV" && old !== null) return [[old[1] ?? "", (old[2] ?? "").trim()]];
  const form = /([A-Za-z_]\w*)(?:=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*))?/gs;
  return [...content.matchAll(form)].map(([, name = "", value]) => [
    name,
    value === undefined
      ? undefined
      : value.replace(
          /"((?:\\.|[^"\\])*)"|'([^']*)'/gs,
          (_, double?: string, single?: string) => double ?? single ?? "",
        ),
  ]);
}

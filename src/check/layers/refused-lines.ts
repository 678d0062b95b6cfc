// The lines of a haproxy.cfg that some versions of HAProxy refuse.
import type { Position } from "../../findings/finding.ts";
import { directiveOf, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { type HaproxyVersion, REFUSED_DIRECTIVES, refuses } from "./haproxy-versions.ts";

export interface RefusedLine {
  /** The words that are refused. */
  readonly text: string;
  /** The last version that is too old for it. */
  readonly unknownUntil: HaproxyVersion | undefined;
  /** Which of the given versions refuse it. */
  readonly versions: readonly HaproxyVersion[];
  readonly instead: string;
  readonly at: Position;
}

export function refusedLines(
  { config }: HaproxyLayer,
  versions: readonly HaproxyVersion[],
): readonly RefusedLine[] {
  return config.sections.flatMap(({ kind, header, lines }) =>
    [...(header === undefined ? [] : [header]), ...lines].flatMap((line) => {
      // What an `.if` decides about may be written for one version alone.
      if (line.conditional) return [];
      const { words } = directiveOf(line);
      const [first] = words;
      const directive = REFUSED_DIRECTIVES.find(
        ({ words: begins, sections, when }) =>
          sections.includes(kind) &&
          begins.every((word, index) => words[index]?.value === word) &&
          (when === undefined || when(line)),
      );
      if (directive === undefined || first === undefined) return [];
      const refusing = versions.filter((version) => refuses(version, directive) === true);
      if (refusing.length === 0) return [];
      const { instead, unknownUntil } = directive;
      return {
        text: directive.words.join(" "),
        unknownUntil,
        versions: refusing,
        instead,
        at: tokenPosition(config, first, words.at(-1)),
      };
    }),
  );
}

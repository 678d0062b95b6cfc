// What rules about haproxy.cfg look at: every proxy with the file it stands in, and who reaches it.
import type { Fix, Position } from "../../findings/finding.ts";
import {
  directiveOf,
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  tokenPosition,
} from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Way, Wiring } from "../../wiring/wiring.ts";

export interface PlacedProxy {
  readonly layer: HaproxyLayer;
  readonly proxy: HaproxyProxy;
}

/** Frontends and listens: what clients come to. */
export function clientSides(wiring: Wiring): readonly PlacedProxy[] {
  return proxiesOf(wiring).filter(({ proxy }) => proxy.kind === "frontend" || proxy.kind === "listen");
}

/** Backends and listens: what has servers. */
export function serverSides(wiring: Wiring): readonly PlacedProxy[] {
  return proxiesOf(wiring).filter(({ proxy }) => proxy.kind === "backend" || proxy.kind === "listen");
}

export function proxiesOf(wiring: Wiring): readonly PlacedProxy[] {
  return wiring.haproxies.flatMap((layer) => layer.wiring.proxies.map((proxy) => ({ layer, proxy })));
}

/** Ways that end at one of these binds. */
export function waysTo(wiring: Wiring, binds: readonly HaproxyBind[]): readonly Way[] {
  return wiring.ways.filter(({ bind }) => bind !== null && binds.includes(bind));
}

/** The lines of a section that begin with these words, a leading `no` or `default` apart; turned off ones are left out. */
export function linesOf(section: HaproxySection, ...words: readonly string[]): readonly HaproxyLine[] {
  return section.lines.filter((line) => {
    const { negated, words: own } = directiveOf(line);
    return !negated && words.every((word, index) => own[index]?.value === word);
  });
}

export function placeOf(config: HaproxyConfig, line: HaproxyLine): Position {
  const first = line.tokens[0];
  return first === undefined
    ? { file: config.file, line: line.number, column: 1 }
    : tokenPosition(config, first, line.tokens.at(-1));
}

/** Puts a line behind the last one of a section that says anything, indented as that one is; undefined where it may not be changed. */
export function fixByLine(layer: HaproxyLayer, section: HaproxySection, text: string): Fix | undefined {
  const said = section.lines.filter((line) => line.tokens.length > 0);
  const last = said.at(-1) ?? section.header;
  if (last === undefined || layer.from !== "file" || last.end === "" || last.conditional) return undefined;
  const indent = said.length === 0 ? "  " : (/^[ \t]*/.exec(last.text)?.[0] ?? "");
  const where = `${section.kind} ${section.name?.value ?? ""}`.trim();
  return {
    does: `adds \`${text}\` to ${where}`,
    edits: [
      {
        file: layer.config.file,
        line: last.number,
        column: last.text.length + 1,
        endLine: last.number,
        endColumn: last.text.length + 1,
        text: `${last.end}${indent}${text}`,
      },
    ],
  };
}

/** Puts words at the end of what a line says, before its comment. */
export function fixByWords(layer: HaproxyLayer, line: HaproxyLine, text: string): Fix | undefined {
  const last = line.tokens.at(-1);
  if (last === undefined || layer.from !== "file") return undefined;
  const column = last.column + last.length;
  return {
    does: `adds \`${text}\` to line ${line.number}`,
    edits: [
      {
        file: layer.config.file,
        line: line.number,
        column,
        endLine: line.number,
        endColumn: column,
        text: ` ${text}`,
      },
    ],
  };
}

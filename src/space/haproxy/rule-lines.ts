// The rules of a proxy in the order in which HAProxy runs them.
import type { Position } from "../../findings/finding.ts";
import { directiveOf, type HaproxyLine, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { World } from "./scope.ts";

/** A rule of a section or of its `defaults`. */
export interface RuleLine {
  readonly line: HaproxyLine;
  readonly section: HaproxyProxy;
}

const known = new WeakMap<HaproxyProxy, Map<string, readonly RuleLine[]>>();

/** The lines of a proxy that begin with these words, those of its `defaults` first. */
export function ruleLines(proxy: HaproxyProxy, ...words: readonly string[]): readonly RuleLine[] {
  const ofProxy = known.get(proxy) ?? new Map<string, readonly RuleLine[]>();
  known.set(proxy, ofProxy);
  const key = words.join(" ");
  const lines = ofProxy.get(key) ?? findRuleLines(proxy, words);
  ofProxy.set(key, lines);
  return lines;
}

function findRuleLines(proxy: HaproxyProxy, words: readonly string[]): readonly RuleLine[] {
  const own = proxy.section.lines
    .filter((line) => !directiveOf(line).negated)
    .filter((line) => words.every((word, index) => line.tokens[index]?.value === word))
    .map((line) => ({ line, section: proxy }));
  return proxy.parent ? [...ruleLines(proxy.parent, ...words), ...own] : own;
}

export function placeOf({ config }: World, line: HaproxyLine): Position | undefined {
  const [first] = line.tokens;
  return first && tokenPosition(config, first, line.tokens.at(-1));
}

export function textOf(line: HaproxyLine): string {
  return line.tokens.map(({ text }) => text).join(" ");
}

// The lines of a configuration that match a pattern.
import { type HaproxyConfig, wordsText } from "../../wiring/haproxy/config.ts";

const texts = new WeakMap<HaproxyConfig, Map<RegExp, string>>();

/** Lines whose words, joined by one blank, match. */
export function textsOf(config: HaproxyConfig, pattern: RegExp): string {
  const known = texts.get(config) ?? new Map<RegExp, string>();
  texts.set(config, known);
  const found =
    known.get(pattern) ??
    config.lines
      .map(wordsText)
      .filter((text) => pattern.test(text))
      .join("\n");
  known.set(pattern, found);
  return found;
}

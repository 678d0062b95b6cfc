// One configuration from several files, as HAProxy loads them with `-f` repeated or `-f FOLDER`.
import { SECTION_KINDS } from "../../source/haproxy-sections.ts";
import {
  type HaproxyConfig,
  type HaproxyLine,
  parseHaproxyConfig,
  printHaproxyConfig,
  type TextPart,
} from "./config.ts";

/** In the order in which HAProxy loads them. `defaults` of one file apply in the next files (management guide, section 3). */
export function joinConfigs(parts: readonly [HaproxyConfig, ...HaproxyConfig[]]): HaproxyConfig {
  const [first, ...others] = parts;
  if (others.length === 0) return first;
  let text = "";
  let from = 1;
  const placed: TextPart[] = [];
  for (const part of parts) {
    placed.push({ from, file: part.file, origin: part.origin });
    const printed = printHaproxyConfig(part);
    text += printed === "" || printed.endsWith("\n") ? printed : `${printed}\n`;
    from += part.lines.length;
  }
  return parseHaproxyConfig(text, first.file, { lines: 0, columns: 0, parts: placed });
}

/** The first line of a file, if it belongs to no section: HAProxy refuses it, whatever the end of the previous file is. */
export function lineOutOfSection({ lines }: HaproxyConfig): HaproxyLine | undefined {
  const first = lines.find(({ tokens }) => tokens[0] !== undefined && !tokens[0].value.startsWith("."));
  return SECTION_KINDS.has(first?.tokens[0]?.value ?? "global") ? undefined : first;
}

/** The first `.if` that its own file does not close: HAProxy refuses the file. */
export function openCondition({ lines }: HaproxyConfig): HaproxyLine | undefined {
  const open: HaproxyLine[] = [];
  for (const line of lines) {
    const first = line.tokens[0]?.value;
    if (first === ".if") open.push(line);
    else if (first === ".endif") open.pop();
  }
  return open[0];
}

/** In the order of `LC_ALL=C`: HAProxy loads the files of a folder that end in `.cfg` and are not hidden. */
export function loadedFromFolder(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => name.endsWith(".cfg") && !name.startsWith("."))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

// Lines of files as outputs show them: passwords, keys and tokens in them are asterisks.
import { CREDENTIAL_KEYS, CREDENTIAL_WORDS } from "./credential-names.ts";
import { MASK } from "./hidden-text.ts";

/** A part of a line, from and up to a column that counts from 0. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** A word of haproxy.cfg in quotes or without; a variable, a sample or a placeholder is not a secret. */
const WORD = String.raw`(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'#{}])+`;
const WORDS = CREDENTIAL_WORDS.join("|");
const KEYS = CREDENTIAL_KEYS.join("|");
const HEADER = String.raw`(?:proxy-)?authorization|(?:set-)?cookie|[\w-]*(?:${WORDS}|(?:${KEYS})-?key)[\w-]*`;
/** Of an environment. */
const VARIABLE = String.raw`\w*(?:PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY|PRIVATE_?KEY|CREDENTIAL)\w*`;

/** Lines of haproxy.cfg, alone or in a sentence. The last group is the secret. */
const CONFIG_PATTERNS: readonly RegExp[] = [
  new RegExp(String.raw`\bstats\s+auth\s+[^\s:"']*:(${WORD})`, "gd"),
  /\bstats\s+auth\s+["'][^:"']*:([^"']+)/dg,
  new RegExp(String.raw`\buser\s+\S+\s+(?:insecure-)?password\s+(${WORD})`, "gd"),
  new RegExp(String.raw`\bdynamic-cookie-key\s+(${WORD})`, "gd"),
  new RegExp(
    String.raw`\b(?:set|add|replace)-header\s+["']?(?:${HEADER})["']?\s+(${WORD}(?:\s+(?!if\b|unless\b|#)${WORD})*)`,
    "gid",
  ),
  new RegExp(String.raw`\bhdr\s+["']?(?:${HEADER})["']?\s+(${WORD})`, "gid"),
  new RegExp(
    String.raw`\b(?:hdr|fhdr)\w*\(\s*(?:${HEADER})\s*(?:,[^)]*)?\)\S*((?:\s+(?!if\b|unless\b|\}|#)${WORD})+)`,
    "gid",
  ),
  new RegExp(String.raw`\bhttp_auth_bearer(?:\([^)]*\))?((?:\s+(?!if\b|unless\b|\}|#)${WORD})+)`, "gd"),
  /\bhmac\([^,)]*,([^)]+)\)/dg,
  /\bjwt_verify\((?:[^,)]*|"[^"]*"),([^)/]+)\)/dg,
  new RegExp(String.raw`\b(?:pre)?setenv\s+${VARIABLE}\s+(${WORD})`, "gid"),
];

/** Keys of descriptions, manifests, Terraform and Dockerfiles whose value is a secret. */
const KEY = String.raw`(?:proxy-)?authorization|password|passwd|stickyKey|clientSecret|client_secret|[\w-]+[-_](?:${WORDS})|[\w-]*api[-_]?key|[\w-]+-(?:${KEYS})-key`;
const KEY_PATTERN = new RegExp(
  String.raw`(?:^|[\s{,"'])["']?(?:${KEY})["']?\s*[:=]\s*(?:\{\s*["']?regex["']?\s*:\s*)?("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{\[|>&*#,}][^,}#]*)`,
  "gid",
);
const COOKIES =
  /(?:^|[\s{,"'])["']?(?:set-)?cookie["']?\s*:\s*("[^"]*=[^"]*"|'[^']*=[^']*'|[^\s"'{[,}#]+=[^,}#]*)/dgi;

/** In haproxy.cfg: a variable, a sample, a flag, and the text of a remedy; `***` everywhere. */
const NO_SECRET = /^\$\{[A-Za-z_]\w*\}$|^\$[A-Za-z_]\w*$|%\[|^-[fm]\b|^(?:PASSWORD|HASH)`|^\*\*\*$/;
const MASKED = /^\*\*\*$/;

/** A word of each of the patterns above: most texts have none. */
const MAY_HAVE_SECRET = /auth|user|cookie-key|header|hdr|hmac|jwt|setenv/i;

/** A line of haproxy.cfg, or a sentence with one in it. */
export function maskedConfigLine(text: string): string {
  if (!MAY_HAVE_SECRET.test(text)) return text;
  return masked(text, rangesOf(text, CONFIG_PATTERNS));
}

/** A line of a file, with any content. `lines` are those of the whole file, if known. */
export function maskedRanges(line: string, index = 0, lines: readonly string[] = [line]): readonly Range[] {
  const inSecret = ofSecret(line, index, lines) ?? ofVariable(line, index, lines);
  if (inSecret !== undefined) return [inSecret];
  return apart([...rangesOf(line, CONFIG_PATTERNS), ...rangesOf(line, [KEY_PATTERN, COOKIES], MASKED)]);
}

/** Lines of a file, `count` from line number `first` on, which counts from 1: without their line breaks. */
export function maskedLines(text: string, first: number, count: number): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines
    .slice(first - 1, first - 1 + count)
    .map((line, index) => masked(line, maskedRanges(line, first - 1 + index, lines)));
}

/** The text with asterisks in place of each range. Ranges are in order and do not overlap. */
export function masked(text: string, ranges: readonly Range[]): string {
  let shown = "";
  let at = 0;
  for (const { from, to } of ranges) {
    shown += `${text.slice(at, from)}${MASK}`;
    at = to;
  }
  return shown + text.slice(at);
}

function rangesOf(text: string, patterns: readonly RegExp[], known: RegExp = NO_SECRET): readonly Range[] {
  if (text.length > LONGEST) return [];
  const found = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const [from, to] = match.indices?.at(-1) ?? [];
      if (from === undefined || to === undefined) return [];
      const range = trimmed(text, from, to);
      return known.test(text.slice(range.from, range.to)) ? [] : [range];
    }),
  );
  return apart(found);
}

/** Longer lines are cut before they are shown: those of maps and bodies. */
const LONGEST = 20_000;

/** Without white space and quotes around it, and flags of a match before it. */
function trimmed(text: string, from: number, to: number): Range {
  let [start, end] = [from, to];
  const flags = /^\s*(?:-(?:i|m\s+\w+|n|M|u|--)\s+)*/.exec(text.slice(start, end))?.[0].length ?? 0;
  start += flags;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end -= 1;
  const quote = text[start];
  if ((quote === '"' || quote === "'") && text[end - 1] === quote && end - start >= 2)
    return { from: start + 1, to: end - 1 };
  return { from: start, to: end };
}

function apart(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = merged.at(-1);
    if (range.to <= range.from) continue;
    if (last === undefined || range.from >= last.to) merged.push(range);
    else if (range.to > last.to) merged[merged.length - 1] = { from: last.from, to: range.to };
  }
  return merged;
}

/** A value of a Secret's `data` or `stringData`; undefined: the line is not one. */
function ofSecret(line: string, index: number, lines: readonly string[]): Range | undefined {
  let indent = indentOf(line);
  if (line.trim() === "" || !lines.some((one) => SECRET.test(one))) return undefined;
  for (let at = index; at >= 0 && !/^---/.test(lines[at] ?? ""); at -= 1) {
    const above = lines[at] ?? "";
    if (above.trim() === "" || (at !== index && indentOf(above) >= indent)) continue;
    indent = indentOf(above);
    const data = /^[\s"'-]*(?:data|stringData)["']?:(.*)$/.exec(above);
    if (data === null || !isSecretAround(at, indent, lines)) continue;
    if (at === index) return (data[1] ?? "").trim() === "" ? undefined : afterKey(line);
    return afterKey(line);
  }
  return undefined;
}

const SECRET = /^[\s"'-]*kind["']?:\s*["']?Secret["']?,?\s*(?:#.*)?$/;

/** Whether `kind: Secret` is a sibling of the key at that line. */
function isSecretAround(key: number, indent: number, lines: readonly string[]): boolean {
  const sibling = (line: string) => line.replace(/^(\s*)- /, "$1  ");
  for (const step of [-1, 1])
    for (let at = key + step; at >= 0 && at < lines.length; at += step) {
      const line = sibling(lines[at] ?? "");
      if (/^---/.test(line) || (line.trim() !== "" && indentOf(line) < indent)) break;
      if (indentOf(line) === indent && SECRET.test(line)) return true;
    }
  return false;
}

/** The text after the key, or the complete line of a multi-line text. */
function afterKey(line: string): Range | undefined {
  const key = /^\s*(?:- )?["']?[-._\w]+["']?:(?:\s+|$)/.exec(line)?.[0].length ?? indentOf(line);
  const end = line.trimEnd().length;
  return key >= end || /^[|>][-+\d]*$/.test(line.slice(key, end)) ? undefined : { from: key, to: end };
}

/** The `value` of a container's variable whose name is that of a secret, or the `regex` below such a header. */
function ofVariable(line: string, index: number, lines: readonly string[]): Range | undefined {
  if (/^\s*regex:/.test(line) && HEADER_ABOVE.test(lines[index - 1] ?? "")) return afterKey(line);
  if (!/^\s*(?:- )?value:/.test(line)) return undefined;
  const names = [lines[index - 1], lines[index + 1]];
  const secret = names.some((one) => NAME_OF_VARIABLE.test(one ?? ""));
  return secret ? afterKey(line) : undefined;
}

const NAME_OF_VARIABLE = new RegExp(String.raw`^\s*(?:- )?name:\s*["']?${VARIABLE}`, "i");
const HEADER_ABOVE = new RegExp(String.raw`^\s*(?:- )?["']?(?:${KEY})["']?:\s*$`, "i");

function indentOf(line: string): number {
  return /^\s*/.exec(line)?.[0].length ?? 0;
}

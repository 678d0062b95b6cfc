// Environment variables of a configuration, substituted by Portico: HAProxy then reads no `$`, and no environment variable of this machine.
import { MAX_EXPANDED } from "../../../source/limits.ts";
import type { Environment } from "../../environment.ts";
import type { HaproxyConfig, HaproxyLine, HaproxyToken } from "../config.ts";
import { quoteWord, scanWord } from "../quoting.ts";

/** The text of a line without its environment; undefined: a value depends on a condition of the file, or is too long. */
export type LiteralText = (line: HaproxyLine, inGlobal: boolean) => string | undefined;

/**
 * Reads the lines in order, as HAProxy does: `env`, `setenv` and `presetenv` give variables their values, others are
 * not set. Variables that HAProxy sets itself (`${HAPROXY_HTTP_LOG_FMT}`; manual 3.2, section 2.3) stays a variable.
 */
export function literalText(config: HaproxyConfig, env: Environment): LiteralText {
  const known = new Map(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const uncertain = new Set<string>();
  const own = new Set(
    config.lines.flatMap(({ tokens: [keyword, name] }) =>
      keyword !== undefined && SETS.has(keyword.value) && name !== undefined ? [name.value] : [],
    ),
  );
  const valueFor = (name: string) =>
    /^(?:HAPROXY_[A-Z_]+$|\.)/.test(name) && !own.has(name) ? HAPROXYS_OWN : known.get(name);
  const isKnown = (name: string | undefined) => name !== undefined && !uncertain.has(name);
  return (line, inGlobal) => {
    const sets = inGlobal && CHANGES.has(line.tokens[0]?.value ?? "");
    if (PLAIN.test(line.text) && !sets) return line.text;
    const names = line.tokens.flatMap((token, index) => variablesOf(token, isAddress(line, index)));
    const length = names.reduce((sum, name) => sum + (known.get(name ?? "")?.length ?? 0), 0);
    if (!names.every(isKnown) || length > MAX_EXPANDED) {
      if (sets) for (const { value } of line.tokens.slice(1)) uncertain.add(value);
      return undefined;
    }
    const values = line.tokens.map((token, index) => literal(token, isAddress(line, index), valueFor));
    const texts = values.map(({ value }) => value);
    if (sets) setVariables(line, texts, known, uncertain);
    if (PLAIN.test(line.text)) return line.text;
    return (/^[ \t]*/.exec(line.text)?.[0] ?? "") + values.map(({ written }) => written).join(" ");
  };
}

/** Printable ASCII without quotes, escapes and variables. */
const PLAIN = /^[\t\x20\x21\x23\x25\x26\x28-\x5b\x5d-\x7e]*$/;

function setVariables(
  { conditional }: HaproxyLine,
  [keyword = "", ...words]: readonly string[],
  known: Map<string, string>,
  uncertain: Set<string>,
): void {
  const [name = "", value = ""] = words;
  const names = SETS.has(keyword) ? [name] : words;
  const changed = keyword === "resetenv" ? [...known.keys()].filter((one) => !words.includes(one)) : names;
  if (!CHANGES.has(keyword)) return;
  for (const one of changed) {
    if (conditional) uncertain.add(one);
    else if (!SETS.has(keyword)) known.delete(one);
    else if (keyword === "setenv" || !known.has(one)) known.set(one, value);
  }
}

const SETS: ReadonlySet<string> = new Set(["setenv", "presetenv"]);
const CHANGES: ReadonlySet<string> = new Set([...SETS, "unsetenv", "resetenv"]);

const HAPROXYS_OWN = Symbol("set by HAProxy");

/** Where variables are replaced without quotes too (str2sa_range() in HAProxy's src/tools.c). */
const ADDRESS_AT: Readonly<Record<string, number>> = {
  bind: 1,
  "dgram-bind": 1,
  dispatch: 1,
  log: 1,
  "log-stderr": 1,
  mailer: 2,
  nameserver: 2,
  peer: 2,
  server: 2,
  "server-template": 3,
  source: 1,
  stats: 2,
};

function isAddress({ tokens }: HaproxyLine, index: number): boolean {
  const first = tokens[0]?.value ?? "";
  if (first === "stats" && tokens[1]?.value !== "socket") return false;
  return Object.hasOwn(ADDRESS_AT, first) && ADDRESS_AT[first] === index;
}

interface Part {
  readonly text: string;
  readonly name?: string;
  readonly otherwise?: string;
  /** `${NAME[*]}`, which is split into words. */
  readonly split?: boolean;
}

function partsOf({ text }: HaproxyToken, address: boolean): readonly Part[] {
  const parts: Part[] = [];
  scanWord(text, 0, (start, end, emitted, quote) => {
    const variable = quote === "double" && text[start] === "$" && end > start + 1;
    const last = parts.at(-1);
    if (variable) parts.push(variablePart(emitted));
    else if (last === undefined || last.name !== undefined) parts.push({ text: emitted });
    else parts[parts.length - 1] = { text: last.text + emitted };
  });
  if (!address || parts.some(({ name }) => name !== undefined)) return parts;
  const whole = parts.map((part) => part.text).join("");
  return whole
    .split(/(\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*))/)
    .map((part, index) => (index % 2 === 1 ? variablePart(part) : { text: part }));
}

function variablePart(text: string): Part {
  const [, braced, list, otherwise, bare] =
    /^\$(?:\{([A-Za-z_.]\w*)(\[\*\])?(?:-(.*))?\}|([A-Za-z_.]\w*))$/s.exec(text) ?? [];
  const name = braced ?? bare;
  return {
    text,
    ...(name !== undefined && { name }),
    ...(otherwise !== undefined && { otherwise }),
    ...(list !== undefined && { split: true }),
  };
}

/** undefined among them: one that is split into words. */
function variablesOf(token: HaproxyToken, address: boolean): readonly (string | undefined)[] {
  return partsOf(token, address).flatMap(({ name, split }) => {
    if (name === undefined) return [];
    return [split === true ? undefined : name];
  });
}

interface Literal {
  readonly value: string;
  /** As a word of the file. */
  readonly written: string;
}

function literal(
  token: HaproxyToken,
  address: boolean,
  valueFor: (name: string) => string | typeof HAPROXYS_OWN | undefined,
): Literal {
  const parts = partsOf(token, address).map((part): Literal => {
    const value = part.name === undefined ? part.text : (valueFor(part.name) ?? part.otherwise ?? "");
    if (value === HAPROXYS_OWN) return { value: part.text, written: `"${part.text}"` };
    return { value: String(value), written: String(value) };
  });
  const value = parts.map((part) => part.value).join("");
  const variable = parts.some((part) => part.written.startsWith('"$') && part.written !== part.value);
  if (!variable) return { value, written: quoteWord(value) };
  const written = parts
    .filter((part) => part.written !== "")
    .map((part) => (part.written === part.value ? quoteWord(part.value) : part.written));
  return { value, written: written.join("") };
}

// The part of an untrusted configuration that HAProxy may get: allowed lines, printed by Portico, and a list of the lines that are left out.
import { posix } from "node:path";
import { DEFAULT_RESOLVERS, NO_NAME_SERVER, SECTION_KINDS } from "../../../source/haproxy-sections.ts";
import type { Environment } from "../../environment.ts";
import type { HaproxyAddress } from "../address.ts";
import {
  directiveOf,
  editHaproxyConfig,
  type HaproxyAddition,
  type HaproxyConfig,
  type HaproxyEdit,
  type HaproxyLine,
  type HaproxyToken,
  parseHaproxyConfig,
  printHaproxyConfig,
} from "../config.ts";
import { type FileReference, type FileRole, optionsOf } from "../files.ts";
import type { HaproxyOption } from "../options.ts";
import { readHaproxyWiring } from "../read.ts";
import { dispatchAddresses } from "../read-targets.ts";
import type { HaproxyServer, HaproxyWiring } from "../wiring.ts";
import { dependentLines } from "./dependents.ts";
import { type LeftOutReason, lineVerdict, optionVerdict, sectionVerdict } from "./keywords.ts";
import { namedPatterns, unresolvedTests } from "./lookups.ts";
import { literalText } from "./variables.ts";

/** What HAProxy does with the configuration: `check` opens files and looks names up, `run` also binds and connects. */
export interface Use {
  readonly for: "check" | "run";
  /** The folder of Portico's own that HAProxy may open files of. */
  readonly folder: string;
  /** Values of variables that the configuration does not set. */
  readonly env: Environment;
  /** Whether this HAProxy may know a word that is in none of Portico's lists. */
  readonly isKnownWord: (word: string) => boolean;
  /** Lines of servers that keep a name with `run`: its name servers are the lab's own. */
  readonly named?: ReadonlySet<number>;
}

export interface LeftOutLine {
  /** Counted from 1. */
  readonly line: number;
  /** The words that decide: `lua-load`, `socks4`, `http-request use-service`. */
  readonly words: string;
  readonly reason: LeftOutReason;
}

export interface AllowedConfig {
  /** Line numbers are unchanged. */
  readonly config: HaproxyConfig;
  /** In the order of lines. */
  readonly leftOut: readonly LeftOutLine[];
}

/** As `allowedConfig`; `mayKnow` is called only if the configuration has a word that Portico does not know. */
export async function allowedFor(
  config: HaproxyConfig,
  use: Omit<Use, "isKnownWord">,
  mayKnowKeyword: () => Promise<Use["isKnownWord"]>,
): Promise<AllowedConfig> {
  const allowed = allowedConfig(config, { ...use, isKnownWord: () => true });
  if (!allowed.leftOut.some(({ reason }) => reason === "unknown")) return allowed;
  return allowedConfig(config, { ...use, isKnownWord: await mayKnowKeyword() });
}

/** Directives and options that the lists do not allow are left out. Names are not resolved, and HAProxy never reads `$`. */
export function allowedConfig(given: HaproxyConfig, use: Use): AllowedConfig {
  const out = new LeftOut();
  const literal = literalConfig(given, use, out);
  keywords(literal, use, out);
  options(literal, use, out);
  const remaining = withoutLines(literal, out);
  const wiring = readHaproxyWiring(remaining);
  files(remaining, wiring, use, out);
  addresses(remaining, wiring, use, out);
  dependentLines(given, out.lines, (line, words) => out.line(line, words, "depends"));
  const names = namedPatterns(remaining, wiring).filter((token) => !out.isWithout(token));
  for (const token of names) out.note(token.line, token.value, "network");
  const edits: readonly HaproxyEdit[] = [
    ...[...out.tokens.values()].map((token) => ({ token, value: undefined })),
    ...names.map((token) => ({ token, value: NO_CLIENT })),
    ...standInNameServers(remaining, wiring, use),
  ];
  const edited = editHaproxyConfig(remaining, edits, additions(remaining, wiring, out));
  return { config: withDefaultResolvers(withoutLines(edited, out)), leftOut: out.inOrder() };
}

/** RFC 5737: an address that no client has. */
const NO_CLIENT = "192.0.2.255";

class LeftOut {
  readonly lines = new Set<number>();
  /** By line and column: the configuration is read several times. */
  readonly tokens = new Map<string, HaproxyToken>();
  readonly #found = new Map<string, LeftOutLine>();

  note(line: number, words: string, reason: LeftOutReason): void {
    const key = `${line} ${words}`;
    if (!this.#found.has(key)) this.#found.set(key, { line, words, reason });
  }

  line({ number }: Pick<HaproxyLine, "number">, words: string, reason: LeftOutReason): void {
    if (this.lines.has(number)) return;
    this.lines.add(number);
    this.note(number, words, reason);
  }

  words(tokens: readonly HaproxyToken[]): void {
    for (const token of tokens) this.tokens.set(placeOf(token), token);
  }

  isWithout(token: HaproxyToken): boolean {
    return this.tokens.has(placeOf(token));
  }

  inOrder(): readonly LeftOutLine[] {
    return [...this.#found.values()].toSorted((a, b) => a.line - b.line);
  }
}

function placeOf({ line, column }: HaproxyToken): string {
  return `${line}:${column}`;
}

/** Every line in normalised form. Faulty lines are unchanged: HAProxy refuses them. */
function literalConfig(given: HaproxyConfig, { env }: Use, out: LeftOut): HaproxyConfig {
  const text = literalText(given, env);
  const lines = given.lines.map((line) => line.end as string);
  for (const { kind, header, lines: body } of given.sections) {
    for (const line of header === undefined ? body : [header, ...body]) {
      const literal = text(line, kind === "global");
      const first = wordsToRead(line);
      const headerless = header !== undefined && header !== line && out.lines.has(header.number);
      if (headerless) out.lines.add(line.number);
      else if (first.some((token) => token.symbolic || token.text !== token.value))
        out.line(line, first.map((token) => token.text).join(" "), "first-word");
      else if (literal === undefined) out.line(line, wordsOf(line), "variable");
      else lines[line.number - 1] = (isFaulty(line) ? line.text : literal) + line.end;
    }
  }
  return parseHaproxyConfig(lines.join(""), given.file, given.origin);
}

function isFaulty({ fault }: HaproxyLine): boolean {
  return fault !== undefined && fault.code !== "missing-newline";
}

/** The word that names the directive, with the `no` or `default` before it. */
function wordsToRead(line: HaproxyLine): readonly HaproxyToken[] {
  return line.tokens.slice(0, directiveOf(line).negated ? 2 : 1);
}

function wordsOf(line: HaproxyLine): string {
  const [first, second] = directiveOf(line).words.map(({ value }) => value);
  return /^(?:option|filter|stats|http-|tcp-)/.test(first ?? "")
    ? `${first} ${second ?? ""}`.trim()
    : (first ?? "");
}

function keywords({ sections }: HaproxyConfig, { isKnownWord }: Use, out: LeftOut): void {
  for (const { kind, name, header, lines } of sections) {
    const section = header === undefined ? "allowed" : sectionVerdict(kind);
    if (header !== undefined && section !== "allowed") {
      out.line(header, `${kind} ${name?.value ?? ""}`.trim(), section);
      for (const line of lines) out.lines.add(line.number);
      continue;
    }
    for (const line of lines) {
      const words = directiveOf(line).words.map(({ value }) => value);
      if (words.length === 0) continue;
      const { verdict, word } = lineVerdict(kind, words);
      // HAProxy refuses lines outside of sections, but a section can start there after `no`.
      if (header === undefined && !SECTION_KINDS.has(word)) continue;
      // HAProxy refuses directives that it does not know, without any other effect.
      if (verdict !== "allowed" && (verdict !== "unknown" || isKnownWord(word)))
        out.line(line, wordsOf(line), verdict);
    }
  }
}

/** Options that can be left out without their line. */
function separateOptions(line: HaproxyLine): readonly HaproxyOption[] {
  return TAKES_OPTIONS.test(wordsToRead(line).at(-1)?.value ?? "") ? optionsOf(line) : [];
}

const TAKES_OPTIONS =
  /^(?:bind|default-bind|dgram-bind|default-server|load|peer|server|server-template|source|ssl-f-use|stats|unix-bind)$/;

function options(config: HaproxyConfig, { isKnownWord }: Use, out: LeftOut): void {
  for (const line of config.lines) {
    const found = out.lines.has(line.number) ? [] : separateOptions(line);
    for (const [index, { keyword, values }] of found.entries()) {
      const verdict = optionVerdict(line.tokens[0]?.value ?? "", keyword.value.replace(/\(.*$/s, ""));
      if (verdict === "allowed" || isClientAddress(keyword, values)) continue;
      if (verdict === "unknown" && !isKnownWord(keyword.value)) continue;
      out.note(line.number, keyword.value, verdict);
      // The number of values of an unknown option is unknown too.
      const gone = verdict === "unknown" ? found.slice(index) : [{ keyword, values }];
      for (const one of gone) out.words([one.keyword, ...one.values]);
      if (verdict === "unknown") break;
    }
  }
}

/** `usesrc clientip`: an address that HAProxy has already. */
function isClientAddress(keyword: HaproxyToken, [value]: readonly HaproxyToken[]): boolean {
  return keyword.value === "usesrc" && /^(?:client|clientip|hdr_ip\(.*)$/s.test(value?.value ?? "");
}

/** Not opened by `haproxy -c`. */
const ONLY_RUN: ReadonlySet<FileRole> = new Set(["jail", "log-socket", "pid", "socket", "socket-prefix"]);

function files(config: HaproxyConfig, wiring: HaproxyWiring, use: Use, out: LeftOut): void {
  for (const reference of wiring.files) {
    if (isWithin(reference, use.folder) || (use.for === "check" && ONLY_RUN.has(reference.role))) continue;
    const line = config.lines[reference.token.line - 1];
    if (line === undefined) continue;
    const option = separateOptions(line).find(({ values }) => values.includes(reference.token));
    if (option === undefined) out.line(line, wordsOf(line), "file");
    else {
      out.note(line.number, option.keyword.value, "file");
      out.words([option.keyword, ...option.values]);
    }
  }
  for (const line of config.lines) {
    const [keyword, where] = directiveOf(line).words.map(({ value }) => value);
    if (keyword === "default-path" && where === "parent" && use.for === "check")
      out.line(line, "default-path parent", "file");
  }
}

function isWithin({ path }: FileReference, folder: string): boolean {
  const whole = posix.resolve(folder, path);
  return whole === folder || whole.startsWith(`${folder}/`);
}

function addresses(config: HaproxyConfig, wiring: HaproxyWiring, use: Use, out: LeftOut): void {
  const allowed = (one: HaproxyAddress) => (use.for === "run" ? isLocal(one, use.folder) : isNumeric(one));
  const refuse = (token: HaproxyToken) => {
    const line = config.lines[token.line - 1];
    if (line !== undefined) out.line(line, wordsOf(line), "network");
  };
  const { binds, servers, logs, resolvers, localAddresses, checkTargets } = wiring;
  const all = [
    ...binds.map(({ address }) => address),
    ...servers
      .filter((server) => (use.for === "run" ? !isResolvedHere(server, use) : server.kind !== "proxy"))
      .map(({ address }) => address),
    ...logs.flatMap(({ address }) => address ?? []),
    ...(use.for === "run"
      ? resolvers.flatMap(({ nameServers }) => nameServers.map(({ address }) => address))
      : []),
    ...localAddresses.map(({ address }) => address),
    ...dispatchAddresses(config),
  ];
  for (const address of all) if (!allowed(address)) refuse(address.token);
  for (const { address } of servers) if (address.text.includes("$")) refuse(address.token);
  for (const { what, value, token } of checkTargets)
    if (what.endsWith("addr") && !isAddressText(value)) refuse(token);
  for (const { tokens } of config.lines) {
    const [keyword, target] = tokens;
    if (keyword?.value === "log-stderr" && target !== undefined && target.value !== "global") refuse(target);
  }
}

/** Not looked up at start, see `notLookedUp`; later only its `resolvers` look it up, and their addresses must be local. */
function isResolvedHere({ kind, address, resolvers, line }: HaproxyServer, { named }: Use): boolean {
  return (
    kind === "proxy" && address.kind === "name" && resolvers !== undefined && named?.has(line.number) === true
  );
}

/** Of sockets in files, the paths are handled with other files. */
function isLocal({ kind, host, prefix = "", text }: HaproxyAddress, folder: string): boolean {
  if (text.includes("$")) return false;
  if (kind === "path" || (kind === "ipv4" && host.startsWith("127."))) return true;
  // Abstract sockets are those of the whole machine: the lab's own begin with the name of its folder.
  return /^abnsz?$/.test(prefix) ? host.startsWith(posix.basename(folder)) : OF_THE_FILE.test(prefix);
}

/** Buffers, backends and servers of the same configuration. */
const OF_THE_FILE = /^(?:ring|backend|rev|rhttp)$/;

function isNumeric({ kind, host, text }: HaproxyAddress): boolean {
  return !text.includes("$") && kind !== "variable" && (kind !== "name" || host === "localhost");
}

function isAddressText(value: string): boolean {
  return /^[\d.]+$|^\[?[\da-f:.]*:[\da-f:.]*\]?$/i.test(value);
}

function withDefaultResolvers(config: HaproxyConfig): HaproxyConfig {
  const has = config.sections.some(({ kind, name }) => kind === "resolvers" && name?.value === "default");
  if (has || config.lines.at(-1)?.end === "") return config;
  return parseHaproxyConfig(printHaproxyConfig(config) + DEFAULT_RESOLVERS, config.file, config.origin);
}

/** `parse-resolv-conf`: the name servers of this machine. */
export function systemNameServers({ sections }: HaproxyConfig): readonly HaproxyToken[] {
  const lines = sections.filter(({ kind }) => kind === "resolvers").flatMap((section) => section.lines);
  return lines.flatMap(({ tokens: [keyword] }) => (keyword?.value === "parse-resolv-conf" ? [keyword] : []));
}

function standInNameServers(
  config: HaproxyConfig,
  { resolvers }: HaproxyWiring,
  use: Use,
): readonly HaproxyEdit[] {
  const named = resolvers.flatMap(({ nameServers }) => nameServers.map(({ address }) => address));
  return [
    ...systemNameServers(config).map((token) => ({ token, value: "nameserver" })),
    ...(use.for === "check" ? named.map(({ token }) => ({ token, value: NO_NAME_SERVER })) : []),
  ];
}

function additions(
  config: HaproxyConfig,
  { servers }: HaproxyWiring,
  out: LeftOut,
): readonly HaproxyAddition[] {
  return [
    ...systemNameServers(config).map((after) => ({ after, words: `resolv.conf ${NO_NAME_SERVER}` })),
    ...servers.flatMap((server) => notLookedUp(server, out)),
    ...unresolvedTests(config).map((after) => ({ after, words: "-n" })),
  ];
}

/** The last `init-addr` of a line applies (manual 3.2, section 5.2). */
function notLookedUp({ kind, address, line }: HaproxyServer, out: LeftOut): readonly HaproxyAddition[] {
  const after = line.tokens.findLast((token) => !out.isWithout(token));
  return kind === "proxy" && address.kind === "name" && after !== undefined
    ? [{ after, words: "init-addr none" }]
    : [];
}

function withoutLines(config: HaproxyConfig, { lines }: LeftOut): HaproxyConfig {
  const text = config.lines.map((line) => (lines.has(line.number) ? line.end : line.text + line.end));
  return parseHaproxyConfig(text.join(""), config.file, config.origin);
}

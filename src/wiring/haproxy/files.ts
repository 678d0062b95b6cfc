// Every path in a configuration: the table has one line per keyword, converter or action.

import type { Position } from "../../findings/finding.ts";
import { testsOf, wordsBeforeCondition } from "./condition.ts";
import {
  type HaproxyConfig,
  type HaproxyEdit,
  type HaproxyLine,
  type HaproxyToken,
  tokenPosition,
} from "./config.ts";
import type { ExpressionCall } from "./expression.ts";
import { quoteArgument, readExpression, readFormat } from "./expression.ts";
import {
  bindOptionArity,
  type HaproxyOption,
  type OptionArity,
  readOptions,
  replyOptionArity,
  serverOptionArity,
} from "./options.ts";

export type FileRole =
  | "base-directory"
  | "body"
  | "ca"
  | "certificate"
  | "certificate-list"
  | "command"
  | "crl"
  | "data"
  | "error-page"
  | "filter"
  | "jail"
  | "key"
  | "keys"
  | "log-socket"
  | "lua"
  | "map"
  | "patterns"
  | "pid"
  | "ring"
  | "socket"
  | "socket-prefix"
  | "state";

export interface FileReference {
  readonly role: FileRole;
  /** The path that HAProxy reads; relative where it is written so, with its environment variables. */
  readonly path: string;
  /** `opt@` or `file@` before a list of patterns (manual 3.2, section 2.7), otherwise empty. */
  readonly prefix: string;
  readonly token: HaproxyToken;
  /** The part of the token's value that holds prefix and path, quotes of an argument included. */
  readonly start: number;
  readonly end: number;
  /** Whether it is the argument of a converter or action, which has its own quoting. */
  readonly argument: boolean;
  readonly at: Position;
}

/** In the order of the file. Sockets of bind, server and log lines are not among them: those are addresses. */
export function readFileReferences(config: HaproxyConfig): readonly FileReference[] {
  const found: FileReference[] = [];
  for (const line of config.lines) {
    if (line.tokens.length < 2) continue;
    found.push(...placedPaths(config, line), ...testedPaths(config, line), ...calledPaths(config, line));
  }
  return found;
}

/** The edit that replaces the path. */
export function editPath(reference: FileReference, path: string): HaproxyEdit {
  const { token, start, end } = reference;
  const written = reference.prefix + path;
  return { token, start, end, value: reference.argument ? quoteArgument(written) : written };
}

interface PathPlace {
  readonly role: FileRole;
  /** The words the line begins with; any of them. */
  readonly on: readonly string[];
  /** Which word of the line, counted from 0, or behind which option. */
  readonly at: number | string;
}

const bindLines = ["bind", "default-bind", "stats socket"];
const serverLines = ["server", "server-template", "default-server"];
const replyRules = [
  "http-request return",
  "http-request deny",
  "http-request tarpit",
  "http-response return",
  "http-response deny",
];
const replyLines = [...replyRules, "http-error"];
const certificateLines = ["ssl-f-use", "load"];

const pathPlaces: readonly PathPlace[] = [
  { role: "jail", on: ["chroot"], at: 1 },
  { role: "pid", on: ["pidfile"], at: 1 },
  { role: "base-directory", on: ["ca-base", "crt-base", "key-base", "server-state-base"], at: 1 },
  { role: "base-directory", on: ["default-path origin"], at: 2 },
  { role: "base-directory", on: ["issuers-chain-path", "ssl-provider-path"], at: 1 },
  { role: "socket-prefix", on: ["unix-bind"], at: "prefix" },
  { role: "state", on: ["server-state-file", "server-state-file-name", "stats-file"], at: 1 },
  { role: "lua", on: ["lua-load", "lua-load-per-thread", "lua-prepend-path"], at: 1 },
  { role: "keys", on: ["ssl-dh-param-file", "account-key"], at: 1 },
  { role: "data", on: ["51degrees-data-file", "deviceatlas-json-file", "wurfl-data-file"], at: 1 },
  { role: "data", on: ["h1-case-adjust-file"], at: 1 },
  { role: "ca", on: ["httpclient.ssl.ca-file"], at: 1 },
  { role: "command", on: ["external-check command"], at: 2 },
  { role: "ring", on: ["backing-file"], at: 1 },
  { role: "filter", on: ["filter spoe", "filter opentracing"], at: "config" },
  { role: "error-page", on: ["errorfile"], at: 2 },
  { role: "error-page", on: replyLines, at: "errorfile" },
  { role: "body", on: replyLines, at: "file" },
  { role: "body", on: replyLines, at: "lf-file" },
  { role: "certificate", on: [...bindLines, ...serverLines, ...certificateLines], at: "crt" },
  { role: "certificate", on: bindLines, at: "default-crt" },
  { role: "certificate", on: certificateLines, at: "issuer" },
  { role: "certificate-list", on: bindLines, at: "crt-list" },
  { role: "ca", on: [...bindLines, ...serverLines], at: "ca-file" },
  { role: "ca", on: bindLines, at: "ca-verify-file" },
  { role: "ca", on: bindLines, at: "ca-sign-file" },
  { role: "crl", on: [...bindLines, ...serverLines], at: "crl-file" },
  { role: "keys", on: bindLines, at: "tls-ticket-keys" },
  { role: "key", on: certificateLines, at: "key" },
  { role: "data", on: certificateLines, at: "ocsp" },
  { role: "data", on: certificateLines, at: "sctl" },
];

const placesByWords: ReadonlyMap<string, readonly PathPlace[]> = new Map(
  pathPlaces
    .flatMap((place) => place.on)
    .map((on) => [on, pathPlaces.filter((place) => place.on.includes(on))]),
);

/** Converters and actions whose argument, counted from 0, is a path. */
const pathCalls: readonly { readonly role: FileRole; readonly name: RegExp; readonly argument: number }[] = [
  { role: "map", name: /^map(?:_[a-z]+)*$/, argument: 0 },
  { role: "map", name: /^(?:set|del)-map$/, argument: 0 },
  { role: "patterns", name: /^(?:add|del)-acl$/, argument: 0 },
  { role: "keys", name: /^jwt_verify$/, argument: 1 },
];

const certificateArity: OptionArity = {
  crt: 1,
  key: 1,
  ocsp: 1,
  issuer: 1,
  sctl: 1,
  alias: 1,
  acme: 1,
  domains: 1,
  "ocsp-update": 1,
};

/** From which word on a line has options, and how many values they take. */
const optionLayouts: Readonly<Record<string, { readonly from: number; readonly arity: OptionArity }>> = {
  bind: { from: 2, arity: bindOptionArity },
  "dgram-bind": { from: 2, arity: bindOptionArity },
  "default-bind": { from: 1, arity: bindOptionArity },
  "stats socket": { from: 3, arity: bindOptionArity },
  peer: { from: 3, arity: { ...bindOptionArity, ...serverOptionArity } },
  server: { from: 3, arity: serverOptionArity },
  source: { from: 2, arity: serverOptionArity },
  "server-template": { from: 4, arity: serverOptionArity },
  "default-server": { from: 1, arity: serverOptionArity },
  "unix-bind": { from: 1, arity: { ...bindOptionArity, prefix: 1 } },
  "filter spoe": { from: 2, arity: { engine: 1, config: 1 } },
  "filter opentracing": { from: 2, arity: { id: 1, config: 1 } },
  "http-error": { from: 1, arity: replyOptionArity },
  "ssl-f-use": { from: 1, arity: { ...bindOptionArity, ...certificateArity } },
  load: { from: 1, arity: certificateArity },
  ...Object.fromEntries(replyRules.map((words) => [words, { from: 2, arity: replyOptionArity }])),
};

// The arguments of these words are texts and log-format strings, in which only `%[…]` is an expression.
const textKeywords =
  /^(?:(?:set|add|replace|early)-(?:header|hint|value|path|pathq|uri|query|method|param|var-fmt|map|reason)|(?:error-)?log-format(?:-sd)?|unique-id-format|location|prefix|hdr|lf-string|(?:uri|body)(?:-lf)?|description|setenv|presetenv|log-tag)$/;

function placedPaths(config: HaproxyConfig, line: HaproxyLine): readonly FileReference[] {
  const words = wordsBeforeCondition(line);
  const first = words[0]?.value ?? "";
  const head = [`${first} ${words[1]?.value ?? ""}`, first];
  const places = head.flatMap((on) => placesByWords.get(on) ?? []);
  if (places.length === 0) return [];
  const options = optionsOf(line);
  const tokens = places.flatMap((place) => {
    if (typeof place.at === "number") return [{ role: place.role, token: words[place.at] }];
    return options
      .filter((option) => option.keyword.value === place.at)
      .map((option) => ({ role: place.role, token: option.values[0] }));
  });
  return tokens.flatMap(({ role, token }) => (token ? wholePath(config, role, token) : []));
}

/** The options of a `bind`, `server` or similar line. */
export function optionsOf(line: HaproxyLine): readonly HaproxyOption[] {
  const words = wordsBeforeCondition(line);
  const first = words[0]?.value ?? "";
  const layout = [`${first} ${words[1]?.value ?? ""}`, first]
    .map((on) => (Object.hasOwn(optionLayouts, on) ? optionLayouts[on] : undefined))
    .find((found) => found !== undefined);
  return layout ? readOptions(words.slice(layout.from), layout.arity) : [];
}

function wholePath(config: HaproxyConfig, role: FileRole, token: HaproxyToken): readonly FileReference[] {
  const named = splitPrefix(token.value);
  if (!named || (role === "state" && token.value === "use-backend-name")) return [];
  const range = { start: 0, end: token.value.length, argument: false };
  return [{ role, ...named, token, ...range, at: tokenPosition(config, token) }];
}

/** `ca-file @system-ca` on lines of servers: the CAs of the machine (manual 3.2, section 5.2, `ca-file`). */
export function systemCas({ lines }: HaproxyConfig): readonly HaproxyToken[] {
  return lines.flatMap((line) =>
    serverLines.includes(line.tokens[0]?.value ?? "")
      ? optionsOf(line).flatMap(({ keyword, values: [value] }) =>
          keyword.value === "ca-file" && value?.value === "@system-ca" ? [value] : [],
        )
      : [],
  );
}

/** Nothing for values that are not files: `virt@lists`, `@system-ca`, `@store/certificate`. */
function splitPrefix(value: string): { prefix: string; path: string } | undefined {
  if (value === "" || /^(?:virt)?@/.test(value)) return undefined;
  const prefix = /^(?:opt|file)@/.exec(value)?.[0] ?? "";
  return { prefix, path: value.slice(prefix.length) };
}

function testedPaths(config: HaproxyConfig, line: HaproxyLine): readonly FileReference[] {
  return testsOf(line).flatMap((test) => [
    ...(test.expression?.calls ?? []).flatMap((call) => callPaths(config, test.fetch, call)),
    ...test.files.flatMap(({ path }) => wholePath(config, "patterns", path)),
  ]);
}

function calledPaths(config: HaproxyConfig, line: HaproxyLine): readonly FileReference[] {
  if (line.tokens[0]?.value === "acl") return [];
  const words = wordsBeforeCondition(line);
  const found: FileReference[] = [];
  let inText = false;
  words.forEach((token, index) => {
    const { value } = token;
    if (value.includes("(") && words[index - 1]?.value !== "string") {
      const whole = inText ? undefined : readExpression(value);
      const expressions = whole?.end === value.length ? [whole] : readFormat(value);
      const calls = expressions.flatMap((expression) => expression.calls);
      found.push(...calls.flatMap((call) => callPaths(config, token, call)));
    }
    inText ||= textKeywords.test(value.replace(/\(.*$/s, ""));
  });
  return found;
}

function callPaths(
  config: HaproxyConfig,
  token: HaproxyToken,
  call: ExpressionCall,
): readonly FileReference[] {
  const place = pathCalls.find((candidate) => candidate.name.test(call.name));
  const argument = place && call.arguments[place.argument];
  if (!place || !argument) return [];
  // The key of jwt_verify() is a file unless the algorithm takes a shared secret.
  if (place.role === "keys" && (call.arguments[0]?.value.startsWith("HS") || !argument.value.includes("/")))
    return [];
  const named = splitPrefix(argument.value);
  if (!named) return [];
  const range = { start: argument.start, end: argument.end, argument: true };
  return [{ role: place.role, ...named, token, ...range, at: tokenPosition(config, token) }];
}

// The addresses in options and rules: targets of checks, sources of connections, and clients that must send a PROXY header.

import { type HaproxyAddress, readAddress } from "./address.ts";
import type { AclTest, ConditionTerm } from "./condition.ts";
import { isExpectProxy, readAcl, readCondition } from "./condition.ts";
import {
  directiveOf,
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  type HaproxyToken,
  tokenPosition,
} from "./config.ts";
import type { HaproxyOption } from "./options.ts";
import { type OptionArity, readOptions, serverOptionArity } from "./options.ts";
import type { CheckTarget, LocalAddress, SourcePattern } from "./wiring.ts";

export function readCheckTargets(config: HaproxyConfig): readonly CheckTarget[] {
  return addressLines(config).flatMap(({ owner, server, options }) =>
    options.flatMap(({ keyword, values: [token] }): CheckTarget[] => {
      const what = checkOptions.find((name) => name === keyword.value);
      if (!what || !token) return [];
      const at = tokenPosition(config, keyword, token);
      return [{ what, value: token.value, owner, ...(server !== undefined && { server }), token, at }];
    }),
  );
}

/** `source` on server lines and on lines of their own. */
export function readLocalAddresses(config: HaproxyConfig): readonly LocalAddress[] {
  return addressLines(config).flatMap(({ owner, server, options }) =>
    options.flatMap(({ keyword, values: [token] }): LocalAddress[] => {
      if (keyword.value !== "source" || !token) return [];
      return [{ owner, ...(server !== undefined && { server }), address: readAddress(config, token) }];
    }),
  );
}

/** What `src` is compared with, and the networks that `option forwardfor` and `originalto` except. */
export function readSources(config: HaproxyConfig): readonly SourcePattern[] {
  const anywhere = aclsOf(config.sections);
  return config.sections.flatMap((section) => {
    // A rule in a `defaults` section may apply to any bind.
    const acls = section.kind === "defaults" ? anywhere : aclsOf([section]);
    return section.lines.flatMap((line) => sourcesOfLine(config, section, line, acls));
  });
}

const checkOptions = ["addr", "port", "agent-addr", "agent-port"] as const;

interface AddressLine {
  readonly owner: string;
  readonly server?: string;
  readonly options: readonly HaproxyOption[];
}

// `http-check connect [port N] [addr A] [via-socks4] [ssl] [sni S] [alpn A] [linger] [proto P] [comment C]` (manual 4.2).
const connectArity: OptionArity = { port: 1, addr: 1, sni: 1, alpn: 1, proto: 1, comment: 1 };

/** Where the options of a line begin. */
const layouts: Readonly<Record<string, { readonly from: number; readonly arity: OptionArity }>> = {
  server: { from: 3, arity: serverOptionArity },
  "server-template": { from: 4, arity: serverOptionArity },
  "default-server": { from: 1, arity: serverOptionArity },
  source: { from: 0, arity: serverOptionArity },
  "http-check": { from: 2, arity: connectArity },
  "tcp-check": { from: 2, arity: connectArity },
};

function addressLines(config: HaproxyConfig): readonly AddressLine[] {
  return config.sections.flatMap((section) =>
    section.lines.flatMap((line): AddressLine[] => {
      const [keyword, name] = line.tokens;
      const layout = keyword && Object.hasOwn(layouts, keyword.value) ? layouts[keyword.value] : undefined;
      if (!keyword || !layout) return [];
      if (keyword.value.endsWith("-check") && name?.value !== "connect") return [];
      const owner = section.name?.value ?? section.kind;
      const server = keyword.value.startsWith("server") ? name?.value : undefined;
      const options = readOptions(line.tokens.slice(layout.from), layout.arity);
      return [{ owner, ...(server !== undefined && { server }), options }];
    }),
  );
}

/** The ACLs on which a PROXY header depends, and those that decide whether a connection is accepted at all. */
interface RequiringAcls {
  readonly proxy: ReadonlySet<string>;
  readonly entry: ReadonlySet<string>;
}

function aclsOf(sections: readonly HaproxySection[]): RequiringAcls {
  const names = (terms: (line: HaproxyLine) => readonly ConditionTerm[]) =>
    new Set(sections.flatMap(({ lines }) => lines.flatMap(terms)).flatMap(({ name }) => name ?? []));
  return { proxy: names(proxyTerms), entry: names(entryTerms) };
}

function sourcesOfLine(
  config: HaproxyConfig,
  section: HaproxySection,
  line: HaproxyLine,
  aclsOf: RequiringAcls,
): readonly SourcePattern[] {
  const owner = section.name?.value ?? section.kind;
  const pattern = (
    token: HaproxyToken,
    decides: { readonly proxy: boolean; readonly entry: boolean },
    acl?: string,
  ): SourcePattern => ({
    owner,
    value: token.value,
    decidesProxy: decides.proxy,
    admits: decides.entry,
    ...(acl !== undefined && { acl }),
    token,
    at: tokenPosition(config, token),
    line,
  });
  const acl = readAcl(line);
  if (acl) {
    const name = acl.name.value;
    const decides = { proxy: aclsOf.proxy.has(name), entry: aclsOf.entry.has(name) };
    return sourcePatterns(acl.test).map((token) => pattern(token, decides, name));
  }
  const [first, second, ...rest] = line.tokens;
  if (first?.value === "option" && (second?.value === "forwardfor" || second?.value === "originalto")) {
    const except = rest[rest.findIndex((token) => token.value === "except") + 1];
    return except && rest.some((token) => token.value === "except")
      ? [pattern(except, { proxy: false, entry: false })]
      : [];
  }
  const among = (terms: readonly ConditionTerm[], term: ConditionTerm) =>
    terms.some((one) => one.test?.fetch === term.test?.fetch);
  const [proxy, entry] = [proxyTerms(line), entryTerms(line)];
  return (readCondition(line)?.terms ?? []).flatMap((term) =>
    (term.test ? sourcePatterns(term.test) : []).map((token) =>
      pattern(token, { proxy: among(proxy, term), entry: among(entry, term) }),
    ),
  );
}

/** Conditions that must be true for a PROXY header to be expected, without negated ones. */
function proxyTerms(line: HaproxyLine): readonly ConditionTerm[] {
  return isExpectProxy(line) ? termsOf(line, false) : [];
}

/** Conditions that must be true for a connection to be accepted: `tcp-request connection reject if !…`. */
function entryTerms(line: HaproxyLine): readonly ConditionTerm[] {
  const words = line.tokens.slice(0, 3).map((token) => token.value);
  return words.join(" ") === "tcp-request connection reject" ? termsOf(line, true) : [];
}

function termsOf(line: HaproxyLine, negated: boolean): readonly ConditionTerm[] {
  const condition = readCondition(line);
  return (
    condition?.terms.filter((term) => term.negated === ((condition.keyword === "unless") !== negated)) ?? []
  );
}

function sourcePatterns(test: AclTest): readonly HaproxyToken[] {
  const fetch = test.expression?.calls[0]?.name;
  return fetch === "src" || fetch === "fc_src" ? test.patterns : [];
}

/** Where `dispatch` forwards every request (manual 3.2, section 4.2). */
export function dispatchAddresses(config: HaproxyConfig): readonly HaproxyAddress[] {
  return config.sections.flatMap((section) =>
    section.lines.flatMap((line) => {
      const [keyword, to] = directiveOf(line).words;
      return keyword?.value === "dispatch" && to !== undefined ? [readAddress(config, to)] : [];
    }),
  );
}

// The wiring of a whole HAProxy configuration: its sections in order, each with the settings that it inherits from `defaults`.

import type { Position } from "../../findings/finding.ts";
import { readAddress } from "./address.ts";
import { isExpectProxy, readAcl, readCondition } from "./condition.ts";
import type { HaproxyConfig, HaproxyLine, HaproxySection } from "./config.ts";
import { directiveOf, lineStart, tokenPosition } from "./config.ts";
import type { FileReference, FileRole } from "./files.ts";
import { readFileReferences } from "./files.ts";
import type { ServerSettings } from "./read-servers.ts";
import { readBinds, readServers } from "./read-servers.ts";
import { readLogTarget, readSettings } from "./read-settings.ts";
import { readCheckTargets, readLocalAddresses, readSources } from "./read-targets.ts";
import type {
  ExpectProxy,
  HaproxyBind,
  HaproxyProxy,
  HaproxyServer,
  HaproxyWiring,
  LogTarget,
  NamedAcl,
  NamedTarget,
  NameServer,
  Resolvers,
} from "./wiring.ts";

/** Never fails: lines that HAProxy would refuse are read as far as possible. */
export function readHaproxyWiring(config: HaproxyConfig): HaproxyWiring {
  const read: Sections = { proxies: [], defaults: [], binds: [], servers: [], resolvers: [], logs: [] };
  const defaultServers = new Map<HaproxyProxy, ServerSettings>();
  for (const section of config.sections) {
    if (isProxyKind(section.kind)) readProxy(config, section, section.kind, read, defaultServers);
    else if (section.kind === "resolvers") read.resolvers.push(readResolvers(config, section));
    else readOther(config, section, read);
  }
  return {
    ...read,
    checkTargets: readCheckTargets(config),
    localAddresses: readLocalAddresses(config),
    sources: readSources(config),
    files: inOrder([...readFileReferences(config), ...sockets(read)]),
  };
}

interface Sections {
  readonly proxies: HaproxyProxy[];
  readonly defaults: HaproxyProxy[];
  readonly binds: HaproxyBind[];
  readonly servers: HaproxyServer[];
  readonly resolvers: Resolvers[];
  readonly logs: LogTarget[];
}

function isProxyKind(kind: string): kind is HaproxyProxy["kind"] {
  return kind === "frontend" || kind === "backend" || kind === "listen" || kind === "defaults";
}

function readProxy(
  config: HaproxyConfig,
  section: HaproxySection,
  kind: HaproxyProxy["kind"],
  read: Sections,
  defaultServers: Map<HaproxyProxy, ServerSettings>,
): void {
  const name = section.name?.value ?? "";
  const at = sectionPosition(config, section);
  const parent = parentOf(section, kind, read.defaults);
  const inherited: ServerSettings = (parent && defaultServers.get(parent)) ?? new Map();
  const { servers, defaults } = readServers(config, section, "proxy", name, inherited);
  const owner = kind === "defaults" ? `defaults ${name}`.trim() : name;
  const ownLogs = mapLines(section, (line) => readLogTarget(config, line, owner));
  const logsOff = section.lines.some(
    (line) => directiveOf(line).negated && directiveOf(line).words[0]?.value === "log",
  );
  const binds = linesOf(section, "bind").flatMap((line) => readBinds(config, line, "proxy", name));
  const proxy: HaproxyProxy = {
    kind,
    name,
    at,
    ...(parent && { parent }),
    ...readSettings(config, section, parent, at),
    binds,
    servers,
    acls: mapLines(section, (line) => readNamedAcl(config, line)),
    expectProxy: mapLines(section, (line) => readExpectProxy(config, line)),
    useBackends: mapLines(section, (line) => readRule(config, line, ["use_backend"])),
    prometheus: mapLines(section, (line) =>
      readRule(config, line, ["http-request", "use-service", "prometheus-exporter"]),
    ),
    logs: [...(logsOff ? [] : (parent?.logs ?? [])), ...ownLogs],
    section,
  };
  if (kind === "defaults") defaultServers.set(proxy, defaults);
  (kind === "defaults" ? read.defaults : read.proxies).push(proxy);
  read.binds.push(...binds);
  read.servers.push(...servers);
  read.logs.push(...ownLogs);
}

/** `from NAME`, or else the nearest `defaults` above; a `defaults` section itself inherits only what it names. */
function parentOf(
  section: HaproxySection,
  kind: HaproxyProxy["kind"],
  defaults: readonly HaproxyProxy[],
): HaproxyProxy | undefined {
  const words = section.header?.tokens ?? [];
  const from = words.findIndex((word, index) => index > 0 && word.value === "from");
  const named = from < 0 ? undefined : words[from + 1]?.value;
  if (named !== undefined) return defaults.findLast((candidate) => candidate.name === named);
  return kind === "defaults" ? undefined : defaults.at(-1);
}

function readOther(config: HaproxyConfig, section: HaproxySection, read: Sections): void {
  const name = section.name?.value ?? section.kind;
  if (section.kind === "global") {
    for (const line of linesOf(section, "stats", "socket"))
      read.binds.push(...readBinds(config, line, "stats", "global"));
  }
  if (section.kind === "peers" || section.kind === "log-forward") {
    for (const keyword of ["bind", "dgram-bind"]) {
      const kind = section.kind;
      for (const line of linesOf(section, keyword)) read.binds.push(...readBinds(config, line, kind, name));
    }
  }
  if (section.kind === "peers" || section.kind === "ring" || section.kind === "mailers") {
    const kind = section.kind === "mailers" ? "mailer" : section.kind;
    read.servers.push(...readServers(config, section, kind, name, new Map()).servers);
  }
  if (["global", "log-forward", "peers"].includes(section.kind)) {
    read.logs.push(...mapLines(section, (line) => readLogTarget(config, line, name)));
  }
}

function readResolvers(config: HaproxyConfig, section: HaproxySection): Resolvers {
  const name = section.name?.value ?? "";
  const nameServers = mapLines(section, (line): NameServer | undefined => {
    const [keyword, label, address] = line.tokens;
    if (keyword?.value !== "nameserver" || !label || !address) return undefined;
    return {
      resolvers: name,
      name: label.value,
      address: readAddress(config, address),
      at: tokenPosition(config, keyword, address),
    };
  });
  const system = linesOf(section, "parse-resolv-conf")[0]?.tokens[0];
  return {
    name,
    nameServers,
    ...(system && { parseResolvConf: tokenPosition(config, system) }),
    at: sectionPosition(config, section),
  };
}

function readNamedAcl(config: HaproxyConfig, line: HaproxyLine): NamedAcl | undefined {
  const acl = readAcl(line);
  return acl && { name: acl.name.value, test: acl.test, at: linePosition(config, line) };
}

function readExpectProxy(config: HaproxyConfig, line: HaproxyLine): ExpectProxy | undefined {
  if (!isExpectProxy(line)) return undefined;
  const condition = readCondition(line);
  return { ...(condition && { condition }), at: linePosition(config, line), line };
}

/** A rule that begins with these words; its name is the word after them, or the last of them. */
function readRule(
  config: HaproxyConfig,
  line: HaproxyLine,
  words: readonly string[],
): NamedTarget | undefined {
  if (!words.every((word, index) => line.tokens[index]?.value === word)) return undefined;
  const name = line.tokens[words.length === 1 ? 1 : words.length - 1];
  const condition = readCondition(line);
  return name && { name: name.value, ...(condition && { condition }), at: linePosition(config, line) };
}

function linesOf(section: HaproxySection, ...words: readonly string[]): readonly HaproxyLine[] {
  return section.lines.filter((line) => words.every((word, index) => line.tokens[index]?.value === word));
}

function mapLines<T>(section: HaproxySection, read: (line: HaproxyLine) => T | undefined): readonly T[] {
  return section.lines.flatMap((line) => read(line) ?? []);
}

function sectionPosition(config: HaproxyConfig, section: HaproxySection): Position {
  return section.header ? linePosition(config, section.header) : lineStart(config, { number: 1 });
}

function linePosition(config: HaproxyConfig, line: HaproxyLine): Position {
  const { words } = directiveOf(line);
  const first = words[0];
  return first ? tokenPosition(config, first, words.at(-1)) : lineStart(config, line);
}

function sockets(read: Sections): readonly FileReference[] {
  const of = (role: FileRole, address: HaproxyBind["address"] | undefined): FileReference[] => {
    if (address?.path === undefined) return [];
    const { token, path, at, end } = address;
    // The prefix of the path, `unix@`, is not part of it.
    return [{ role, path, prefix: "", token, start: end - path.length, end, argument: false, at }];
  };
  return [
    ...read.binds.flatMap((bind) => of("socket", bind.address)),
    ...read.servers.flatMap((server) => of("socket", server.address)),
    ...read.resolvers.flatMap((resolvers) =>
      resolvers.nameServers.flatMap((one) => of("socket", one.address)),
    ),
    ...read.logs.flatMap((log) => of("log-socket", log.address)),
  ];
}

function inOrder(files: readonly FileReference[]): readonly FileReference[] {
  return files.toSorted(
    (a, b) => a.token.line - b.token.line || a.token.column - b.token.column || a.start - b.start,
  );
}

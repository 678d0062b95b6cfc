// Bind and server lines of any section.
import { readAddress, readAddressList } from "./address.ts";
import {
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  type HaproxyToken,
  tokenPosition,
} from "./config.ts";
import { bindOptionArity, optionName, readOptions, serverOptionArity } from "./options.ts";
import type { HaproxyBind, HaproxyServer, ProxyProtocol, Setting } from "./wiring.ts";

export type ServerSettings = ReadonlyMap<string, Setting<string>>;

/** A bind line, or a `stats socket`: one entry for each address of its comma-separated list. */
export function readBinds(
  config: HaproxyConfig,
  line: HaproxyLine,
  kind: HaproxyBind["kind"],
  owner: string,
): readonly HaproxyBind[] {
  const addressAt = kind === "stats" ? 2 : 1;
  const address = line.tokens[addressAt];
  if (!address) return [];
  const options = readOptions(line.tokens.slice(addressAt + 1), bindOptionArity);
  const has = (name: string): boolean => options.some((option) => option.keyword.value === name);
  const values = (name: string): string[] =>
    options
      .filter((option) => option.keyword.value === name)
      .flatMap((option) => option.values.map((v) => v.value));
  const shared = {
    kind,
    owner,
    acceptProxy: has("accept-proxy"),
    ssl: has("ssl"),
    certificates: [...values("default-crt"), ...values("crt")],
    certificateLists: values("crt-list"),
    ...optional("name", values("name")[0]),
    ...optional("id", values("id")[0]),
    ...optional("caFile", values("ca-file")[0]),
    ...optional("level", values("level")[0]),
    ...(has("alpn") && { alpn: values("alpn").flatMap((list) => list.split(",")) }),
    options,
    line,
  };
  return readAddressList(config, address).map((one) => ({ ...shared, address: one }));
}

/** The servers of a section, each with the options of `default-server` lines above it, those of its defaults first. */
export function readServers(
  config: HaproxyConfig,
  section: HaproxySection,
  kind: HaproxyServer["kind"],
  owner: string,
  inherited: ServerSettings,
): { readonly servers: readonly HaproxyServer[]; readonly defaults: ServerSettings } {
  const servers: HaproxyServer[] = [];
  let defaults: ServerSettings = new Map(
    [...inherited].map(([name, s]) => [name, { ...s, from: "defaults" }]),
  );
  for (const line of section.lines) {
    const keyword = line.tokens[0]?.value;
    if (keyword === "default-server") {
      defaults = applyOptions(config, defaults, line.tokens.slice(1), "default-server");
    } else if (keyword !== undefined && Object.hasOwn(serverLayouts, keyword)) {
      const server = readServer(config, line, kind, owner, defaults);
      if (server) servers.push(server);
    }
  }
  return { servers, defaults };
}

/** How a line is laid out: where the address is, and the options after it. */
const serverLayouts: Readonly<Record<string, number>> = {
  server: 2,
  "server-template": 3,
  peer: 2,
  mailer: 2,
};

function readServer(
  config: HaproxyConfig,
  line: HaproxyLine,
  kind: HaproxyServer["kind"],
  owner: string,
  defaults: ServerSettings,
): HaproxyServer | undefined {
  const [keyword, name, count] = line.tokens;
  const addressAt = serverLayouts[keyword?.value ?? ""] ?? 2;
  const address = line.tokens[addressAt];
  if (!keyword || !name || !address) return undefined;
  const settings = applyOptions(config, defaults, line.tokens.slice(addressAt + 1), "section");
  return {
    kind,
    owner,
    name: name.value,
    address: readAddress(config, address),
    ...(keyword.value === "server-template" && { template: count?.value ?? "" }),
    check: settings.has("check"),
    backup: settings.has("backup"),
    disabled: settings.has("disabled"),
    ssl: settings.has("ssl"),
    checkSendProxy: settings.has("check-send-proxy"),
    ...optional("sendProxy", strongestProxy(settings)),
    ...optional("checkAddress", settings.get("addr")),
    ...optional("checkPort", settings.get("port")),
    ...optional("resolvers", settings.get("resolvers")),
    ...optional("initAddr", settings.get("init-addr")),
    ...optional("resolvePrefer", settings.get("resolve-prefer")),
    ...optional("maxconn", settings.get("maxconn")),
    ...optional("cookie", settings.get("cookie")),
    ...optional("track", settings.get("track")),
    ...optional("weight", settings.get("weight")),
    ...optional("source", settings.get("source")),
    settings,
    at: tokenPosition(config, keyword, address),
    line,
  };
}

function applyOptions(
  config: HaproxyConfig,
  before: ServerSettings,
  words: readonly HaproxyToken[],
  from: Setting<string>["from"],
): ServerSettings {
  const settings = new Map(before);
  for (const option of readOptions(words, serverOptionArity)) {
    const name = optionName(option.keyword.value);
    // `enabled` undoes `disabled`; every other switch is undone by `no-` before its name.
    const rolledBack = name === "enabled" ? "disabled" : /^no-(?!tls|sslv3|ssl-reuse)(.*)/.exec(name)?.[1];
    if (rolledBack !== undefined) settings.delete(rolledBack);
    else
      settings.set(name, {
        value: option.values.map(({ value }) => value).join(" "),
        at: tokenPosition(config, option.keyword, option.values.at(-1)),
        from,
      });
  }
  return settings;
}

function strongestProxy(settings: ServerSettings): Setting<ProxyProtocol> | undefined {
  const known: readonly [string, ProxyProtocol][] = [
    ["send-proxy-v2-ssl-cn", "v2-ssl-cn"],
    ["send-proxy-v2-ssl", "v2-ssl"],
    ["send-proxy-v2", "v2"],
    ["send-proxy", "v1"],
  ];
  for (const [keyword, value] of known) {
    const setting = settings.get(keyword);
    if (setting) return { ...setting, value };
  }
  return undefined;
}

/** A property that is missing rather than undefined. */
function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  const property: { [P in K]?: T } = {};
  if (value !== undefined) property[key] = value;
  return property;
}

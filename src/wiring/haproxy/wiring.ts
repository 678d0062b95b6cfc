// The wiring of a HAProxy configuration: listening addresses, servers, and their names.

import type { Position } from "../../findings/finding.ts";
import type { HaproxyAddress } from "./address.ts";
import type { AclTest, Condition } from "./condition.ts";
import type { HaproxyLine, HaproxySection, HaproxyToken } from "./config.ts";
import type { FileReference } from "./files.ts";
import type { HaproxyOption } from "./options.ts";

/** A value and its line; HAProxy's default has the section's header as its place. */
export interface Setting<T> {
  readonly value: T;
  readonly at: Position;
  readonly from: "section" | "defaults" | "default-server" | "haproxy";
}

export interface HaproxyBind {
  /** `stats socket` listens too. */
  readonly kind: "proxy" | "stats" | "peers" | "log-forward";
  /** The section's name; `global` for stats sockets. */
  readonly owner: string;
  readonly address: HaproxyAddress;
  readonly name?: string;
  readonly id?: string;
  readonly acceptProxy: boolean;
  readonly ssl: boolean;
  readonly certificates: readonly string[];
  readonly certificateLists: readonly string[];
  readonly caFile?: string;
  readonly alpn?: readonly string[];
  /** Of a stats socket. */
  readonly level?: string;
  readonly options: readonly HaproxyOption[];
  readonly line: HaproxyLine;
}

export type ProxyProtocol = "v1" | "v2" | "v2-ssl" | "v2-ssl-cn";

export interface HaproxyServer {
  readonly kind: "proxy" | "peers" | "ring" | "mailer";
  readonly owner: string;
  readonly name: string;
  readonly address: HaproxyAddress;
  /** Of a `server-template`: how many servers, `3` or `1-3`. */
  readonly template?: string;
  readonly check: boolean;
  readonly backup: boolean;
  readonly disabled: boolean;
  readonly ssl: boolean;
  readonly sendProxy?: Setting<ProxyProtocol>;
  readonly checkSendProxy: boolean;
  /** Where checks go instead of the server's own address and port. */
  readonly checkAddress?: Setting<string>;
  readonly checkPort?: Setting<string>;
  readonly resolvers?: Setting<string>;
  readonly initAddr?: Setting<string>;
  readonly resolvePrefer?: Setting<string>;
  readonly maxconn?: Setting<string>;
  readonly cookie?: Setting<string>;
  readonly track?: Setting<string>;
  readonly weight?: Setting<string>;
  readonly source?: Setting<string>;
  /** Its own and those of `default-server`, the later ones last, by keyword without a leading `no-`. */
  readonly settings: ReadonlyMap<string, Setting<string>>;
  readonly at: Position;
  readonly line: HaproxyLine;
}

/** `tcp-request connection expect-proxy layer4 if …` and the netscaler variant: which clients must send a PROXY header. */
export interface ExpectProxy {
  readonly condition?: Condition;
  readonly at: Position;
  readonly line: HaproxyLine;
}

export interface StatsPage {
  readonly uri: Setting<string>;
  readonly auth: readonly Setting<string>[];
  /** Whether any client may change servers there: some `stats admin` requires neither an address nor a password. */
  readonly admin: boolean;
  readonly at: Position;
}

export interface LogTarget {
  /** `global`, `defaults NAME`, or the proxy's name. */
  readonly owner: string;
  /** `global` on a proxy's line: the targets of the global section. */
  readonly inheritsGlobal: boolean;
  readonly target: string;
  /** Nothing for `global`, `stdout` and `stderr`. */
  readonly address?: HaproxyAddress;
  readonly format?: string;
  readonly lengthBytes?: number;
  readonly facility?: string;
  readonly level?: string;
  readonly at: Position;
  readonly line: HaproxyLine;
}

export interface NamedTarget {
  /** May contain a log-format expression. */
  readonly name: string;
  readonly condition?: Condition;
  readonly at: Position;
}

export interface NamedAcl {
  readonly name: string;
  readonly test: AclTest;
  readonly at: Position;
}

export interface HaproxyProxy {
  readonly kind: "frontend" | "backend" | "listen" | "defaults";
  readonly name: string;
  readonly at: Position;
  /** The `defaults` section it takes its settings from. */
  readonly parent?: HaproxyProxy;
  readonly mode: Setting<string>;
  /**
   * In milliseconds, by name: `connect`, `client`, `http-request`, … A value of 0 counts as missing, as in HAProxy. undefined: an
   * environment variable, or text that HAProxy refuses.
   */
  readonly timeouts: ReadonlyMap<string, Setting<number | undefined>>;
  /** `option NAME …`: the words behind the name; switched off ones are missing. */
  readonly options: ReadonlyMap<string, Setting<readonly string[]>>;
  readonly balance?: Setting<string>;
  readonly binds: readonly HaproxyBind[];
  readonly servers: readonly HaproxyServer[];
  readonly acls: readonly NamedAcl[];
  readonly expectProxy: readonly ExpectProxy[];
  readonly defaultBackend?: Setting<string>;
  readonly useBackends: readonly NamedTarget[];
  readonly stats?: StatsPage;
  /** `http-request use-service prometheus-exporter`. */
  readonly prometheus: readonly NamedTarget[];
  /** Those of its defaults first. */
  readonly logs: readonly LogTarget[];
  readonly section: HaproxySection;
}

export interface NameServer {
  readonly resolvers: string;
  readonly name: string;
  readonly address: HaproxyAddress;
  readonly at: Position;
}

export interface Resolvers {
  readonly name: string;
  readonly nameServers: readonly NameServer[];
  /** Also queries the servers of /etc/resolv.conf, a path that cannot be changed. */
  readonly parseResolvConf?: Position;
  readonly at: Position;
}

/** Where checks or agents are sent: on server lines, in `http-check connect` and `tcp-check connect`. */
export interface CheckTarget {
  readonly what: "addr" | "port" | "agent-addr" | "agent-port";
  readonly value: string;
  readonly owner: string;
  /** Missing if it applies to every server of the section. */
  readonly server?: string;
  readonly token: HaproxyToken;
  readonly at: Position;
}

/** The source address of connections to a server. */
export interface LocalAddress {
  readonly owner: string;
  readonly server?: string;
  readonly address: HaproxyAddress;
}

/** A network or address that is compared with the client address. */
export interface SourcePattern {
  readonly owner: string;
  readonly value: string;
  /** Whether it must send a PROXY header: then it is the load balancer. */
  readonly decidesProxy: boolean;
  /** Whether connections from elsewhere are refused (`tcp-request connection reject if !…`): then it contains all clients. */
  readonly admits: boolean;
  /** The named ACL it belongs to. */
  readonly acl?: string;
  readonly token: HaproxyToken;
  readonly at: Position;
  readonly line: HaproxyLine;
}

export interface HaproxyWiring {
  /** Frontends, backends and listens in the order of the file. */
  readonly proxies: readonly HaproxyProxy[];
  readonly defaults: readonly HaproxyProxy[];
  /** Of proxies, stats sockets, peers and log forwarders. */
  readonly binds: readonly HaproxyBind[];
  /** Of proxies, peers, rings and mailers. */
  readonly servers: readonly HaproxyServer[];
  readonly resolvers: readonly Resolvers[];
  readonly logs: readonly LogTarget[];
  readonly checkTargets: readonly CheckTarget[];
  readonly localAddresses: readonly LocalAddress[];
  readonly sources: readonly SourcePattern[];
  /** Sockets included; a socket of a bind or server line is also that one's address. */
  readonly files: readonly FileReference[];
}

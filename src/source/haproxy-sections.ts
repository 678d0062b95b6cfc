// Facts about the sections of haproxy.cfg, for its parsers and writers.

/**
 * The sections of HAProxy 2.4 to 3.4 (src/cfgparse.c and REGISTER_CONFIG_SECTION; `namespace_list` is not in the manual). A line
 * that begins with any other word is part of the section before it.
 */
export const SECTION_KINDS: ReadonlySet<string> = new Set([
  "acme",
  "backend",
  "cache",
  "crt-store",
  "defaults",
  "fcgi-app",
  "frontend",
  "global",
  "healthcheck",
  "http-errors",
  "listen",
  "log-forward",
  "log-profile",
  "mailers",
  "namespace_list",
  "peers",
  "program",
  "resolvers",
  "ring",
  "traces",
  "userlist",
]);

/** No program listens there. HAProxy connects to name servers while it reads the file, also with `haproxy -c`. */
export const NO_NAME_SERVER = "127.0.0.1:9";

/** Without a section of this name HAProxy connects to the name servers of the machine it runs on. */
export const DEFAULT_RESOLVERS = `resolvers default\n  nameserver none ${NO_NAME_SERVER}\n`;

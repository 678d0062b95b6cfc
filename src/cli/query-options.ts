// The options of a command that describe requests and their outcome.
import type { CommandOption } from "./command.ts";

export const QUERY_OPTIONS: readonly CommandOption[] = [
  { flags: "--backend <name>", about: "requests that this backend may get" },
  { flags: "--status <code>", about: "requests with this status: 403, 2xx" },
  { flags: "--redirect <glob>", about: "requests that HAProxy redirects there: https://**" },
  { flags: "--no-route", about: "requests without a matching route or backend" },
  { flags: "--reaches-line <place>", about: "requests that the rule on this line decides: haproxy.cfg:41" },
  { flags: "--path <path>", about: "this path and everything below it" },
  { flags: "--exact-path <path>", about: "this path alone" },
  { flags: "--path-regex <regex>", about: "paths that match" },
  { flags: "--host <name>", about: "a host, or *.example.com" },
  { flags: "--method <method>", about: "a method", repeats: true },
  { flags: "--scheme <scheme>", about: "how clients connect", choices: ["http", "https"] },
  { flags: "--from <networks>", about: "client addresses: 10.0.0.0/8, or 'not 198.51.100.0/24'" },
  { flags: "-H, --header <line>", about: "a request header, `name: value`", repeats: true },
  { flags: "--listener <name>", about: "where requests enter" },
];

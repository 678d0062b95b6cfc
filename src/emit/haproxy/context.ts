// Shared by the parts of haproxy.cfg: the plan, its routing tables, and the files that lines refer to.
import type { Plan } from "../../plan/plan.ts";
import { freeFileName, frontendName } from "../../plan/proxy-names.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { copiedFile, type EmittedFile, type Place, type Reason } from "../file.ts";
import type { Routing } from "./routing/routing.ts";
import { type Line, line, word } from "./writing.ts";

export interface HaproxyContext {
  readonly plan: Plan;
  readonly routing: Routing;
  /** Puts a file next to haproxy.cfg and returns its name; the same content is written once. `at`: the content's place in the description. */
  readonly file: (wanted: string, extension: string, content: string, at?: Place) => string;
  readonly files: () => readonly EmittedFile[];
  /** The variable with the route's id, for a condition; recorded, so that it is set only if a line reads it. */
  readonly routeId: () => string;
  readonly usesRouteId: () => boolean;
}

export function openContext(plan: Plan, routing: Routing): HaproxyContext {
  const files: EmittedFile[] = [];
  const byContent = new Map<string, string>();
  const lowerNames = new Set<string>();
  const file = (wanted: string, extension: string, content: string, at?: Place) => {
    const known = byContent.get(`${extension}\n${content}`);
    if (known !== undefined) return known;
    const taken = { has: (stem: string) => lowerNames.has(`${stem}.${extension}`) };
    const name = `${freeFileName(taken, wanted)}.${extension}`;
    files.push(copiedFile(name, content, at));
    lowerNames.add(name.toLowerCase());
    byContent.set(`${extension}\n${content}`, name);
    return name;
  };
  let used = false;
  return {
    plan,
    routing,
    file,
    files: () => files,
    routeId: () => {
      used = true;
      return "var(txn.id)";
    },
    usesRouteId: () => used,
  };
}

/** The frontends where X-Forwarded-For carries the client address. */
export function forwardedFrontends(plan: Plan): readonly string[] {
  return plan.listeners
    .filter(({ client }) => client.value === "x-forwarded-for")
    .map((listener) => frontendName(plan, listener));
}

/** The variable with the client's address: one per connection, or one per request if a connection of the load balancer carries requests of many clients. */
export function clientVariable(plan: Plan): string {
  return forwardedFrontends(plan).length > 0 ? "txn.client" : "sess.client";
}

/**
 * A Host that is neither a name nor an address in brackets, once a port is taken off. No exact host is one; a wildcard or a catch-all could be, and a
 * location or a link made of it would lead elsewhere: `evil.com/.wild.example.com`, `app.example.com:@evil.com`.
 */
export const BAD_HOST = `{ var(txn.host) -m reg '^(?!(?:[a-z0-9_.-]*|\\[[0-9a-f:.]+\\])$)' }`;

/**
 * A URL as request target. HAProxy compares its host with Host only if there is one; a catch-all would take a request without, and backends go by the
 * URL (RFC 9112 section 3.2.2). 2.6 makes / of a URL without a path, and `txn.odd` has it as sent.
 */
const IS_URL = ["{ url -i -m beg http:// https:// }", "{ var(txn.odd) -m reg '^[^ ]+ (?i:https?)://' }"];
const HAS_HOST = "{ var(txn.host) -m found }";

/** A catch-all takes requests with a Host, and those whose target is a path: two conditions, of which one must hold. */
export const CATCH_ALL_TAKES: readonly string[] = [HAS_HOST, IS_URL.map((one) => `!${one}`).join(" ")];

/** For edges with a catch-all; otherwise no site matches such a request. */
export function urlWithoutHost({ sites }: Plan, ...when: readonly string[]): readonly Line[] {
  if (!sites.some(({ hosts }) => hosts.some(({ kind }) => kind === "any"))) return [];
  const either = IS_URL.map((one) => [...when, `!${HAS_HOST}`, one].join(" ")).join(" or ");
  return [deny(400, [either], "absolute URL without Host: servers would use the host of the URL")];
}

/** Refuses a request whose Host is none of these. */
export function badHost(...when: readonly string[]): Line {
  return deny(400, [...when, BAD_HOST], "invalid host name or port in Host");
}

/** Refuses a request without a Host whose Location would need one: only a catch-all gets such requests, over HTTP/1.0 or with an empty Host. */
export function withoutHost(...when: readonly string[]): Line {
  return deny(400, [...when, "!{ var(txn.host) -m len 1: }"], "the Location header needs a host");
}

/** A header of the request as routes match it: the last line, whole, where `occurrence` is `,-1`. Of Upgrade only a handshake is left (upgrades.ts). */
export function headerFetch(name: string, occurrence: "" | ",-1" = ""): string {
  return name === "upgrade" ? "var(txn.upgrade)" : `req.fhdr(${name}${occurrence})`;
}

/** What txn.route holds, in this order; the rank only where ranks are compared (`Routing.ranked`). */
const ROUTE_WORDS = ["rank", "section", "id", "set", "tables"] as const;

/** One word of txn.route, as a sample expression. `quote` is the one that does not end the surrounding quotes. */
export function routeWord(
  { routing }: HaproxyContext,
  wanted: (typeof ROUTE_WORDS)[number],
  quote: "'" | '"' = "'",
): string {
  const index = ROUTE_WORDS.indexOf(wanted) + (routing.ranked ? 1 : 0);
  return `var(txn.route),word(${index},${quote} ${quote})`;
}

/** HAProxy reads at most 64 words per line; a longer list is in a file. */
const MOST_WORDS = 24;

/** `{ fetch -m str a b c }`, or from a list file when there are many. */
export function oneOf(
  context: HaproxyContext,
  fetch: string,
  values: readonly string[],
  listName: string,
): string {
  return `{ ${fetch} -m str ${wordsOrFile(context, values.map(word), values, listName)} }`;
}

/** `{ src 10.0.0.0/8 … }`, or from a list file when there are many. */
export function sourceIn(
  context: HaproxyContext,
  networks: readonly string[],
  listName: string,
  at: Place,
): string {
  return `{ src ${wordsOrFile(context, networks, networks, listName, at)} }`;
}

function wordsOrFile(
  context: HaproxyContext,
  words: readonly string[],
  values: readonly string[],
  listName: string,
  at?: Place,
): string {
  if (words.length <= MOST_WORDS) return words.join(" ");
  return `-f ${context.file(listName, "lst", `${[...values].sort().join("\n")}\n`, at)}`;
}

/**
 * The condition under which a setting of some of a section's routes applies: nothing when all of them have it.
 * Begins with a space; several conditions are written one after the other, which HAProxy reads as "and".
 */
export function whenRoute(
  context: HaproxyContext,
  routes: readonly RoutePlan[],
  all: readonly RoutePlan[],
  section: string,
): string {
  if (routes.length === all.length) return "";
  return ` ${oneOf(
    context,
    context.routeId(),
    routes.map(({ id }) => id),
    `routes-of-${section.replace(/[^A-Za-z0-9._-]/g, "_")}`,
  )}`;
}

/** Rejects a request if all conditions hold. */
export function deny(status: number, conditions: readonly string[], reason?: Reason): Line {
  return line(`http-request deny deny_status ${status}${onlyIf(...conditions)}`, reason);
}

/** Joins conditions after `if`; empty without conditions. */
export function onlyIf(...conditions: readonly string[]): string {
  const given = conditions.map((condition) => condition.trim()).filter((condition) => condition !== "");
  return given.length === 0 ? "" : ` if ${given.join(" ")}`;
}

/** For a frontend that is not for clients: its own connection limit, and no lines in the access log. */
export function ownLines({ logs }: Plan, connections: number, requests: string): readonly Line[] {
  return [
    line(`maxconn ${connections}`, "reserved, not shared with client ports"),
    ...(logs.format === "off" ? [] : [line("no log", `keeps ${requests} out of the access log`)]),
  ];
}

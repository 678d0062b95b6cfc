// server-without-cookie: a persistence cookie that does not lead clients back to their server.
import type { Fix } from "../../findings/finding.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import { groupsOf } from "../groups.ts";
import { fixByWords, type PlacedProxy, placeOf, serverSides, settingLine } from "../layers/haproxy-view.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

const DYNAMIC =
  "Write `dynamic` at the end of the `cookie` line, and `dynamic-cookie-key KEY` with the same secret text in every pod.";

/** Measured on HAProxy 2.6 to 3.4; none of them warns. Manual section 4.2, `cookie`; section 5.2, `cookie` of a server. */
export const serverWithoutCookie: Rule = {
  code: "server-without-cookie",
  severity: "warning",
  check: (wiring) => serverSides(wiring).flatMap(unrecognised),
};

function unrecognised(placed: PlacedProxy): readonly RuleFinding[] {
  const { proxy } = placed;
  const line = settingLine(proxy, "cookie");
  const servers = proxy.servers.filter(takesNewClients);
  if (line === undefined || proxy.mode.value !== "http" || !haveChoice(servers)) return [];
  if ([line, ...servers.map((server) => server.line)].some(({ conditional }) => conditional)) return [];
  const without = servers.filter(({ cookie }) => cookie === undefined);
  if (isDynamic(line)) {
    return settingLine(proxy, "dynamic-cookie-key") || without.length === 0 ? [] : [keyMissing(placed, line)];
  }
  if (without.length > 0) return [valueMissing(placed, line, without)];
  return groupsOf(servers, ({ cookie }) => cookie?.value)
    .filter(haveChoice)
    .map((group) => valueShared(placed, line, group));
}

/** Backup, disabled and draining servers do not need one: no client should return to them. */
function takesNewClients({ backup, disabled, weight }: HaproxyServer): boolean {
  return !backup && !disabled && weight?.value !== "0";
}

function haveChoice(servers: readonly HaproxyServer[]): boolean {
  return servers.length > 1 || servers.some(({ template }) => template !== undefined && template !== "1");
}

function isDynamic(line: HaproxyLine): boolean {
  return line.tokens.slice(2).some(({ value }) => value === "dynamic");
}

function keyMissing({ layer, proxy }: PlacedProxy, line: HaproxyLine): RuleFinding {
  return {
    what: `\`${proxy.name}\` has a dynamic cookie without \`dynamic-cookie-key\``,
    why: "HAProxy then computes no cookie and sets none: every request of a client may reach another server, where its session is unknown.",
    remedy: "Write `dynamic-cookie-key KEY` in the backend, with the same secret text in every pod.",
    at: [placeOf(layer.config, line)],
    described: described(),
  };
}

function valueMissing(
  placed: PlacedProxy,
  line: HaproxyLine,
  without: readonly HaproxyServer[],
): RuleFinding {
  const { layer, proxy } = placed;
  const all = !proxy.servers.some(({ cookie }) => cookie !== undefined);
  const fix = fixOf(placed, without);
  return {
    what: `${listOf(without.map(({ name }) => name))} of \`${proxy.name}\` ${without.length === 1 ? "has" : "have"} no value for the cookie \`${line.tokens[1]?.value ?? ""}\``,
    why: all
      ? "HAProxy sets and reads no cookie without one: every request of a client may reach another server, where its session is unknown."
      : "A client of such a server gets no cookie: its next request may reach another server, where its session is unknown. Once a server with a cookie has answered, the client stays there, so these servers get more and more of the load.",
    remedy: without.some(({ template }) => template !== undefined)
      ? DYNAMIC
      : `Write \`cookie VALUE\` on the server line, with a value of its own for each server: \`cookie ${without[0]?.name ?? ""}\`.`,
    at: [placeOf(layer.config, line), ...without.slice(0, 5).map(({ at }) => noted(at, "no cookie value"))],
    ...(fix && { fix }),
    described: described(),
  };
}

function valueShared(
  { layer, proxy }: PlacedProxy,
  line: HaproxyLine,
  group: readonly HaproxyServer[],
): RuleFinding {
  const value = group[0]?.cookie?.value ?? "";
  const template = group.some((server) => server.template !== undefined);
  return {
    what: `several servers of \`${proxy.name}\` have the cookie value \`${value}\`: ${listOf(group.map(({ name }) => name))}`,
    why: "HAProxy sends every client with this cookie to the first of them, and the others get only new clients.",
    remedy: template ? DYNAMIC : "Write another value after `cookie` on each server line.",
    at: [
      placeOf(layer.config, line),
      ...group.slice(0, 5).map(({ at, cookie }) => (cookie?.from === "section" ? cookie.at : at)),
    ],
    described: described(),
  };
}

function described() {
  return {
    remedy: "Write `sticky: { cookie: NAME }` in the backend in its place.",
    replacesRaw: true,
  } as const;
}

/** The names of servers as values; uncertain with a template or `default-server`. */
function fixOf({ layer, proxy }: PlacedProxy, without: readonly HaproxyServer[]): Fix | undefined {
  const taken = new Set(proxy.servers.map(({ cookie }) => cookie?.value));
  if (without.some(({ name, template }) => template !== undefined || taken.has(name))) return undefined;
  const fixes = without.map(({ name, line }) => fixByWords(layer, line, `cookie ${name}`));
  const edits = fixes.flatMap((fix) => fix?.edits ?? []);
  if (edits.length < without.length) return undefined;
  return { does: `adds \`cookie NAME\` to ${listOf(without.map(({ name }) => name))}`, edits };
}

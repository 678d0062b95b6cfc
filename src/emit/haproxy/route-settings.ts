// Settings of routes other than the backend: access, body size, rewrites, headers, timeouts; in their section.
import { formatDurationMs } from "../../plan/durations.ts";
import { BUFFERED_BODY_BYTES } from "../../plan/limits.ts";
import type { PathRewrite, RoutePlan } from "../../plan/site-plan.ts";
import type { Place } from "../file.ts";
import { byValue } from "./by-value.ts";
import { deny, type HaproxyContext, onlyIf, sourceIn } from "./context.ts";
import { requestHeaderGroup, responseHeaderGroup } from "./header-edits.ts";
import type { Section } from "./routing/sections.ts";
import { type Group, type Line, line, literal, literalWord, word } from "./writing.ts";

/** Settings in which routes of a section can differ; no value: the route does not have the setting. */
const SETTINGS = {
  deny: ({ deny }: RoutePlan) => (deny.length === 0 ? undefined : deny),
  allow: ({ allow }: RoutePlan) => (allow.length === 0 ? undefined : allow),
  maxBodyBytes: ({ maxBody }: RoutePlan) => maxBody?.bytes,
  knownLength: ({ maxBody }: RoutePlan) =>
    maxBody?.unknownLength === "refuse" ? { isSmall: maxBody.bytes <= BUFFERED_BODY_BYTES } : undefined,
  serverMs: ({ timeouts }: RoutePlan) => timeouts.serverMs,
  tunnelMs: ({ timeouts }: RoutePlan) => timeouts.tunnelMs,
  host: ({ rewrite }: RoutePlan) => rewrite.host,
  path: ({ rewrite: { path }, match }: RoutePlan) =>
    path === null ? undefined : { rewrite: path, matched: path.kind === "prefix" ? match.path.value : "" },
};

/** All settings of the routes that lead to a backend. */
export function settingGroups(context: HaproxyContext, section: Section): readonly Group[] {
  const groups = [accessGroup, timeoutGroup, rewriteGroup, requestHeaderGroup, responseHeaderGroup];
  return groups.map((groupOf) => groupOf(context, section));
}

export function accessGroup(context: HaproxyContext, section: Section): Group {
  return [
    ...bySetting(context, section, "deny", (networks, when, at) => [
      deny(403, [when, sourceIn(context, networks, "denied", at)]),
    ]),
    ...bySetting(context, section, "allow", (networks, when, at) => [
      deny(403, [when, `!${sourceIn(context, networks, "allowed", at)}`]),
    ]),
    ...bySetting(context, section, "maxBodyBytes", (bytes, when) => [
      deny(413, [when, `{ req.hdr(content-length),add(0) gt ${bytes} }`]),
    ]),
    ...bySetting(context, section, "knownLength", ({ isSmall }, when) =>
      knownLengthLines(context, isSmall, when),
    ),
  ];
}

/**
 * HAProxy cannot count a body without Content-Length. Transfer-Encoding shows one in HTTP/1.1; in HTTP/2 it shows by its first byte, so HAProxy waits for
 * that or for the end of the stream. A WebSocket over HTTP/2 sends nothing before the response (RFC 8441); clients cannot send Upgrade there
 * (RFC 9113, 8.2.2). For a small body HAProxy waits as a whole, so that it cannot trickle to the server.
 */
function knownLengthLines({ plan }: HaproxyContext, isSmall: boolean, when: string): readonly Line[] {
  const wait = `http-request wait-for-body time ${formatDurationMs(plan.timeouts.request.value)}`;
  const refuse = "http-request deny status 411 content-type text/plain string 'Content-Length is required'";
  const unannounced = "!{ req.hdr(content-length) -m found }";
  const chunked = "{ req.hdr(transfer-encoding) -m found }";
  const noUpgrade = "!{ req.hdr(upgrade) -m found }";
  return [
    isSmall
      ? line(`${wait}${onlyIf(when, `!${chunked}`, noUpgrade)}`, "the whole body, which fits the buffer")
      : line(`${wait} at-least 1${onlyIf(when, "{ fc_http_major 2 }", unannounced, noUpgrade)}`),
    line(
      `${refuse}${onlyIf(when, chunked)} || ${[when, unannounced, "{ req.body_len gt 0 }"].join(" ").trim()}`,
      "the size of such a body is unknown",
    ),
  ];
}

function timeoutGroup(context: HaproxyContext, section: Section): Group {
  const timeout = (name: "server" | "tunnel") =>
    bySetting(context, section, `${name}Ms`, (ms, when) => [
      line(`http-request set-timeout ${name} ${formatDurationMs(ms)}${onlyIf(when)}`),
    ]);
  return [...timeout("server"), ...timeout("tunnel")];
}

function rewriteGroup(context: HaproxyContext, section: Section): Group {
  return [
    ...bySetting(context, section, "host", (host, when) => [
      line(`http-request set-header X-Forwarded-Host %[req.fhdr(host)]${onlyIf(when)}`),
      line(`http-request set-header Host ${word(host)}${onlyIf(when)}`),
    ]),
    ...bySetting(context, section, "path", ({ rewrite, matched }, when) => pathLines(rewrite, matched, when)),
  ];
}

function pathLines(rewrite: PathRewrite, matched: string, when: string): readonly Line[] {
  if (rewrite.kind === "whole")
    return [line(`http-request set-path ${literalWord(rewrite.value)}${onlyIf(when)}`)];
  const { front, rest } = replacedPrefix(rewrite.value, matched, "path");
  if (front !== "") return [line(`http-request set-path ${word(`${front}${rest}`)}${onlyIf(when)}`)];
  // `OPTIONS *` has no path, and comes here where the prefix is /.
  const whole = matched === "/" ? "!{ path -m len gt 1 }" : `{ path -m str ${word(matched)} }`;
  return [
    line(`http-request set-path /${onlyIf(when, whole)}`),
    line(`http-request set-path ${rest}${onlyIf(when, "{ path -m len gt 1 }")}`),
  ];
}

/**
 * A prefix replaced, as two pieces of a log-format string: the new front, and what followed the old one. `front` is
 * empty when the new prefix is `/`: what followed then begins with its own slash, or is empty.
 */
export function replacedPrefix(
  value: string,
  matched: string,
  fetch: "path" | "pathq",
): { readonly front: string; readonly rest: string } {
  const length = matched === "/" ? 0 : Buffer.byteLength(matched);
  return {
    front: literal(value.replace(/\/$/, "")),
    rest: length === 0 ? `%[${fetch}]` : `%[${fetch},bytes(${length})]`,
  };
}

type Settings = typeof SETTINGS;
type Setting<K extends keyof Settings> = NonNullable<ReturnType<Settings[K]>>;

/** Lines for each value of a setting that routes of a section have. */
function bySetting<K extends keyof Settings>(
  context: HaproxyContext,
  section: Section,
  name: K,
  lines: (value: Setting<K>, when: string, at: Place) => readonly Line[],
): readonly Line[] {
  const valuesOf = (route: RoutePlan) => {
    const value = SETTINGS[name](route) as Setting<K> | null | undefined;
    return value == null ? [] : [{ value, at: route.timeouts.at?.[name] }];
  };
  return byValue(context, section, valuesOf, lines);
}

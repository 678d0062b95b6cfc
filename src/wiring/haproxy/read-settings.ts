// Settings of a proxy section and those inherited from its defaults: mode, timeouts, options, stats, logs.

import type { Position } from "../../findings/finding.ts";
import { readAddress } from "./address.ts";
import { type Condition, identifiesClient, readAcl, readCondition } from "./condition.ts";
import {
  directiveOf,
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  tokenPosition,
} from "./config.ts";
import type { HaproxyProxy, LogTarget, Setting, StatsPage } from "./wiring.ts";

export type ReadSettings = Pick<HaproxyProxy, "mode" | "timeouts" | "options"> &
  Partial<Pick<HaproxyProxy, "balance" | "defaultBackend" | "stats">>;

export function readSettings(
  config: HaproxyConfig,
  section: HaproxySection,
  parent: HaproxyProxy | undefined,
  header: Position,
): ReadSettings {
  const timeouts = new Map(inherited(parent?.timeouts));
  const options = new Map(inherited(parent?.options));
  let mode: Setting<string> = parent ? take(parent.mode) : { value: "tcp", at: header, from: "haproxy" };
  let balance = parent?.balance && take(parent.balance);
  let defaultBackend = parent?.defaultBackend && take(parent.defaultBackend);
  for (const line of section.lines) {
    const { negated, words } = directiveOf(line);
    const [keyword, name, ...rest] = words;
    if (!keyword || !name) continue;
    const at = tokenPosition(config, keyword, words.at(-1));
    if (keyword.value === "mode") mode = own(name.value, at);
    if (keyword.value === "balance") balance = own(name.value, at);
    if (keyword.value === "default_backend") defaultBackend = own(name.value, at);
    if (keyword.value === "timeout") {
      const durationMs = rest[0]?.symbolic ? undefined : readDurationMs(rest[0]?.value ?? "");
      // 0 is no timeout (TICK_ETERNITY in HAProxy's include/haproxy/ticks.h).
      if (durationMs === 0) timeouts.delete(name.value);
      else timeouts.set(name.value, own(durationMs, at));
    }
    if (keyword.value !== "option") continue;
    // The last of them applies, and `no` resets only its own (PR_O_HTTP_MODE in HAProxy's src/cfgparse-listen.c).
    if (!negated && HTTP_MODES.includes(name.value)) for (const mode of HTTP_MODES) options.delete(mode);
    if (negated) options.delete(name.value);
    else
      options.set(
        name.value,
        own(
          rest.map((word) => word.value),
          at,
        ),
      );
  }
  const stats = readStats(config, section, parent?.stats);
  return {
    mode,
    timeouts,
    options,
    ...(balance && { balance }),
    ...(defaultBackend && { defaultBackend }),
    ...(stats && { stats }),
  };
}

const HTTP_MODES: readonly string[] = ["http-keep-alive", "http-server-close", "httpclose", "http-tunnel"];

/** `log TARGET [len N] [format F] [sample …] [profile P] FACILITY [LEVEL [MINLEVEL]]` (manual section 4.2). */
export function readLogTarget(
  config: HaproxyConfig,
  line: HaproxyLine,
  owner: string,
): LogTarget | undefined {
  const { negated, words } = directiveOf(line);
  const [keyword, target, ...rest] = words;
  if (negated || keyword?.value !== "log" || !target) return undefined;
  const named = new Map<string, string>();
  let index = 0;
  for (; ["len", "format", "sample", "profile"].includes(rest[index]?.value ?? ""); index += 2) {
    named.set(rest[index]?.value ?? "", rest[index + 1]?.value ?? "");
  }
  const [facility, level] = rest.slice(index).map((word) => word.value);
  const format = named.get("format");
  const lengthBytes = Number(named.get("len"));
  return {
    owner,
    target: target.value,
    inheritsGlobal: target.value === "global",
    ...(!["global", "stdout", "stderr"].includes(target.value) && { address: readAddress(config, target) }),
    ...(format !== undefined && { format }),
    ...(named.has("len") && { lengthBytes }),
    ...(facility !== undefined && { facility }),
    ...(level !== undefined && { level }),
    at: tokenPosition(config, keyword, words.at(-1)),
    line,
  };
}

/**
 * A duration as HAProxy reads it, `30s`; milliseconds without a unit (manual section 2.5). Characters after the unit are
 * ignored with a warning: `15min` is 15 minutes (parse_time_err() in src/tools.c). undefined: HAProxy refuses it.
 */
export function readDurationMs(text: string): number | undefined {
  const found = /^(\d+)(?:$|(us|ms|s|m|h|d))/.exec(text);
  if (!found) return undefined;
  const unitMs = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[found[2] ?? "ms"] ?? 1;
  return Number(found[1]) * unitMs;
}

function readStats(
  config: HaproxyConfig,
  section: HaproxySection,
  parent: StatsPage | undefined,
): StatsPage | undefined {
  let uri = parent && take(parent.uri);
  const auth = parent ? parent.auth.map(take) : [];
  let admin = parent?.admin ?? false;
  let at = parent?.at;
  for (const line of section.lines) {
    const { words } = directiveOf(line);
    const [keyword, name, value] = words;
    if (keyword?.value !== "stats" || !name) continue;
    const here = tokenPosition(config, keyword, words.at(-1));
    // Any of these enables the page, even without `stats enable`; its default address is /haproxy?stats.
    if (!["enable", "uri", "auth", "admin", "realm", "hide-version", "refresh", "scope"].includes(name.value))
      continue;
    at = here;
    uri ??= { value: "/haproxy?stats", at: here, from: "haproxy" };
    if (name.value === "uri" && value) uri = own(value.value, here);
    if (name.value === "auth" && value) auth.push(own(value.value, here));
    if (name.value === "admin") admin ||= !isForSome(readCondition(line), section);
  }
  return uri && at && { uri, auth, admin, at };
}

/** Whether a condition tests the client's identity: by address or by password. */
function isForSome(condition: Condition | undefined, { lines }: HaproxySection): boolean {
  return (condition?.terms ?? []).some(({ name, test }) => {
    const named = lines.flatMap((line) => readAcl(line) ?? []).filter((acl) => acl.name.value === name);
    const tests = test === undefined ? named.map((acl) => acl.test) : [test];
    return name === "LOCALHOST" || tests.some(identifiesClient);
  });
}

function own<T>(value: T, at: Position): Setting<T> {
  return { value, at, from: "section" };
}

function take<T>(setting: Setting<T>): Setting<T> {
  return setting.from === "section" ? { ...setting, from: "defaults" } : setting;
}

function inherited<T>(settings: ReadonlyMap<string, Setting<T>> | undefined): [string, Setting<T>][] {
  return [...(settings ?? [])].map(([name, setting]) => [name, take(setting)]);
}

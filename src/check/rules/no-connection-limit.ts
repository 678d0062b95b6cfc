// no-connection-limit: no `maxconn` in a container whose memory is limited.
import { LEAST_BYTES } from "../../plan/limits.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { type HaproxyProcess, haproxyProcesses } from "../layers/container/process.ts";
import { headerOf, settingLine } from "../layers/haproxy-view.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

const MIB = 1024 * 1024;

export const noConnectionLimit: Rule = {
  code: "no-connection-limit",
  severity: "warning",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingOf(process)),
};

function findingOf({ haproxies, pod, command }: HaproxyProcess): RuleFindings {
  const limit = pod?.container.memoryLimitBytes;
  const [layer] = haproxies;
  if (pod === undefined || limit === undefined || layer === undefined) return [];
  // Another program may limit HAProxy's memory or file descriptors; `-m` and `-n` do so.
  if (command === undefined || command.args.some((word) => /^-[mn]\d*$/.test(word))) return [];
  if (haproxies.some(isLimited)) return [];
  const tls = haproxies.some(({ wiring }) => wiring.binds.some(({ ssl }) => ssl));
  const each = LEAST_BYTES.connection + (tls ? LEAST_BYTES.tls : 0);
  const fitting = Math.max(100, Math.floor((limit.value - 2 * LEAST_BYTES.idle) / each / 100) * 100);
  const global = layer.config.sections.find(({ kind }) => kind === "global");
  return {
    what: `HAProxy has no \`maxconn\`, and the container may use ${Math.floor(limit.value / MIB)} MiB`,
    why: "HAProxy then derives `maxconn` from the limit of file descriptors, which is a million with most container runtimes, and not from the memory limit. A connection whose client reads slowly needs about 70 KiB: under load or in a flood the kernel kills HAProxy with all its connections.",
    remedy: `Write \`maxconn ${fitting}\` in \`global\`.`,
    at: [noted(global && headerOf(layer, global), "no `maxconn`"), noted(limit.at, "the memory limit")],
  };
}

/** HAProxy's global limit, or a limit in each proxy that clients connect to. */
function isLimited(layer: HaproxyLayer): boolean {
  if (["maxconn", "fd-hard-limit", "ulimit-n"].some((keyword) => globalLine(layer, keyword) !== undefined))
    return true;
  const entrances = layer.wiring.proxies.filter(({ kind }) => kind !== "backend" && kind !== "defaults");
  return entrances.every((proxy) => settingLine(proxy, "maxconn") !== undefined);
}

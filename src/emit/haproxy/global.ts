// The sections other than proxies for traffic: global, resolvers, and the stats page.
import { formatDurationMs } from "../../plan/durations.ts";
import { MOST_GLITCHES, RESERVED } from "../../plan/limits.ts";
import { STATS_REFRESH_MS } from "../../plan/listeners.ts";
import { partOf } from "../../plan/places.ts";
import type { Decided, LogsPlan, Plan, StatsPlan } from "../../plan/plan.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import { placeOf, remark } from "../file.ts";
import { ownLines } from "./context.ts";
import {
  group,
  haproxySection,
  type Line,
  line,
  rawGroup,
  type SectionText,
  variableWord,
  word,
} from "./writing.ts";

export function globalSection(plan: Plan): SectionText {
  const { limits, drain, threads, health } = plan;
  return haproxySection("global", undefined, [
    group(partOf(plan, "logs"), logTarget(plan.logs)),
    [
      line(`maxconn ${limits.allConnections.value}`, limits.allConnections),
      ...(limits.bufferBytes === null
        ? []
        : [
            line(`tune.bufsize ${limits.bufferBytes.value}`, limits.bufferBytes),
            line(`tune.maxrewrite ${limits.bufferBytes.rewriteBytes}`, placeOf(limits.bufferBytes)),
          ]),
      line(`nbthread ${threads.value}`, threads),
      line(`grace ${formatDurationMs(drain.graceMs.value)}`, drain.graceMs),
      line(`hard-stop-after ${formatDurationMs(drain.hardStopMs.value)}`, drain.hardStopMs),
      ...(health.waitsFor.length === 0
        ? []
        : [line("set-var proc.started date", "start time, for the readiness check")]),
      line(
        "stats socket /run/haproxy/admin.sock mode 600 level admin",
        "Runtime API, only inside this container",
      ),
      line("default-path config", "maps and response bodies are next to this file"),
      ...(plan.paths === "normal" ? [line("expose-experimental-directives", "for normalize-uri")] : []),
      ...tlsDefaults(plan),
      ...GLITCHES,
    ],
    rawGroup(plan.rawGlobal, partOf(plan, "haproxy.raw").at),
  ]);
}

/** New in HAProxy 3.0 (manual section 3.2, tune.h2.fe.glitches-threshold). */
const GLITCHES: readonly Line[] = [
  line(".if version_atleast(3.0)"),
  line(
    `tune.h2.fe.glitches-threshold ${MOST_GLITCHES}`,
    "closes HTTP/2 connections with many protocol errors",
  ),
  line(".endif"),
];

function tlsDefaults({ listeners }: Plan): readonly Line[] {
  const minVersion = listeners.find(({ tls }) => tls !== null)?.tls?.minVersion;
  if (minVersion === undefined) return [];
  return [
    line(
      `ssl-default-bind-options ssl-min-ver TLSv${minVersion.value} no-tls-tickets`,
      remark("pods have different ticket keys", minVersion, "; "),
    ),
  ];
}

function logTarget({ to, format, facility, level }: LogsPlan): readonly Line[] {
  if (format === "off") return [];
  // A JSON line with a long path is longer than the 1,024 bytes that are the default (manual section 3.1, log).
  const form = to.value === "stdout" ? " len 8192 format raw" : " len 8192";
  return [line(`log ${word(to.value)}${form} ${facility} ${level}`, to)];
}

/** DNS at run time, if a server has a name (manual section 5.3). */
export function resolversSection({ resolvers, dns }: Plan): readonly SectionText[] {
  if (resolvers === null) return [];
  const timed = (name: string, time: Decided<number>) =>
    line(`${name.padEnd(15)} ${formatDurationMs(time.value)}`, time);
  const { resolve, retry, holdNx, holdOther, payloadBytes, nameServers } = resolvers;
  return [
    haproxySection("resolvers cluster", undefined, [
      [
        ...(nameServers.length === 0
          ? [line("parse-resolv-conf", "name servers of the pod")]
          : nameServers.map((address, index) =>
              line(`nameserver dns${index + 1} ${address}`, placeOf(dns.nameServers)),
            )),
        line(`accepted_payload_size ${payloadBytes.value}`, payloadBytes),
        timed("timeout resolve", resolve),
        timed("timeout retry", retry),
        timed("hold nx", holdNx),
        timed("hold timeout", holdOther),
        ...["refused", "other"].map((kind) =>
          line(`${`hold ${kind}`.padEnd(15)} ${formatDurationMs(holdOther.value)}`, placeOf(holdOther)),
        ),
      ],
    ]),
  ];
}

export function statsSection(plan: Plan): readonly SectionText[] {
  const { stats } = plan;
  if (stats === null) return [];
  const reach = stats.public
    ? "reachable through the load balancer"
    : "in-cluster only, not behind the load balancer";
  return [
    haproxySection(`frontend ${frontendName(plan, "stats")} from base`, partOf(plan, "stats"), [
      [
        line(`bind *:${stats.port.value}`, { because: reach, ...placeOf(stats.port) }),
        ...ownLines(plan, RESERVED.stats, "stats requests"),
        line("stats enable"),
        line("stats uri /"),
        line(`stats refresh ${formatDurationMs(STATS_REFRESH_MS)}`),
      ],
      stats.user === null ? [] : authLines(stats.user),
    ]),
  ];
}

/** An unset or empty variable would be an empty password, which HAProxy accepts. */
function authLines({ name, password: { variable } }: NonNullable<StatsPlan["user"]>): readonly Line[] {
  return [
    line(
      `http-request deny unless { env(${variable}) -m len 1: }`,
      "denies all requests if the password is unset",
    ),
    line(`stats auth ${word(`${name}:`)}${variableWord(variable)}`),
  ];
}

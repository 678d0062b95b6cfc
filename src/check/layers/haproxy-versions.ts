// Directives that versions of HAProxy refuse, and the version that an image installs.
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { ImageBuild } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";

/** `2.6` */
export type HaproxyVersion = `${number}.${number}`;

/** The versions that Portico renders for, and that a configuration should load on. */
export const SUPPORTED_VERSIONS: readonly HaproxyVersion[] = ["2.6", "3.0", "3.2", "3.4"];

/** Not released yet; its removals are those that HAProxy 3.4 announces when it loads a line ("will be removed in 3.5"). */
export const ANNOUNCED_VERSIONS: readonly HaproxyVersion[] = ["3.5"];

export interface RefusedDirective {
  /** The words a line begins with, in one of these sections; a section's own kind is the word of its header. */
  readonly words: readonly string[];
  readonly sections: readonly string[];
  /** An additional condition on the line. */
  readonly when?: (line: HaproxyLine) => boolean;
  /** The last version known to take it, and the first known to refuse it; undefined: every old, every new one. */
  readonly takenUntil?: HaproxyVersion | undefined;
  readonly refusedFrom?: HaproxyVersion | undefined;
  /** For new directives: the last version known to refuse it, and the first known to accept it. */
  readonly unknownUntil?: HaproxyVersion;
  readonly knownFrom?: HaproxyVersion;
  readonly instead: string;
  /** An example of a line. */
  readonly sample: string;
}

const PROXIES = ["defaults", "frontend", "backend", "listen"];
const POOLS = ["backend", "listen"];

const IN_3_0 = { unknownUntil: "2.6", knownFrom: "3.0" } as const;
const IN_3_2 = { unknownUntil: "3.0", knownFrom: "3.2" } as const;

/** Settings of QUIC that 3.3 renamed, as 3.4 reports them; each with the versions that accept its old name. */
const QUIC_NAMES: readonly (readonly [
  sample: string,
  instead: string,
  known: typeof IN_3_0 | typeof IN_3_2,
])[] = [
  ["tune.quic.cc-hystart on", sameValue("tune.quic.fe.cc.hystart"), IN_3_0],
  ["tune.quic.cc.cubic.min-losses 3", sameValue("tune.quic.fe.cc.cubic-min-losses"), IN_3_2],
  ["tune.quic.disable-tx-pacing", "`tune.quic.fe.tx.pacing off`", IN_3_2],
  ["tune.quic.disable-udp-gso", "`tune.quic.fe.tx.udp-gso off`", IN_3_2],
  ["tune.quic.frontend.default-max-window-size 480k", sameValue("tune.quic.fe.cc.max-win-size"), IN_3_2],
  ["tune.quic.frontend.glitches-threshold 9", sameValue("tune.quic.fe.sec.glitches-threshold"), IN_3_0],
  ["tune.quic.frontend.max-data-size 1m", sameValue("tune.quic.fe.stream.rxbuf"), IN_3_2],
  ["tune.quic.frontend.max-idle-timeout 30s", sameValue("tune.quic.fe.max-idle-timeout"), IN_3_0],
  ["tune.quic.frontend.max-streams-bidi 9", sameValue("tune.quic.fe.stream.max-concurrent"), IN_3_0],
  ["tune.quic.frontend.max-tx-mem 1g", sameValue("tune.quic.mem.tx-max"), IN_3_2],
  ["tune.quic.frontend.stream-data-ratio 9", sameValue("tune.quic.fe.stream.data-ratio"), IN_3_2],
  ["tune.quic.max-frame-loss 9", sameValue("tune.quic.fe.cc.max-frame-loss"), IN_3_0],
  ["tune.quic.reorder-ratio 9", sameValue("tune.quic.fe.cc.reorder-ratio"), IN_3_0],
  ["tune.quic.retry-threshold 9", sameValue("tune.quic.fe.sec.retry-threshold"), IN_3_0],
  [
    "tune.quic.socket-owner connection",
    "`tune.quic.fe.sock-per-conn default-on`, or `force-off` in place of `listener`",
    IN_3_0,
  ],
];

/**
 * A test checks each on HAProxy 2.6, 3.0, 3.2 and 3.4; the versions that older lines ended with are those of HAProxy's own
 * messages ("not supported anymore since HAProxy 2.1").
 */
export const REFUSED_DIRECTIVES: readonly RefusedDirective[] = [
  {
    words: ["option", "httpchk"],
    sections: ["defaults", "backend", "listen"],
    when: (line) =>
      /[\r\n]/.test(directiveOf(line).words.at(-1)?.value ?? "") || directiveOf(line).words.length > 5,
    takenUntil: "2.6",
    refusedFrom: "2.8",
    instead: "`option httpchk` and `http-check send meth GET uri /… hdr Host …`",
    sample: "option httpchk GET / HTTP/1.0\\r\\nHost:\\ example.com",
  },
  ...removed("2.1", "`http-request add-header`, `set-header`, `del-header` or `replace-header`", [
    "reqadd X-A:\\ b",
    "reqdel ^X-A",
    "reqidel ^X-A",
    "reqrep ^X-A b",
    "reqirep ^X-A b",
    "reqdeny ^X-A",
    "reqideny ^X-A",
    "reqallow ^X-A",
    "reqtarpit ^X-A",
  ]),
  ...removed("2.1", "`http-response add-header`, `set-header`, `del-header` or `replace-header`", [
    "rspadd X-A:\\ b",
    "rspdel ^X-A",
    "rspidel ^X-A",
    "rsprep ^X-A b",
    "rspirep ^X-A b",
    "rspdeny ^X-A",
  ]),
  ...removed("2.1", "`http-request deny`", ["block if TRUE"]),
  ...removed("2.1", "`timeout connect`", ["contimeout 5000"]),
  ...removed("2.1", "`timeout client`", ["clitimeout 5000"]),
  ...removed("2.1", "`timeout server`", ["srvtimeout 5000"]),
  ...removed("2.1", "`option redispatch`", ["redispatch"]),
  ...removed("2.0", "`option httpclose`, or nothing", ["option forceclose"]),
  ...removed("2.5", "`http-request set-dst` and `set-uri`", ["option http_proxy"]),
  ...removed("2.5", "`grace` in `global`", ["grace 1s"]),
  ...removed("2.5", "nothing: threads do this", ["nbproc 2"], ["global"]),
  ...removed("1.6", "`stick-table` and `stick on`", ["appsession x len 5 timeout 1h"]),
  ...removed("2.7", "nothing: it does nothing since threads", ["bind-process all"]),
  ...removed("2.7", "nothing: there is one process", ["stats bind-process all"], ["global"]),
  ...removed("3.5", "`-W` on HAProxy's command line, `-Ws` under systemd", ["master-worker"], ["global"]),
  ...removed("3.5", "`server dispatch ADDRESS:PORT`, with the same address", ["dispatch 127.0.0.1:1"], POOLS),
  ...removed(
    "3.5",
    "`server transparent 0.0.0.0`, which connects to the client's original destination",
    ["transparent", "option transparent"],
    ["defaults", ...POOLS],
  ),
  ...QUIC_NAMES.flatMap(([sample, instead, known]) =>
    removed("3.5", instead, [sample], ["global"]).map((one) => ({ ...one, ...known })),
  ),
  ...added("2.6", "2.7", "`tune.h2.max-concurrent-streams`", [
    "tune.h2.be.max-concurrent-streams 10",
    "tune.h2.fe.max-concurrent-streams 10",
  ]),
  ...added("2.9", "3.0", "`crt FILE` on each `bind` and `server` line", ["crt-store portico"], ["crt-store"]),
  ...added("3.0", "3.1", "`log-format` in each frontend", ["log-profile portico"], ["log-profile"]),
  ...added("3.0", "3.1", "`trace` on the Runtime API", ["traces"], ["traces"]),
];

/** Whether a version refuses the line; undefined: not known. */
export function refuses(version: HaproxyVersion, directive: RefusedDirective): boolean | undefined {
  const { takenUntil, refusedFrom, unknownUntil, knownFrom } = directive;
  if (unknownUntil !== undefined && compareVersions(version, unknownUntil) <= 0) return true;
  if (knownFrom !== undefined && compareVersions(version, knownFrom) < 0) return undefined;
  if (refusedFrom !== undefined && compareVersions(version, refusedFrom) >= 0) return true;
  return takenUntil === undefined || compareVersions(version, takenUntil) <= 0 ? false : undefined;
}

export function compareVersions(a: HaproxyVersion, b: HaproxyVersion): number {
  const [[majorA = 0, minorA = 0], [majorB = 0, minorB = 0]] = [a, b].map((one) =>
    one.split(".").map(Number),
  ) as [number[], number[]];
  return majorA - majorB || minorA - minorB;
}

/**
 * The version of the HAProxy package in a distribution's release: packages.debian.org/haproxy and
 * packages.ubuntu.com/haproxy.
 */
const PACKAGED: readonly (readonly [base: RegExp, version: HaproxyVersion])[] = [
  [/^debian:(10|buster)\b/, "1.8"],
  [/^debian:(11|bullseye)\b/, "2.2"],
  [/^debian:(12|bookworm)\b/, "2.6"],
  [/^debian:(13|trixie)\b/, "3.0"],
  [/^ubuntu:(16\.04|xenial)\b/, "1.6"],
  [/^ubuntu:(18\.04|bionic)\b/, "1.8"],
  [/^ubuntu:(20\.04|focal)\b/, "2.0"],
  [/^ubuntu:(22\.04|jammy)\b/, "2.4"],
  [/^ubuntu:(24\.04|noble)\b/, "2.8"],
];

/** The version that an image runs, if its base determines it. */
export function versionIn(image: ImageBuild | undefined): HaproxyVersion | undefined {
  const base = knownValue(image?.base);
  if (image === undefined || base === undefined) return undefined;
  const plain = base.replace(/^(docker\.io\/)?(library\/)?/, "");
  const tagged = /^haproxy:(\d+\.\d+)\b/.exec(plain)?.[1];
  if (tagged !== undefined) return tagged as HaproxyVersion;
  if (!image.packages.some(({ value }) => value === "haproxy")) return undefined;
  return PACKAGED.find(([pattern]) => pattern.test(plain))?.[1];
}

function sameValue(name: string): string {
  return `\`${name}\`, with the same value`;
}

function removed(
  since: HaproxyVersion,
  instead: string,
  samples: readonly string[],
  sections: readonly string[] = PROXIES,
): readonly RefusedDirective[] {
  const [major = 0, minor = 0] = since.split(".").map(Number);
  const takenUntil: HaproxyVersion = minor === 0 ? `${major - 1}.9` : `${major}.${minor - 1}`;
  return samples.map((sample) => ({
    words: wordsOf(sample),
    sections,
    takenUntil,
    refusedFrom: since,
    instead,
    sample,
  }));
}

function added(
  unknownUntil: HaproxyVersion,
  knownFrom: HaproxyVersion,
  instead: string,
  samples: readonly string[],
  sections: readonly string[] = ["global"],
): readonly RefusedDirective[] {
  return samples.map((sample) => ({
    words: wordsOf(sample),
    sections,
    unknownUntil,
    knownFrom,
    instead,
    sample,
  }));
}

/** A directive is one word, except for `option` and `stats`. */
function wordsOf(sample: string): readonly string[] {
  const [first = "", second = ""] = sample.split(" ");
  return first === "option" || first === "stats" ? [first, second] : [first];
}

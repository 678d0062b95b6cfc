// From measurements to the cause: slow and fast queries together determine it.
import type { FindingCode } from "../findings/codes.ts";
import type { Finding } from "../findings/finding.ts";
import { LOST_MS, type LookupKind, type Lookups } from "./lookups.ts";
import { lookupsOf, type Measured, type MeasuredName } from "./measured.ts";
import type { Measurements, ServerMeasurements } from "./server-measurements.ts";

export type CauseCode = Extract<FindingCode, `dns-${string}`>;

export interface Cause {
  readonly code: CauseCode;
  /** The name server concerned; null: known from lookups only, or not about a server. */
  readonly server: string | null;
  readonly name: string;
  /** Seen in queries, and already avoided by an option of this resolv.conf. */
  readonly avoidedBy: string | null;
  readonly finding: Finding;
}

/** A DNS server in the same cluster or data centre answers in a few milliseconds. */
const SLOW_MS = 100;
/** How many more losses pairs must have than single queries; otherwise it is ordinary loss. */
const RACE_RATIO = 4;
/** The threshold for slow lookups without a known cause. */
const SECONDS_MS = 1000;

const AVOIDED_BY: Partial<Record<CauseCode, readonly string[]>> = {
  "dns-race": ["single-request", "single-request-reopen", "no-aaaa", "use-vc"],
  "dns-aaaa-unanswered": ["no-aaaa"],
};

/** Why each cause makes lookups slow, and what to do. */
const ADVICE = {
  "dns-server-unresponsive": [
    "Every lookup waits for it before the next name server is queried: five seconds with glibc.",
    "Remove it from resolv.conf, or allow UDP port 53 to it.",
  ],
  "dns-aaaa-unanswered": [
    "A lookup queries both and waits for both: 15 s with glibc, 5 s and then a failure with musl.",
    "Make pods with glibc query A only: `no-aaaa`; no other option of resolv.conf avoids it.",
  ],
  "dns-race": [
    "Two packets of a new connection race for one NAT entry (conntrack), and the kernel drops one: 5 s with glibc, 2.5 s with musl.",
    "Query one after the other, or A only.",
  ],
  "dns-server-lossy": [
    "Each lost packet costs a lookup five seconds with glibc, 2.5 s with musl.",
    "Find where packets are lost on the path to the name server, or use a DNS cache on the node; until then retry sooner.",
  ],
  "dns-server-slow": [
    "Every lookup takes at least as long, once per name that its search list adds.",
    "Use a nearer name server, or a DNS cache on the node.",
  ],
  "dns-tcp-unanswered": [
    "An answer too large for UDP is requested again over TCP (RFC 7766): the lookup then waits, and fails.",
    "Allow TCP port 53 to it.",
  ],
  "dns-slow-unexplained": [
    "Queries that were sent separately are answered quickly; a packet was lost by chance, or the C library waits for something else.",
    "Measure again, with `tcpdump -n port 53` next to `getent ahosts`. /etc/nsswitch.conf names other sources than DNS.",
  ],
} as const satisfies Partial<Record<CauseCode, readonly [why: string, remedy: string]>>;

/** One per cause and server. The servers' queries decide where there are any, the lookups otherwise. */
export function causesOf(measured: Measured): readonly Cause[] {
  const causes = measured.names.flatMap((name) => {
    const known = [
      ...(name.servers.length > 0
        ? name.servers.flatMap((server) => byQueries(server, name))
        : byLookups(name, measured)),
      ...searchList(name, measured),
    ];
    return [...known, ...unexplained(name, known)];
  });
  // Several names show the same fault of a server.
  const found = causes.filter(
    (cause, at) =>
      cause.code === "dns-search-list" ||
      cause.code === "dns-slow-unexplained" ||
      causes.findIndex(({ code, server }) => code === cause.code && server === cause.server) === at,
  );
  return found.map((cause) => ({ ...cause, avoidedBy: avoidedBy(cause, measured) }));
}

type FoundCause = Omit<Cause, "avoidedBy">;

function byQueries(
  { server, a, aaaa, pair, tcp }: ServerMeasurements,
  { name }: MeasuredName,
): readonly FoundCause[] {
  const cause = (code: keyof typeof ADVICE, what: string) => causeOf(code, server, name, what);
  if (a.lost === a.sent && aaaa.lost === aaaa.sent)
    return [cause("dns-server-unresponsive", `${server} answered none of ${a.sent + aaaa.sent} queries`)];
  const found: FoundCause[] = [];
  const unansweredAaaa = aaaa.lost === aaaa.sent;
  const single = unansweredAaaa ? [a] : [a, aaaa];
  const paired = unansweredAaaa ? [pair.a] : [pair.a, pair.aaaa];
  if (unansweredAaaa)
    found.push(
      cause("dns-aaaa-unanswered", `${server} answers A queries, but none of ${aaaa.sent} AAAA queries`),
    );
  if (share(paired) > RACE_RATIO * share(single))
    found.push(
      cause(
        "dns-race",
        `${server}: ${lossText(paired)} lost when A and AAAA are sent from one port together, ${lossText(single)} when each is sent alone`,
      ),
    );
  if (share(single) > 0)
    found.push(cause("dns-server-lossy", `${server} left ${lossText(single)} unanswered`));
  if ((a.medianMs ?? 0) >= SLOW_MS)
    found.push(cause("dns-server-slow", `${server} takes ${Math.round(a.medianMs ?? 0)} ms for an answer`));
  if (tcp.lost === tcp.sent)
    found.push(
      cause("dns-tcp-unanswered", `${server} answers over UDP, but none of ${tcp.sent} queries over TCP`),
    );
  return found;
}

function byLookups(measured: MeasuredName, { libc }: Measured): readonly FoundCause[] {
  const [one, both] = [lookupsOf(measured, "A only"), lookupsOf(measured, "full name")];
  if (one === undefined || both === undefined) return [];
  const { name } = measured;
  if (one.longestMs >= LOST_MS || one.shortestMs >= SLOW_MS) return [ofOneQuery(one, name)];
  if (!isSlow(both)) return [];
  const inTurn = libc.name === "glibc" ? lookupsOf(measured, "single-request") : undefined;
  // musl reads no options from the environment; with musl an unanswered query fails the whole lookup.
  const races = inTurn === undefined ? both.failed === 0 : !isSlow(inTurn);
  const times = `a lookup of A takes ${one.longestMs} ms at most, of A and AAAA ${both.longestMs} ms`;
  if (!races)
    return [
      causeOf(
        "dns-aaaa-unanswered",
        null,
        name,
        both.failed > 0 ? `${times}, and fails` : `${times}, even one after the other`,
      ),
    ];
  const separately = inTurn === undefined ? "" : `, one after the other ${inTurn.longestMs} ms`;
  return [causeOf("dns-race", null, name, `${times}${separately}`)];
}

function ofOneQuery({ failed, count, shortestMs, longestMs }: Lookups, name: string): FoundCause {
  if (failed === count && shortestMs >= LOST_MS)
    return causeOf("dns-server-unresponsive", null, name, `none of ${count} lookups was answered`, [
      "No name server answers here, or the first one does not.",
      "Remove unresponsive servers from resolv.conf, or allow UDP port 53 to them.",
    ]);
  if (shortestMs >= SLOW_MS)
    return causeOf(
      "dns-server-slow",
      null,
      name,
      `a lookup with one query takes ${shortestMs} to ${longestMs} ms`,
    );
  const what = `of ${count} lookups with one query the slowest took ${longestMs} ms, the fastest ${shortestMs} ms`;
  return causeOf("dns-server-lossy", null, name, what);
}

function searchList(
  { name, queries, exists }: MeasuredName,
  { resolvConf }: Measured,
): readonly FoundCause[] {
  const wasted = queries.length - 1;
  if (!exists || wasted <= 0) return [];
  const whole = queries.at(-1) === name;
  const what = `${name} costs ${2 * queries.length} queries instead of 2 (ndots:${resolvConf.ndots}, ${resolvConf.search.length} search domains)`;
  return [
    causeOf("dns-search-list", null, name, what, [
      "Each additional query may be lost or slow, and adds load to the name server.",
      whole
        ? `Write the name with a trailing dot, \`${name}.\`, or set \`ndots:1\`.`
        : `Write the full name with a trailing dot: \`${queries.at(-1)}.\``,
    ]),
  ];
}

/**
 * Slow lookups without a cause above: a search list explains only the lookups that walk it, and unanswered TCP only those
 * that are slow every time.
 */
function unexplained(measured: MeasuredName, known: readonly FoundCause[]): readonly FoundCause[] {
  const codes = new Set(known.map(({ code }) => code));
  if ([...codes].some((code) => code !== "dns-search-list" && code !== "dns-tcp-unanswered")) return [];
  const kinds: readonly LookupKind[] = ["A only", "full name", "as given"];
  const slow = kinds
    .filter((kind) => kind !== "as given" || !codes.has("dns-search-list"))
    .flatMap((kind) => lookupsOf(measured, kind) ?? [])
    .find(
      ({ shortestMs, longestMs }) =>
        longestMs >= SECONDS_MS && !(codes.has("dns-tcp-unanswered") && shortestMs >= SECONDS_MS),
    );
  if (slow === undefined) return [];
  const what = `a lookup of ${measured.name} took ${slow.longestMs} ms (${slow.kind}): slow, by none of the known causes`;
  return [causeOf("dns-slow-unexplained", null, measured.name, what)];
}

type Advice = readonly [why: string, remedy: string];

function causeOf(code: keyof typeof ADVICE, server: string | null, name: string, what: string): FoundCause;
function causeOf(code: CauseCode, server: null, name: string, what: string, advice: Advice): FoundCause;
function causeOf(
  code: CauseCode,
  server: string | null,
  name: string,
  what: string,
  [why, remedy]: Advice = ADVICE[code as keyof typeof ADVICE],
): FoundCause {
  return { code, server, name, finding: { code, severity: "warning", what, why, remedy, at: [] } };
}

function avoidedBy({ code, name }: FoundCause, { names, resolvConf }: Measured): string | null {
  const option = resolvConf.options.find((one) => AVOIDED_BY[code]?.includes(one));
  const measured = names.find((one) => one.name === name);
  const both = measured && lookupsOf(measured, "full name");
  return option !== undefined && both !== undefined && !isSlow(both) ? option : null;
}

function isSlow({ longestMs }: Lookups): boolean {
  return longestMs >= LOST_MS;
}

function share(measurements: readonly Measurements[]): number {
  return (
    measurements.reduce((sum, { lost }) => sum + lost, 0) /
    measurements.reduce((sum, { sent }) => sum + sent, 0)
  );
}

function lossText(measurements: readonly Measurements[]): string {
  const sum = (of: "lost" | "sent") => measurements.reduce((all, one) => all + one[of], 0);
  return `${sum("lost")} of ${sum("sent")} queries`;
}

// From measurements to the cause: what is slow matters as much as what is not.
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

const FIXES: Partial<Record<CauseCode, readonly string[]>> = {
  "dns-race": ["single-request", "single-request-reopen", "no-aaaa", "use-vc"],
  "dns-aaaa-unanswered": ["no-aaaa"],
};

/** One per cause and server. The servers' queries decide where there are any, the lookups otherwise. */
export function causesOf(measured: Measured): readonly Cause[] {
  const causes = measured.names.flatMap((name) => {
    const known = [
      ...(name.servers.length > 0
        ? name.servers.flatMap((server) => byQuestions(server, name))
        : byLookUps(name, measured)),
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

function byQuestions(
  { server, a, aaaa, pair, tcp }: ServerMeasurements,
  { name }: MeasuredName,
): readonly FoundCause[] {
  const found: FoundCause[] = [];
  const report = (code: CauseCode, what: string, ...words: [why: string, remedy: string]): void => {
    found.push(toldOf(code, server, name, what, ...words));
  };
  if (a.lost === a.sent && aaaa.lost === aaaa.sent) {
    report(
      "dns-server-unresponsive",
      `${server} answered none of ${a.sent + aaaa.sent} queries`,
      "Every lookup waits for it before the next name server is queried: five seconds with glibc.",
      "Remove it from resolv.conf, or allow UDP port 53 to it.",
    );
    return found;
  }
  const unansweredAaaa = aaaa.lost === aaaa.sent;
  const single = unansweredAaaa ? [a] : [a, aaaa];
  const paired = unansweredAaaa ? [pair.a] : [pair.a, pair.aaaa];
  if (unansweredAaaa)
    report(
      "dns-aaaa-unanswered",
      `${server} answers A queries, but none of ${aaaa.sent} AAAA queries`,
      "A lookup queries both and waits for both: 15 s with glibc, 5 s and then a failure with musl.",
      "Make pods with glibc query A only: `no-aaaa`; no other option of resolv.conf avoids it.",
    );
  if (share(paired) > RACE_RATIO * share(single))
    report(
      "dns-race",
      `${server}: ${lossText(paired)} lost when A and AAAA are sent from one port together, ${lossText(single)} when each is sent alone`,
      "Two packets of a new connection race for one NAT entry (conntrack), and the kernel drops one: 5 s with glibc, 2.5 s with musl.",
      "Query one after the other, or A only.",
    );
  if (share(single) > 0)
    report(
      "dns-server-lossy",
      `${server} left ${lossText(single)} unanswered`,
      "Each lost packet costs a lookup five seconds with glibc, 2.5 s with musl.",
      "Find where packets are lost on the path to it, or use a DNS cache on the node; until then retry sooner.",
    );
  if ((a.medianMs ?? 0) >= SLOW_MS)
    report(
      "dns-server-slow",
      `${server} takes ${Math.round(a.medianMs ?? 0)} ms for an answer`,
      "Every lookup takes at least as long, once per name that its search list adds.",
      "Use a nearer name server, or a DNS cache on the node.",
    );
  if (tcp.lost === tcp.sent)
    report(
      "dns-tcp-unanswered",
      `${server} answers over UDP, but none of ${tcp.sent} queries over TCP`,
      "An answer too large for UDP is requested again over TCP (RFC 7766): the lookup then waits, and fails.",
      "Allow TCP port 53 to it.",
    );
  return found;
}

function byLookUps(measured: MeasuredName, { libc }: Measured): readonly FoundCause[] {
  const [one, both] = [lookupsOf(measured, "A only"), lookupsOf(measured, "full name")];
  if (one === undefined || both === undefined) return [];
  const causeOf = (code: CauseCode, what: string, ...words: [why: string, remedy: string]) =>
    toldOf(code, null, measured.name, what, ...words);
  if (one.longestMs >= LOST_MS || one.shortestMs >= SLOW_MS) return [ofOneQuery(one, causeOf)];
  if (!isSlow(both)) return [];
  const inTurn = lookupsOf(measured, "single-request");
  // musl reads no options from the environment; with musl an unanswered query fails the whole lookup.
  const races = libc.name === "glibc" && inTurn !== undefined ? !isSlow(inTurn) : both.failed === 0;
  const measurements = `A only takes ${one.longestMs} ms at most, A and AAAA ${both.longestMs} ms`;
  return [
    races
      ? causeOf(
          "dns-race",
          inTurn === undefined || libc.name !== "glibc"
            ? measurements
            : `${measurements}, one after the other ${inTurn.longestMs} ms`,
          "Two packets of a new connection race for one NAT entry (conntrack), and the kernel drops one: 5 s with glibc, 2.5 s with musl.",
          "Query one after the other, or A only.",
        )
      : causeOf(
          "dns-aaaa-unanswered",
          both.failed > 0 ? `${measurements}, and fail` : `${measurements}, even one after the other`,
          "A lookup queries both and waits for both: 15 s with glibc, 5 s and then a failure with musl.",
          "Make pods with glibc query A only: `no-aaaa`; no other option of resolv.conf avoids it.",
        ),
  ];
}

function ofOneQuery(
  one: Lookups,
  causeOf: (code: CauseCode, what: string, why: string, remedy: string) => FoundCause,
): FoundCause {
  if (one.failed === one.count && one.shortestMs >= LOST_MS)
    return causeOf(
      "dns-server-unresponsive",
      `none of ${one.count} lookups was answered`,
      "No name server answers here, or the first one does not.",
      "Remove unresponsive servers from resolv.conf, or allow UDP port 53 to them.",
    );
  if (one.shortestMs >= SLOW_MS)
    return causeOf(
      "dns-server-slow",
      `a lookup with one query takes ${one.shortestMs} to ${one.longestMs} ms`,
      "Every lookup takes at least as long, once per name that its search list adds.",
      "Use a nearer name server, or a DNS cache on the node.",
    );
  return causeOf(
    "dns-server-lossy",
    `of ${one.count} lookups with one query the slowest took ${one.longestMs} ms, the fastest ${one.shortestMs} ms`,
    "Each lost packet costs a lookup five seconds with glibc, 2.5 s with musl.",
    "Find where packets are lost on the path to the name server, or use a DNS cache on the node; until then retry sooner.",
  );
}

function searchList(
  { name, queries, exists }: MeasuredName,
  { resolvConf }: Measured,
): readonly FoundCause[] {
  const wasted = queries.length - 1;
  if (!exists || wasted <= 0) return [];
  const whole = queries.at(-1) === name;
  return [
    toldOf(
      "dns-search-list",
      null,
      name,
      `${name} costs ${2 * queries.length} queries instead of 2 (ndots:${resolvConf.ndots}, ${resolvConf.search.length} search domains)`,
      "Each additional query may be lost or slow, and adds load to the name server.",
      whole
        ? `Write the name with a trailing dot, \`${name}.\`, or set \`ndots:1\`.`
        : `Write the full name with a trailing dot: \`${queries.at(-1)}.\``,
    ),
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
  return [
    toldOf(
      "dns-slow-unexplained",
      null,
      measured.name,
      `a lookup of ${measured.name} took ${slow.longestMs} ms (${slow.kind}): slow, by none of the known causes`,
      "Queries that were sent separately are answered quickly; a packet was lost by chance, or the C library waits for something else.",
      "Measure again, with `tcpdump -n port 53` next to `getent ahosts`. /etc/nsswitch.conf names other sources than DNS.",
    ),
  ];
}

function toldOf(
  code: CauseCode,
  server: string | null,
  name: string,
  what: string,
  why: string,
  remedy: string,
): FoundCause {
  return { code, server, name, finding: { code, severity: "warning", what, why, remedy, at: [] } };
}

function avoidedBy({ code, name }: FoundCause, { names, resolvConf }: Measured): string | null {
  const option = resolvConf.options.find((one) => FIXES[code]?.includes(one));
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

// From what was measured to the cause: told by what is slow, and as much by what is not.
import type { FindingCode } from "../findings/codes.ts";
import type { Finding } from "../findings/finding.ts";
import { LOST_MS, type LookupKind, type Lookups } from "./lookups.ts";
import { lookupsOf, type Measured, type MeasuredName } from "./measured.ts";
import type { Measurements, ServerMeasurements } from "./server-measurements.ts";

export type CauseCode = Extract<FindingCode, `dns-${string}`>;

export interface Cause {
  readonly code: CauseCode;
  /** The name server it is about; null: told by look-ups alone, or of no server. */
  readonly server: string | null;
  readonly name: string;
  /** Seen in the questions, and taken away by an option of this resolv.conf. */
  readonly curedBy: string | null;
  readonly finding: Finding;
}

/** A DNS in the same cluster or data centre answers in a few milliseconds. */
const SLOW_MS = 100;
/** Pairs lose more than single questions by so much, or it is ordinary loss. */
const RACE_RATIO = 4;
/** Without a cause that is known, what people notice. */
const SECONDS_MS = 1000;

const FIXES: Partial<Record<CauseCode, readonly string[]>> = {
  "dns-race": ["single-request", "single-request-reopen", "no-aaaa", "use-vc"],
  "dns-aaaa-unanswered": ["no-aaaa"],
};

/** One a cause and server; the servers' questions tell where there are any, the look-ups where not. */
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
  // Several names tell the same of the same server.
  const told = causes.filter(
    (cause, at) =>
      cause.code === "dns-search-list" ||
      cause.code === "dns-slow-unexplained" ||
      causes.findIndex(({ code, server }) => code === cause.code && server === cause.server) === at,
  );
  return told.map((cause) => ({ ...cause, curedBy: curedBy(cause, measured) }));
}

type Told = Omit<Cause, "curedBy">;

function byQuestions(
  { server, a, aaaa, pair, tcp }: ServerMeasurements,
  { name }: MeasuredName,
): readonly Told[] {
  const told = (code: CauseCode, what: string, ...words: [why: string, remedy: string]) =>
    toldOf(code, server, name, what, ...words);
  if (a.lost === a.sent && aaaa.lost === aaaa.sent)
    return [
      told(
        "dns-server-unresponsive",
        `${server} answered none of ${a.sent + aaaa.sent} questions`,
        "Every look-up waits for it before the next name server is asked: five seconds with glibc.",
        "Take it out of resolv.conf, or let UDP port 53 through to it.",
      ),
    ];
  const silentAaaa = aaaa.lost === aaaa.sent;
  const alone = silentAaaa ? [a] : [a, aaaa];
  const paired = silentAaaa ? [pair.a] : [pair.a, pair.aaaa];
  const races = share(paired) > RACE_RATIO * share(alone);
  return [
    ...(silentAaaa
      ? [
          told(
            "dns-aaaa-unanswered",
            `${server} answers A, and none of ${aaaa.sent} questions for AAAA`,
            "A look-up asks for both and waits for both: 15 s with glibc, 5 s and then a failure with musl.",
            "Let pods with glibc ask for A only: `no-aaaa`; nothing else in resolv.conf takes it away.",
          ),
        ]
      : []),
    ...(races
      ? [
          told(
            "dns-race",
            `${server}: ${lossText(paired)} lost when A and AAAA leave one port at once, ${lossText(alone)} when each goes alone`,
            "Two packets of a new connection race for one entry of a NAT (conntrack), and the loser is dropped: 5 s with glibc, 2.5 s with musl.",
            "Ask one after the other, or for A only.",
          ),
        ]
      : []),
    ...(share(alone) > 0
      ? [
          told(
            "dns-server-lossy",
            `${server} left ${lossText(alone)} unanswered`,
            "Each lost packet costs a look-up five seconds with glibc, 2.5 s with musl.",
            "Find where packets are lost on the way to it, or ask a cache on the node; until then ask again sooner.",
          ),
        ]
      : []),
    ...((a.medianMs ?? 0) >= SLOW_MS
      ? [
          told(
            "dns-server-slow",
            `${server} takes ${Math.round(a.medianMs ?? 0)} ms for an answer`,
            "Every look-up takes at least as long, and as often as its search list has names.",
            "Ask a nearer server, or a cache on the node.",
          ),
        ]
      : []),
    ...(tcp.lost === tcp.sent
      ? [
          told(
            "dns-tcp-unanswered",
            `${server} answers over UDP, and none of ${tcp.sent} questions over TCP`,
            "An answer too large for UDP is asked for again over TCP (RFC 7766): then a look-up waits, and fails.",
            "Let TCP port 53 through to it.",
          ),
        ]
      : []),
  ];
}

function byLookUps(measured: MeasuredName, { libc }: Measured): readonly Told[] {
  const [one, both] = [lookupsOf(measured, "A alone"), lookupsOf(measured, "whole name")];
  if (one === undefined || both === undefined) return [];
  const told = (code: CauseCode, what: string, ...words: [why: string, remedy: string]) =>
    toldOf(code, null, measured.name, what, ...words);
  if (one.longestMs >= LOST_MS || one.shortestMs >= SLOW_MS) return [ofOneQuestion(one, told)];
  if (!isSlow(both)) return [];
  const inTurn = lookupsOf(measured, "single-request");
  // musl takes no option from the environment; there a question that is never answered fails the whole look-up.
  const races = libc.name === "glibc" && inTurn !== undefined ? !isSlow(inTurn) : both.failed === 0;
  const figures = `A alone takes ${one.longestMs} ms at most, A and AAAA ${both.longestMs} ms`;
  return [
    races
      ? told(
          "dns-race",
          inTurn === undefined || libc.name !== "glibc"
            ? figures
            : `${figures}, one after the other ${inTurn.longestMs} ms`,
          "Two packets of a new connection race for one entry of a NAT (conntrack), and the loser is dropped: 5 s with glibc, 2.5 s with musl.",
          "Ask one after the other, or for A only.",
        )
      : told(
          "dns-aaaa-unanswered",
          both.failed > 0 ? `${figures}, and fail` : `${figures}, even one after the other`,
          "A look-up asks for both and waits for both: 15 s with glibc, 5 s and then a failure with musl.",
          "Let pods with glibc ask for A only: `no-aaaa`; nothing else in resolv.conf takes it away.",
        ),
  ];
}

function ofOneQuestion(
  one: Lookups,
  told: (code: CauseCode, what: string, why: string, remedy: string) => Told,
): Told {
  if (one.failed === one.count && one.shortestMs >= LOST_MS)
    return told(
      "dns-server-unresponsive",
      `none of ${one.count} look-ups was answered`,
      "No name server answers here, or the first of them does not.",
      "Take silent servers out of resolv.conf, or let UDP port 53 through to them.",
    );
  if (one.shortestMs >= SLOW_MS)
    return told(
      "dns-server-slow",
      `a look-up of one question takes ${one.shortestMs} to ${one.longestMs} ms`,
      "Every look-up takes at least as long, and as often as its search list has names.",
      "Ask a nearer server, or a cache on the node.",
    );
  return told(
    "dns-server-lossy",
    `of ${one.count} look-ups of one question the slowest took ${one.longestMs} ms, the fastest ${one.shortestMs} ms`,
    "Each lost packet costs a look-up five seconds with glibc, 2.5 s with musl.",
    "Find where packets are lost on the way to the name server, or ask a cache on the node; until then ask again sooner.",
  );
}

function searchList({ name, asked, exists }: MeasuredName, { resolvConf }: Measured): readonly Told[] {
  const wasted = asked.length - 1;
  if (!exists || wasted <= 0) return [];
  const whole = asked.at(-1) === name;
  return [
    toldOf(
      "dns-search-list",
      null,
      name,
      `${name} costs ${2 * asked.length} questions instead of 2 (ndots:${resolvConf.ndots}, ${resolvConf.search.length} search domains)`,
      "Each of them is one more that may be lost or slow, and that the name server must answer.",
      whole
        ? `Write the name with a dot at its end, \`${name}.\`, or set \`ndots:1\`.`
        : `Write the whole name with a dot at its end: \`${asked.at(-1)}.\``,
    ),
  ];
}

/**
 * Slow, and not by what is told already: a search list explains only the look-ups that walk it, and TCP that is not answered only
 * those that are slow each time, for the answer is always too large or never.
 */
function unexplained(measured: MeasuredName, known: readonly Told[]): readonly Told[] {
  const told = new Set(known.map(({ code }) => code));
  if ([...told].some((code) => code !== "dns-search-list" && code !== "dns-tcp-unanswered")) return [];
  const kinds: readonly LookupKind[] = ["A alone", "whole name", "as given"];
  const slow = kinds
    .filter((kind) => kind !== "as given" || !told.has("dns-search-list"))
    .flatMap((kind) => lookupsOf(measured, kind) ?? [])
    .find(
      ({ shortestMs, longestMs }) =>
        longestMs >= SECONDS_MS && !(told.has("dns-tcp-unanswered") && shortestMs >= SECONDS_MS),
    );
  if (slow === undefined) return [];
  return [
    toldOf(
      "dns-slow-unexplained",
      null,
      measured.name,
      `a look-up of ${measured.name} took ${slow.longestMs} ms (${slow.kind}): slow, and none of the known causes`,
      "The questions that were sent by themselves are answered quickly; a packet was lost by chance, or the C library waits for something else.",
      "Measure once more; then see what it asks: `tcpdump -n port 53` beside `getent ahosts`. /etc/nsswitch.conf names what it asks besides DNS.",
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
): Told {
  return { code, server, name, finding: { code, severity: "warning", what, why, remedy, at: [] } };
}

function curedBy({ code, name }: Told, { names, resolvConf }: Measured): string | null {
  const option = resolvConf.options.find((one) => FIXES[code]?.includes(one));
  const measured = names.find((one) => one.name === name);
  const both = measured && lookupsOf(measured, "whole name");
  return option !== undefined && both !== undefined && !isSlow(both) ? option : null;
}

function isSlow({ longestMs }: Lookups): boolean {
  return longestMs >= LOST_MS;
}

function share(figures: readonly Measurements[]): number {
  return figures.reduce((sum, { lost }) => sum + lost, 0) / figures.reduce((sum, { sent }) => sum + sent, 0);
}

function lossText(figures: readonly Measurements[]): string {
  const sum = (of: "lost" | "sent") => figures.reduce((all, one) => all + one[of], 0);
  return `${sum("lost")} of ${sum("sent")} questions`;
}

// The report of `doctor dns` as text: the measurements in a table, the causes by name, and their fixes.
import type { Cause } from "../../doctor/causes.ts";
import type { DnsReport } from "../../doctor/doctor-dns.ts";
import type { Fix } from "../../doctor/fixes.ts";
import type { Lookups } from "../../doctor/lookups.ts";
import { type Measured, type MeasuredName, unmeasured } from "../../doctor/measured.ts";
import type { Measurements } from "../../doctor/server-measurements.ts";
import { countOf } from "../../findings/count.ts";
import { type Colours, coloursOf, column, fold, type Screen, seconds } from "./layout.ts";

/** With four columns of numbers after it, 78 characters. */
const FIRST = 32;
const COLUMN = 11;

export function doctorText({ measured, causes, fixes, tookMs }: DnsReport, screen: Screen): string {
  const colours = coloursOf(screen);
  const open = causes.filter(({ avoidedBy }) => avoidedBy === null);
  return [
    placeText(measured, screen),
    ...measured.names.map((name) => nameText(name, colours)),
    ...causes.map((cause) => causeText(cause, fixes, screen, colours)),
    ...unmeasured(measured).map((name) => fold(unmeasuredText(name, colours), screen.width).join("\n")),
    ...lastText(open.length, { measured, causes, tookMs }, screen, colours),
  ].join("\n\n");
}

function lastText(
  open: number,
  { measured, causes, tookMs }: Omit<DnsReport, "fixes">,
  { width }: Screen,
  colours: Colours,
): readonly string[] {
  if (open > 0) return [`${countOf(open, "cause")} of slow lookups found in ${seconds(tookMs)}`];
  if (unmeasured(measured).length > 0) return [];
  const text = `healthy: ${healthText(measured, causes)}; measured in ${seconds(tookMs)}`;
  return [fold(text, width).join("\n").replace("healthy", colours.green("healthy"))];
}

function unmeasuredText({ name, inHosts, servers }: MeasuredName, colours: Colours): string {
  const missing = servers.length > 0 ? "does not exist" : "does not exist, or has no IPv4 address";
  const why = inHosts
    ? "the C library answers it from /etc/hosts, without a name server"
    : `the name ${missing}`;
  return `${colours.yellow(name)} could not be measured: ${why}`;
}

function placeText({ where, libc, tool, resolvConf }: Measured, { width }: Screen): string {
  const rows = [
    ["measured on", where],
    ["C library", libc.name === "unknown" ? "unknown" : `${libc.name} ${libc.version}`],
    ["name servers", resolvConf.nameServers.join(", ") || "none in /etc/resolv.conf"],
    ["search list", resolvConf.search.join(" ") || "none"],
    ["options", resolvConf.options.join(" ") || "none"],
    ...(tool === "" ? [["lookups", "not measured: getent is not installed here"]] : []),
  ];
  return rows
    .map(
      ([key = "", value = ""]) => `${column(key, 14)}${fold(value, width - 14).join(`\n${" ".repeat(14)}`)}`,
    )
    .join("\n");
}

function nameText({ name, queries, exists, inHosts, servers, lookups }: MeasuredName, colours: Colours) {
  if (inHosts) return `${colours.bold(name)} (in /etc/hosts)`;
  const row = (first: string, ...rest: readonly string[]) =>
    `  ${column(first, FIRST)}${rest.map((text) => text.padStart(COLUMN)).join("")}`;
  const questions = `${countOf(2 * queries.length, "query")}${exists ? "" : ", and does not exist"}`;
  return [
    `${colours.bold(name)} (${questions})`,
    ...servers.flatMap(({ server, a, aaaa, pair, tcp }) => [
      `  queries to ${server}`,
      row("queries", "sent", "lost", "median", "longest"),
      ...measurementRows(row, "A", a),
      ...measurementRows(row, "AAAA", aaaa),
      ...measurementRows(row, "A of both together", pair.a),
      ...measurementRows(row, "AAAA of both together", pair.aaaa),
      ...measurementRows(row, "over TCP", tcp),
    ]),
    ...(lookups.length === 0 ? [] : [row("lookups", "count", "failed", "median", "longest")]),
    ...lookups.map((one) => row(one.kind, ...lookUpText(one))),
  ].join("\n");
}

function measurementRows(
  row: (first: string, ...rest: readonly string[]) => string,
  first: string,
  { sent, lost, medianMs, longestMs, refusals }: Measurements,
): readonly string[] {
  const ms = (value: number | null) => (value === null ? "-" : `${value.toFixed(1)} ms`);
  return [
    row(first, String(sent), String(lost), ms(medianMs), ms(longestMs)),
    ...(refusals.length === 0 ? [] : [`    answered ${refusals.join(", ")}`]),
  ];
}

/** The shell's clock counts hundredths of a second. */
function lookUpText({ count, failed, medianMs, longestMs }: Lookups): readonly string[] {
  const text = (value: number) => {
    if (value === 0) return "< 10 ms";
    return value < 1000 ? `${value} ms` : seconds(value);
  };
  return [String(count), String(failed), text(medianMs), text(longestMs)];
}

function causeText(
  { code, avoidedBy, finding }: Cause,
  fixes: readonly Fix[],
  { width }: Screen,
  colours: Colours,
): string {
  const lines = [
    fold(`${code}  ${finding.what}`, width).join("\n  ").replace(code, colours.yellow(code)),
    ...fold(finding.why, width - 2).map((line) => `  ${line}`),
  ];
  if (avoidedBy !== null) return [...lines, `  avoided here by ${colours.green(avoidedBy)}`].join("\n");
  const own = fixes.filter(({ of }) => of === code);
  return [
    ...lines,
    ...fold(finding.remedy, width - 2).map((line) => `  ${line}`),
    ...own.flatMap(({ whose, where, lines }) => [
      "",
      fold(`  ${whose} (${where})`, width).join("\n  ").replace(whose, colours.bold(whose)),
      ...lines.map((line) => `    ${line}`),
    ]),
  ].join("\n");
}

function healthText({ names }: Measured, avoided: readonly Cause[]): string {
  const measurements =
    avoided.length > 0
      ? []
      : names.flatMap(({ servers }) => servers.flatMap(({ a, aaaa, pair }) => [a, aaaa, pair.a, pair.aaaa]));
  const sum = (of: (one: Measurements) => number) => measurements.reduce((all, one) => all + of(one), 0);
  const lookups = names.flatMap((name) =>
    name.lookups.filter(({ kind }) => kind === "full name" || kind === "as given"),
  );
  const longest = lookups.reduce((most, { longestMs }) => Math.max(most, longestMs), 0);
  return [
    ...(measurements.length === 0
      ? []
      : [
          `${sum(({ lost }) => lost)} of ${sum(({ sent }) => sent)} queries lost, the slowest answer after ${Math.max(...measurements.map(({ longestMs }) => longestMs ?? 0)).toFixed(1)} ms`,
        ]),
    ...(lookups.length === 0
      ? []
      : [
          `${lookups.reduce((all, { count }) => all + count, 0)} lookups, the slowest ${longest === 0 ? "under 10 ms" : `${longest} ms`}`,
        ]),
  ].join("; ");
}

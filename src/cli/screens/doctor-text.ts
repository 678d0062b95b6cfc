// What `doctor dns` found, for people: the figures in a table, the causes by name, and the lines that cure each.
import type { Cause } from "../../doctor/causes.ts";
import type { Cure } from "../../doctor/cures.ts";
import type { DnsReport } from "../../doctor/doctor-dns.ts";
import type { LookUps } from "../../doctor/look-ups.ts";
import type { Measured, MeasuredName } from "../../doctor/measured.ts";
import type { Figures } from "../../doctor/server-figures.ts";
import { type Colours, coloursOf, column, countOf, fold, type Screen, seconds } from "./layout.ts";

const FIRST = 34;
const COLUMN = 12;

export function doctorText({ measured, causes, cures, tookMs }: DnsReport, screen: Screen): string {
  const colours = coloursOf(screen);
  const open = causes.filter(({ curedBy }) => curedBy === null);
  return [
    placeText(measured),
    ...measured.names.map((name) => nameText(name, colours)),
    ...causes.map((cause) => causeText(cause, cures, screen, colours)),
    open.length === 0
      ? `${colours.green("healthy")}: ${healthText(measured, causes)}; measured in ${seconds(tookMs)}`
      : `${countOf(open.length, "cause")} of slow look-ups found in ${seconds(tookMs)}`,
  ].join("\n\n");
}

function placeText({ where, libc, tool, resolvConf }: Measured): string {
  const rows = [
    ["measured on", where],
    ["C library", libc.name === "unknown" ? "unknown" : `${libc.name} ${libc.version}`],
    ["name servers", resolvConf.nameServers.join(", ") || "none in /etc/resolv.conf"],
    ["search list", resolvConf.search.join(" ") || "none"],
    ["options", resolvConf.options.join(" ") || "none"],
    ...(tool === "" ? [["look-ups", "not measured: there is no getent here"]] : []),
  ];
  return rows.map(([key = "", value = ""]) => `${column(key, 14)}${value}`).join("\n");
}

function nameText({ name, asked, exists, servers, lookUps }: MeasuredName, colours: Colours) {
  const row = (first: string, ...rest: readonly string[]) =>
    `  ${column(first, FIRST)}${rest.map((text) => text.padStart(COLUMN)).join("")}`;
  const questions = `${countOf(2 * asked.length, "question")}${exists ? "" : ", and does not exist"}`;
  return [
    `${colours.bold(name)} (${questions})`,
    ...(servers.length === 0 ? [] : [row("questions", "sent", "lost", "median", "longest")]),
    ...servers.flatMap(({ server, a, aaaa, pair, tcp }) => [
      row(`${server}  A`, ...figuresText(a)),
      row(`${server}  AAAA`, ...figuresText(aaaa)),
      row(`${server}  A of both at once`, ...figuresText(pair.a)),
      row(`${server}  AAAA of both at once`, ...figuresText(pair.aaaa)),
      row(`${server}  over TCP`, ...figuresText(tcp)),
    ]),
    ...(lookUps.length === 0 ? [] : [row("look-ups", "count", "failed", "median", "longest")]),
    ...lookUps.map((one) => row(one.kind, ...lookUpText(one))),
  ].join("\n");
}

function figuresText({ sent, lost, medianMs, longestMs, refusals }: Figures): readonly string[] {
  const ms = (value: number | null) => (value === null ? "-" : `${value.toFixed(1)} ms`);
  return [String(sent), String(lost), ms(medianMs), ms(longestMs), ...refusals];
}

/** The shell's clock counts hundredths of a second. */
function lookUpText({ count, failed, medianMs, longestMs }: LookUps): readonly string[] {
  const text = (value: number) => (value === 0 ? "< 10 ms" : value < 1000 ? `${value} ms` : seconds(value));
  return [String(count), String(failed), text(medianMs), text(longestMs)];
}

function causeText(
  { code, curedBy, finding }: Cause,
  cures: readonly Cure[],
  { width }: Screen,
  colours: Colours,
): string {
  const told = [
    `${colours.yellow(code)}  ${finding.what}`,
    ...fold(finding.why, width - 2).map((line) => `  ${line}`),
  ];
  if (curedBy !== null) return [...told, `  cured here by ${colours.green(curedBy)}`].join("\n");
  const own = cures.filter(({ of }) => of === code);
  return [
    ...told,
    ...fold(finding.remedy, width - 2).map((line) => `  ${line}`),
    ...own.flatMap(({ whose, where, lines }) => [
      "",
      `  ${colours.bold(whose)} (${where})`,
      ...lines.map((line) => `    ${line}`),
    ]),
  ].join("\n");
}

function healthText({ names }: Measured, cured: readonly Cause[]): string {
  const figures =
    cured.length > 0
      ? []
      : names.flatMap(({ servers }) => servers.flatMap(({ a, aaaa, pair }) => [a, aaaa, pair.a, pair.aaaa]));
  const sum = (of: (one: Figures) => number) => figures.reduce((all, one) => all + of(one), 0);
  const lookUps = names.flatMap((name) =>
    name.lookUps.filter(({ kind }) => kind === "whole name" || kind === "as given"),
  );
  const longest = lookUps.reduce((most, { longestMs }) => Math.max(most, longestMs), 0);
  return [
    ...(figures.length === 0
      ? []
      : [
          `${sum(({ lost }) => lost)} of ${sum(({ sent }) => sent)} questions lost, the slowest answer after ${Math.max(...figures.map(({ longestMs }) => longestMs ?? 0)).toFixed(1)} ms`,
        ]),
    ...(lookUps.length === 0
      ? []
      : [
          `${lookUps.reduce((all, { count }) => all + count, 0)} look-ups, the slowest ${longest === 0 ? "under 10 ms" : `${longest} ms`}`,
        ]),
  ].join("; ");
}

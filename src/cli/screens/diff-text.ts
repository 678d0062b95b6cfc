// A diff as text: the requests whose outcome changes, one row per kind, then the files.
import { type FileChange, isUnchanged, type LayerChange } from "../../diff/compare-files.ts";
import type { Cause } from "../../diff/compare-plans.ts";
import type { Comparison } from "../../diff/comparison.ts";
import { groupChanges } from "../../diff/group.ts";
import { probeText } from "../../diff/probe.ts";
import { isChanged, type RawChange } from "../../diff/raw-effects.ts";
import { countOf } from "../../findings/count.ts";
import { maskedDifference } from "../../findings/credentials.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { coloursOf, column, fold, type Screen, widest } from "./layout.ts";

export interface DiffNames {
  /** A file of the side as the user would write it: `main:portico.yaml`. */
  readonly before: (file: string) => string;
  readonly after: (file: string) => string;
}

/** Maximum number of rows; `--json` has all. */
const MOST_ROWS = 30;

export function diffText(comparison: Comparison, names: DiffNames, screen: Screen): string {
  const colours = coloursOf(screen);
  return [
    colours.bold(headOf(comparison)),
    ...table(comparison, names, screen),
    ...unshownLines(comparison, screen),
    ...rawLines(comparison, screen),
    "",
    ...examinedLines(comparison, screen),
    ...filesLines(comparison.files, screen),
    ...disagreementLines(comparison, screen),
  ].join("\n");
}

function headOf(comparison: Comparison): string {
  const { probes, changed, tested, files, raw, notRun, notExamined, proven, unshown } = comparison;
  const kinds = countOf(probes, "kind");
  if (changed.length > 0)
    return `${changed.length} of ${kinds} of request ${changed.length === 1 ? "changes" : "change"}`;
  if (probes === 0)
    return isUnchanged(files)
      ? "Nothing changes: the files are the same. No request was sent"
      : "Nothing was examined: no request was sent to either side";
  if (raw.length > 0) return `No change found in ${kinds} of request; raw lines leave others unknown`;
  if (notRun !== "none") return `No change found in ${kinds} of request; not everything was examined`;
  const compared = `${kinds} of request compared, ${tested} of them sent to HAProxy`;
  if (isUnchanged(files)) return `Nothing changes for requests: the files are the same; ${compared}`;
  if (unshown.length > 0) return `Requests change that were not sent to HAProxy; ${compared}`;
  if (proven) return `Routing does not change: proven for all requests; ${compared}`;
  return notExamined.length > 0
    ? `No change found in ${kinds} of request; not everything was examined`
    : `No change found: ${compared}`;
}

/** Parts that no row of the table shows. */
function unshownLines({ unshown }: Comparison, { width }: Screen): readonly string[] {
  if (unshown.length === 0) return [];
  const more = unshown.length - MOST_PLACES;
  return [
    "",
    "Also different, by the model alone:",
    ...unshown.slice(0, MOST_PLACES).flatMap((text) => fold(text, width - 2).map((line) => `  ${line}`)),
    ...(more > 0 ? [`  … and ${more} more (--json has all)`] : []),
  ];
}

/** The raw lines of both sides, and what is unknown because of them. */
function rawLines({ raw, tested, probes }: Comparison, { width }: Screen): readonly string[] {
  if (raw.length === 0) return [];
  const scopes = [...new Set(raw.map(({ scope }) => scope))];
  const scope = scopes.includes("all requests") ? "all requests" : scopes.join(", ");
  return [
    "",
    raw.some(isChanged) ? "Raw lines changed:" : "Raw lines, unchanged:",
    ...raw.flatMap((change) => [
      `  ${change.section}${rawNote(change)}`,
      ...change.removed.map((line) => cut(`    − ${maskedConfigLine(line)}`, width)),
      ...change.added.map((line) => cut(`    + ${maskedConfigLine(line)}`, width)),
    ]),
    ...fold(
      `Unknown: the effect of raw lines on ${scope}, beyond the ${tested} of ${probes} kinds that were sent to HAProxy before and after.`,
      width,
    ),
  ];
}

function rawNote({ unchanged, moved }: RawChange): string {
  if (moved) return `: ${countOf(unchanged, "line")} in another order`;
  return unchanged === 0 ? "" : `: ${countOf(unchanged, "line")} unchanged`;
}

/** Maximum number of entries per list; `--json` has all. */
const MOST_PLACES = 12;

function examinedLines({ examined, notExamined }: Comparison, screen: Screen): readonly string[] {
  return [
    ...placesLines("Examined: ", examined, screen),
    ...placesLines("Not examined: ", notExamined, screen),
  ];
}

function placesLines(heading: string, places: readonly string[], { width }: Screen): readonly string[] {
  if (places.length === 0) return heading === "Examined: " ? ["Examined: nothing"] : [];
  const hidden = places.length - MOST_PLACES;
  const shown = [
    ...places.slice(0, MOST_PLACES),
    ...(hidden > 0 ? [`… and ${hidden} more (--json has all)`] : []),
  ];
  return withHeading(
    heading,
    shown.map(maskedConfigLine).flatMap((text) => fold(text, width - heading.length)),
  );
}

/** The first line follows the heading, the others are below it. */
function withHeading(heading: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${index === 0 ? heading : " ".repeat(heading.length)}${line}`);
}

interface Row {
  readonly request: string;
  readonly before: string;
  readonly after: string;
  readonly because: string;
  readonly notes: readonly string[];
}

function table({ changed }: Comparison, names: DiffNames, screen: Screen): readonly string[] {
  if (changed.length === 0) return [];
  const groups = groupChanges(changed);
  const rows = groups.slice(0, MOST_ROWS).map(({ first, details, more }): Row => {
    const same = first.before.text === first.after.text;
    return {
      request: probeText(first.probe),
      before: first.before.text,
      after: same ? "the same, but" : first.after.text,
      because: causeText(first.because, names),
      notes: [
        ...(same ? details.slice(0, MOST_DETAILS).map((detail) => cut(detail, screen.width - 8)) : []),
        ...(same && details.length > MOST_DETAILS ? [`… ${details.length - MOST_DETAILS} more`] : []),
        ...(more === 0 ? [] : [`and ${more} more like it`]),
      ],
    };
  });
  const hidden = groups.length - rows.length;
  return [
    "",
    ...printRows(rows, screen),
    ...(hidden === 0 ? [] : [`  … and ${hidden} more rows (--json has all)`]),
  ];
}

const MOST_DETAILS = 4;

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** In columns where the terminal is wide enough, otherwise one fact per line. */
function printRows(rows: readonly Row[], screen: Screen): readonly string[] {
  const { dim } = coloursOf(screen);
  const widths = {
    request: widest(["request", ...rows.map(({ request }) => request)]) + 2,
    before: widest(["before", ...rows.map(({ before }) => before)]) + 2,
    after: widest(["after", ...rows.map(({ after }) => after)]) + 2,
  };
  const because = widest(rows.map((row) => row.because));
  if (2 + widths.request + widths.before + widths.after + because > screen.width)
    return rows.flatMap(({ request, before, after, because: why, notes }) => [
      `  ${request}`,
      `      ${before} → ${after}${why === "" ? "" : `    ${dim(why)}`}`,
      ...notes.map((note) => `      ${dim(note)}`),
    ]);
  const line = (request: string, before: string, after: string, why: string) =>
    `  ${column(request, widths.request)}${column(before, widths.before)}${column(after, widths.after)}${why}`.trimEnd();
  return [
    dim(line("request", "before", "after", "because")),
    ...rows.flatMap(({ request, before, after, because: why, notes }) => [
      line(request, before, after, why),
      ...notes.map((note) => `    ${dim(note)}`),
    ]),
  ];
}

function causeText(because: Cause | null, names: DiffNames): string {
  if (because === null) return "";
  return `${names[because.side](because.at.file)}:${because.at.line} (${maskedConfigLine(because.what)})`;
}

function filesLines(layers: readonly LayerChange[], { width }: Screen): readonly string[] {
  const parts = layers.map(({ layer, files }) =>
    files.length === 0 ? `${layer}: unchanged` : files.map(fileText).join("   "),
  );
  if (isUnchanged(layers)) return ["Files: unchanged"];
  const heading = "Files: ";
  return withHeading(heading, fold(parts.join("   "), width - heading.length, "   "));
}

function fileText({ path, change, added, removed }: FileChange): string {
  if (change !== "changed") return `${path} (${change})`;
  const counts = [...(added > 0 ? [`+${added}`] : []), ...(removed > 0 ? [`−${removed}`] : [])];
  return `${path} ${counts.length === 0 ? "(order)" : counts.join(" ")}`;
}

function disagreementLines({ disagreements }: Comparison, screen: Screen): readonly string[] {
  if (disagreements.length === 0) return [];
  const { red } = coloursOf(screen);
  return [
    "",
    red(
      `HAProxy does not do what the model says, ${countOf(disagreements.length, "time")}: a defect of Portico`,
    ),
    ...disagreements.slice(0, 5).map(
      ({ probe, differences }) =>
        `  ${probeText(probe)}   ${differences
          .map(maskedDifference)
          .map(({ what, expected, got }) => `${what}: model ${expected}, HAProxy ${got}`)
          .join("; ")}`,
    ),
  ];
}

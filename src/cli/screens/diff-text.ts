// A diff as text: the requests whose outcome changes, one row per kind, then the files.
import { type FileChange, isUnchanged, type LayerChange } from "../../diff/compare-files.ts";
import type { Cause, ChangedRequests, Comparison, Requests } from "../../diff/comparison.ts";
import { groupChanges } from "../../diff/group.ts";
import { changedDetails } from "../../diff/outcome.ts";
import { probeText } from "../../diff/probe.ts";
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
    ...table(comparison.changed.map(changedRow), names, screen),
    ...undecidedLines(comparison, names, screen),
    "",
    ...placesLines("Except: ", exceptions(comparison, names), screen),
    ...placesLines("Not decided: ", comparison.incomplete, screen),
    ...placesLines("Examined: ", comparison.examined, screen),
    ...placesLines("Not examined: ", comparison.notExamined, screen),
    ...placesLines("Not run: ", comparison.notRun, screen),
    ...placesLines("Other changes: ", comparison.otherChanges, screen),
    ...filesLines(comparison.files, screen),
    ...disagreementLines(comparison, screen),
  ].join("\n");
}

function headOf({ changed, undecided, files, proven, except, incomplete }: Comparison): string {
  if (changed.length > 0) {
    const confirmed = changed.filter((one) => one.confirmed).length;
    const text = `${countOf(changed.length, "kind")} of request ${changed.length === 1 ? "changes" : "change"}`;
    const most = incomplete.length > 0 ? `At least ${text}` : text;
    return confirmed === 0 ? most : `${most}; HAProxy confirms ${confirmedText(confirmed, changed.length)}`;
  }
  if (isUnchanged(files)) return "Nothing changes: the files are the same";
  if (undecided.length > 0) return "Whether requests change depends on what is not known";
  if (!proven) return "No change found; not everything was compared";
  return except.length === 0
    ? "Routing does not change: proven for all requests"
    : "Routing does not change: proven for all requests, except what depends on the lines below";
}

function confirmedText(confirmed: number, all: number): string {
  if (confirmed < all) return String(confirmed);
  return all === 1 ? "it" : "each";
}

/** With the file name of that side. */
function exceptions({ except }: Comparison, names: DiffNames): readonly string[] {
  return except.map(({ text, at, side }) =>
    at === undefined ? text : `${text} (${names[side](at.file)}:${at.line})`,
  );
}

function undecidedLines({ undecided }: Comparison, names: DiffNames, screen: Screen): readonly string[] {
  if (undecided.length === 0) return [];
  const rows = undecided.map((one) => ({ ...one, notes: one.dependsOn.map((text) => `depends on ${text}`) }));
  return ["", "It depends on what is not known whether these change:", ...table(rows, names, screen)];
}

/** Maximum number of entries per list; `--json` has all. */
const MOST_PLACES = 12;

function placesLines(heading: string, places: readonly string[], { width }: Screen): readonly string[] {
  if (places.length === 0) return [];
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

/** A kind of request with lines below it. */
interface Noted extends Requests {
  readonly notes: readonly string[];
}

function changedRow(one: ChangedRequests): Noted {
  const { sent, confirmed, unconfirmed = "" } = one;
  if (sent === undefined) return { ...one, notes: [unconfirmed] };
  const { probe, before, after } = sent;
  const same = before.text === after.text;
  const details = changedDetails(before, after);
  const answers = same ? before.text : `${before.text} → ${after.text}`;
  return {
    ...one,
    notes: [
      `${probeText(probe)}: ${maskedConfigLine(answers)}`,
      ...(same ? details.slice(0, MOST_DETAILS) : []),
      ...(same && details.length > MOST_DETAILS ? [`… ${details.length - MOST_DETAILS} more`] : []),
      ...(confirmed ? [] : [`not confirmed: ${unconfirmed}`]),
    ],
  };
}

function table(changed: readonly Noted[], names: DiffNames, screen: Screen): readonly string[] {
  if (changed.length === 0) return [];
  const groups = groupChanges(changed);
  const rows = groups.slice(0, MOST_ROWS).map(
    ({ first, more }): Row => ({
      request: first.requests,
      before: labelled(first.differs, first.before),
      after: labelled(first.differs, first.after),
      because: causeText(first.because, names),
      notes: [
        ...first.notes.flatMap((note) => fold(note, screen.width - 8)),
        ...(more === 0 ? [] : [`and ${more} more like it`]),
      ],
    }),
  );
  const hidden = groups.length - rows.length;
  return [
    "",
    ...printRows(rows, screen),
    ...(hidden === 0 ? [] : [`  … and ${hidden} more rows (--json has all)`]),
  ];
}

/** `403`, `path /x`, `header x-site: a`. */
function labelled(differs: string, text: string): string {
  if (UNLABELLED.has(differs)) return text;
  const [, side, header] = /^(request|response)-header:(.*)$/.exec(differs) ?? [];
  return header === undefined ? `${differs} ${text}` : `${side} header ${header}: ${text}`;
}

const UNLABELLED: ReadonlySet<string> = new Set(["answer", "entrance", "hops", "servers"]);
const MOST_DETAILS = 4;

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
      `      ${before}, now ${after}${why === "" ? "" : `    ${dim(why)}`}`,
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
      `HAProxy does not do what the evaluation says, ${countOf(disagreements.length, "time")}: a defect of Portico`,
    ),
    ...disagreements.slice(0, 5).map(
      ({ probe, side, differences }) =>
        `  ${side === "before" ? "earlier" : "later"} side: ${probeText(probe)}   ${differences
          .map(maskedDifference)
          .map(({ what, expected, got }) => `${what}: evaluated ${expected}, HAProxy ${got}`)
          .join("; ")}`,
    ),
  ];
}

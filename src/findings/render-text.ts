// Findings as text: the code and what is wrong, the lines it is about, why it matters and what to do.
import picocolors from "picocolors";
import { codeFrame } from "./code-frame.ts";
import { columnsOf, oneLine, wrap } from "./columns.ts";
import type { Finding, Position, Severity } from "./finding.ts";
import { maskedFinding } from "./masked-finding.ts";

export interface TextOptions {
  /** The texts that positions point into, by file. A place without its text is shown without the line. */
  readonly sources: ReadonlyMap<string, string>;
  /** Available columns; more than 100 are not used. Default 100. */
  readonly width?: number;
  readonly colour?: boolean;
  /** How many findings are shown before the rest is only counted. Default 20. */
  readonly limit?: number;
}

type Colours = ReturnType<typeof picocolors.createColors>;

interface Page {
  readonly width: number;
  readonly sources: ReadonlyMap<string, string>;
  readonly colours: Colours;
}

const MARGIN = "   ";

/** Of one finding. */
const MOST_PLACES = 50;

/** All findings, a blank line between two; ends with a line break. Empty for no findings. */
export function renderText(findings: readonly Finding[], options: TextOptions): string {
  const page: Page = {
    width: Math.max(40, Math.min(options.width ?? 100, 100)),
    sources: options.sources,
    colours: picocolors.createColors(options.colour === true),
  };
  const shown = findings.slice(0, options.limit ?? 20);
  const more = findings.length - shown.length;
  const blocks = shown.map((finding) => block(page, maskedFinding(finding)));
  if (more > 0) blocks.push(`… and ${more} more\n`);
  return blocks.join("\n");
}

function block(page: Page, finding: Finding): string {
  const places = frames(page, finding.at);
  const lines = [
    ...head(page, finding),
    "",
    ...places,
    ...(places.length > 0 ? [""] : []),
    ...foot(page, finding),
  ];
  return `${lines.join("\n")}\n`;
}

function head(page: Page, finding: Finding): string[] {
  const { colours } = page;
  const before = `${finding.severity}  ${finding.code}   `;
  const coloured = `${bySeverity(colours, finding.severity)(finding.severity)}  ${colours.bold(finding.code)}   `;
  const what = oneLine(finding.what);
  if (columnsOf(before) + columnsOf(what) <= page.width) return [`${coloured}${what}`];
  return [coloured.trimEnd(), ...wrap(what, page.width - MARGIN.length).map((line) => MARGIN + line)];
}

/** Every place: where, the line, the carets and the note. The lines of all places begin in the same column. */
function frames(page: Page, at: readonly Position[]): string[] {
  const more = at.length - MOST_PLACES;
  if (more > 0)
    return [
      ...frames(page, at.slice(0, MOST_PLACES)),
      `${MARGIN}… and ${more} more place${more === 1 ? "" : "s"}`,
    ];
  const labels = at.map(({ file, line, column }) => oneLine(`${file}:${line}:${column}`));
  const labelWidth = Math.min(Math.max(0, ...labels.map(columnsOf)), Math.floor(page.width / 2));
  const gutter = MARGIN.length + labelWidth + 3;
  return at.flatMap((position, index) => {
    const label = labels[index] ?? "";
    const note = position.note === undefined ? "" : ` ${oneLine(position.note)}`;
    const source = page.sources.get(position.file);
    const frame = source === undefined ? undefined : codeFrame(source, position, page.width - gutter);
    const coloured = page.colours.cyan(label);
    if (frame === undefined || frame.text === "") return labelLines(page, label, coloured, note);
    const first =
      columnsOf(label) > labelWidth
        ? [`${MARGIN}${coloured}`, `${" ".repeat(gutter)}${frame.text}`]
        : [`${MARGIN}${coloured}${" ".repeat(gutter - MARGIN.length - columnsOf(label))}${frame.text}`];
    return [...first, ...caretLines(page, gutter, frame.carets, note)];
  });
}

/** A place whose line is not available: its position, with the note next to it or below. */
function labelLines(page: Page, label: string, coloured: string, note: string): string[] {
  const line = `${MARGIN}${coloured}`;
  if (note === "") return [line];
  if (MARGIN.length + columnsOf(label) + 2 + columnsOf(note) <= page.width) return [`${line}  ${note}`];
  return [line, ...wrap(note, page.width - MARGIN.length * 2).map((text) => MARGIN + MARGIN + text)];
}

/** The note is next to the carets, or below them if it does not fit. */
function caretLines(page: Page, gutter: number, carets: string, note: string): string[] {
  const line = `${" ".repeat(gutter)}${page.colours.red(carets)}`;
  if (gutter + carets.length + columnsOf(note) <= page.width) return [`${line}${note}`];
  return [line, ...wrap(note, page.width - gutter).map((text) => " ".repeat(gutter) + text)];
}

/** Why and what to do, wrapped; the command that shows the page about the code at the right end of the last line, or below it. */
function foot(page: Page, finding: Finding): string[] {
  const room = page.width - MARGIN.length;
  const lines = wrap(
    oneLine(
      [finding.why, finding.remedy]
        .filter((part) => part !== "")
        .map(sentence)
        .join(" "),
    ),
    room,
  );
  const command = `portico finding ${finding.code}`;
  const last = lines.at(-1) ?? "";
  const column = room - command.length;
  if (columnsOf(last) + 2 <= column) {
    lines[Math.max(0, lines.length - 1)] =
      last + " ".repeat(column - columnsOf(last)) + page.colours.dim(command);
  } else lines.push(" ".repeat(Math.max(0, column)) + page.colours.dim(command));
  return lines.map((line) => MARGIN + line);
}

function sentence(text: string): string {
  return /[.?!:…]["'`)]?$/.test(text) ? text : `${text}.`;
}

function bySeverity(colours: Colours, severity: Severity): (text: string) => string {
  if (severity === "error") return colours.red;
  return severity === "warning" ? colours.yellow : colours.blue;
}

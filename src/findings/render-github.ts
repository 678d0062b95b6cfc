// Findings as workflow commands, which GitHub Actions shows at the lines of a pull request.
import { type Annotation, annotationTitle } from "./annotation.ts";
import type { Finding, Severity } from "./finding.ts";
import { maskedFinding } from "./masked-finding.ts";

const COMMANDS: Readonly<Record<Severity, "error" | "warning" | "notice">> = {
  error: "error",
  warning: "warning",
  note: "notice",
};

/** One line per finding that is not suppressed; empty for none. Places other than the first are in the message. */
export function renderGithub(findings: readonly Finding[]): string {
  return findings
    .filter(({ suppressed }) => suppressed === undefined)
    .map((finding) => `${command(maskedFinding(finding))}\n`)
    .join("");
}

/** One line each. GitHub shows those without a place at the pull request itself. */
export function annotationsGithub(annotations: readonly Annotation[]): string {
  return annotations
    .map((one) => {
      const place = one.at === undefined ? {} : { file: one.at.file, line: one.at.line };
      const properties = { ...place, title: annotationTitle(one) };
      return `${workflowCommand(COMMANDS[one.severity], properties, one.message)}\n`;
    })
    .join("");
}

function command(finding: Finding): string {
  const [first, ...others] = finding.at;
  const properties =
    first === undefined
      ? { title: finding.code }
      : {
          file: first.file,
          line: first.line,
          col: first.column,
          endColumn: first.column + (first.length ?? 1),
          title: finding.code,
        };
  const places = others.map(
    ({ file, line, column, note }) => `${file}:${line}:${column}${note === undefined ? "" : ` ${note}`}`,
  );
  const message = [
    finding.what,
    finding.why,
    finding.remedy,
    places.length === 0 ? "" : `See also ${places.join(", ")}`,
  ]
    .filter((part) => part !== "")
    .join("\n");
  return workflowCommand(COMMANDS[finding.severity], properties, message);
}

/** `::error file=portico.yaml,line=7,title=…::message`. */
function workflowCommand(
  command: "error" | "warning" | "notice",
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${command} ${list.join(",")}::${escapeData(message)}`;
}

/** As @actions/core escapes a command's message (GitHub, Workflow commands for GitHub Actions). */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** As @actions/core escapes a property: its separators as well. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

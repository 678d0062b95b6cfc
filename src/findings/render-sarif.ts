// Findings as SARIF 2.1.0 (OASIS), for code scanning and editors: one run, one rule per code, one result per finding.
import { ANNOTATION_TITLES, type Annotation, type AnnotationRule, annotationTitle } from "./annotation.ts";
import type { FindingCode } from "./codes.ts";
import type { Finding, Fix, Position, Severity } from "./finding.ts";
import { findingPage, HOMEPAGE } from "./finding-page.ts";
import { maskedFinding } from "./masked-finding.ts";
import { sentence } from "./sentence.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** One SARIF log, indented, with a line break at its end. `version` is Portico's own. */
export function renderSarif(
  findings: readonly Finding[],
  version?: string,
  annotations: readonly Annotation[] = [],
): string {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const rules = [...new Set(annotations.map((one) => one.rule))].sort();
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Portico",
            informationUri: HOMEPAGE,
            ...(version === undefined ? {} : { semanticVersion: version }),
            rules: [...codes.map(rule), ...rules.map(annotationRule)],
          },
        },
        // SARIF 2.1.0, 3.14.17: columns are counted as JavaScript counts characters.
        columnKind: "utf16CodeUnits",
        results: [
          ...findings.map((finding) => result(maskedFinding(finding), codes.indexOf(finding.code))),
          ...annotations.map((one) => annotationResult(one, codes.length + rules.indexOf(one.rule))),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** SARIF 2.1.0, 3.49: the page of the code, as far as a viewer shows it next to a result. */
function rule(code: FindingCode): object {
  const { markdown, title, summary, url } = findingPage(code);
  return {
    id: code,
    name: nameOf(code),
    shortDescription: { text: sentence(title) },
    fullDescription: { text: plain(summary) },
    help: { text: plain(markdown), markdown: withAbsoluteLinks(markdown, url) },
    helpUri: url,
  };
}

function annotationRule(id: AnnotationRule): object {
  const text = sentence(ANNOTATION_TITLES[id]);
  return { id, name: nameOf(id), shortDescription: { text }, helpUri: HOMEPAGE };
}

function nameOf(id: string): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function withAbsoluteLinks(markdown: string, url: string): string {
  return markdown.replace(/\]\(([^)#][^)]*)\)/g, (_, target: string) => `](${new URL(target, url).href})`);
}

/** Markdown as text: links become their words, and code loses its backquotes. */
function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1").replace(/`/g, "");
}

function result(finding: Finding, ruleIndex: number): object {
  const [first, ...others] = finding.at;
  const text = [finding.what, finding.why, finding.remedy]
    .filter((part) => part !== "")
    .map((part) => (/[.?!…]$/.test(part) ? part : `${part}.`));
  return {
    ruleId: finding.code,
    ruleIndex,
    level: levelOf(finding.severity),
    message: { text: text.join(" ") },
    locations: first === undefined ? [] : [location(first)],
    ...(others.length === 0
      ? {}
      : { relatedLocations: others.map((position, index) => ({ id: index, ...location(position) })) }),
    ...(finding.fix === undefined ? {} : { fixes: [fixOf(finding.fix)] }),
    // SARIF 2.1.0, 3.35: allowed in the source itself, with the reason given there.
    ...(finding.suppressed === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: "inSource",
              status: "accepted",
              justification: finding.suppressed.because,
              location: location(finding.suppressed.at),
            },
          ],
        }),
  };
}

function annotationResult(annotation: Annotation, ruleIndex: number): object {
  const { rule, severity, at, message } = annotation;
  return {
    ruleId: rule,
    ruleIndex,
    level: levelOf(severity),
    message: { text: `${annotationTitle(annotation)}: ${message}` },
    locations: at === undefined ? [] : [location(at)],
  };
}

/** SARIF 2.1.0, 3.55: changes by file, each a region and what comes in its place. */
function fixOf({ does, edits }: Fix): object {
  const byFile = Map.groupBy(edits, ({ file }) => file);
  return {
    description: { text: does },
    artifactChanges: [...byFile].map(([file, changes]) => ({
      artifactLocation: { uri: uriOf(file) },
      replacements: changes.map(({ line, column, endLine, endColumn, text }) => ({
        deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
        insertedContent: { text },
      })),
    })),
  };
}

function location(position: Position): object {
  const { file, line, column, length, note } = position;
  const region = { startLine: line, startColumn: column, endColumn: column + (length ?? 1) };
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(file) }, region },
    ...(note === undefined ? {} : { message: { text: note } }),
  };
}

/** SARIF 2.1.0, 3.4.3: a relative reference with forward slashes, percent-encoded; absolute files as file: URLs. */
function uriOf(file: string): string {
  const path = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  if (path.startsWith("/")) return `file://${path}`;
  return /^[A-Za-z]%3A\//.test(path) ? `file:///${path.replace("%3A", ":")}` : path.replace(/^\.\//, "");
}

function levelOf(severity: Severity): "error" | "warning" | "note" {
  return severity;
}

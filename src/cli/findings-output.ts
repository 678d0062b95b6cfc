// Findings in the requested format: text on stderr, or one document on stdout.
import type { Annotation } from "../findings/annotation.ts";
import type { Finding } from "../findings/finding.ts";
import type { CommandContext, Given } from "./command.ts";

export type Format = "text" | "json" | "junit" | "sarif" | "github";

/** The value of `--json` or `--format`. */
export function formatOf(given: Given): Format {
  return given.flag("json") ? "json" : ((given.text("format") ?? "text") as Format);
}

/** Reports why a command ended without a result: as text, or as its document. */
export async function showFailure(
  context: CommandContext,
  given: Given,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  const format = formatOf(given);
  if (format === "text") await showFindings(context, findings, sources);
  else await printDocument(context, format, findings);
}

/** Findings as text, on stderr: errors first. */
export async function showFindings(
  context: CommandContext,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  if (findings.length === 0) return;
  const { renderText } = await import("../findings/render-text.ts");
  context.log(renderText(findings, { sources, colour: context.colour.err, width: context.width }).trimEnd());
}

/** All findings in a machine-readable format, on stdout. GitHub gets no annotation of allowed findings. */
export async function printDocument(
  context: CommandContext,
  format: Exclude<Format, "text">,
  findings: readonly Finding[],
): Promise<void> {
  const text = await documentOf(context, format, findings);
  if (text !== "") context.print(text.trimEnd());
}

/** Results in place of findings, or with them, on stdout. */
export async function printAnnotations(
  context: CommandContext,
  format: "sarif" | "github",
  annotations: readonly Annotation[],
  findings: readonly Finding[] = [],
): Promise<void> {
  if (format === "sarif") {
    const { renderSarif } = await import("../findings/render-sarif.ts");
    context.print(renderSarif(findings, context.version, annotations).trimEnd());
    return;
  }
  const { annotationsGithub, renderGithub } = await import("../findings/render-github.ts");
  const text = `${renderGithub(findings)}${annotationsGithub(annotations)}`;
  if (text !== "") context.print(text.trimEnd());
}

async function documentOf(
  { version }: CommandContext,
  format: Exclude<Format, "text">,
  findings: readonly Finding[],
): Promise<string> {
  switch (format) {
    case "json":
      return (await import("../findings/render-json.ts")).renderJson(findings);
    case "junit":
      return (await import("./screens/results.ts")).findingsJunit(findings);
    case "sarif":
      return (await import("../findings/render-sarif.ts")).renderSarif(findings, version);
    default: {
      const open = findings.filter(({ suppressed }) => suppressed === undefined);
      return (await import("../findings/render-github.ts")).renderGithub(open);
    }
  }
}

// portico check: findings about a description, or about layers in a folder, with HAProxy's own verdict.
import type { FindingCode } from "../../findings/codes.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Verdict } from "../checked-layers.ts";
import type { CommandContext, CommandSpec, Given } from "../command.ts";
import { type Format, formatOf, printDocument, showFindings } from "../findings-output.ts";
import { loadPlan, tryPlan } from "../planned.ts";
import { TRUST, trustOf } from "../trust.ts";
import { showConfinement, VERBOSE } from "../verbose.ts";

export const checkCommand: CommandSpec = {
  name: "check",
  arguments: "[description]",
  summary: "find errors and risks in a description, a haproxy.cfg or hand-written layers",
  options: [
    {
      flags: "--layers <dir>",
      about:
        "check the haproxy.cfg, Dockerfile, Kubernetes objects and Terraform of a folder, or one haproxy.cfg; with a description, also for differences from it",
    },
    { flags: "--fix", about: "apply safe fixes to the files first" },
    {
      flags: "--format <format>",
      about: "output format of findings",
      choices: ["text", "json", "sarif", "github"],
    },
    { flags: "--json", about: "the same as --format json" },
    {
      flags: "--explain-timeouts",
      about: "with --layers: also print the idle times of every pair from load balancer to server",
    },
    {
      flags: "--haproxy <path>",
      about: "the HAProxy that validates; default $PORTICO_HAPROXY, then the one on PATH",
    },
    TRUST,
    VERBOSE,
  ],
  examples: [
    "portico check",
    "portico check haproxy.cfg              without other layers",
    "portico check --format github",
    "portico check --layers deploy/ --fix",
    "portico check --layers deploy/ --explain-timeouts",
    "portico check portico.yaml --layers out/    compare files with their description",
  ],
  async run(context, given) {
    const named = given.text("description");
    const layers = given.text("layers");
    if (given.flag("explainTimeouts") && (layers === undefined || formatOf(given) !== "text")) {
      context.log(
        "portico: --explain-timeouts prints a table about layers; write it with --layers DIR, and without --format.",
      );
      return 2;
    }
    if (layers !== undefined) return checkLayersIn(context, given, layers, named);
    const { inputOf } = await import("../input.ts");
    const input = inputOf(context.cwd, named);
    return input.kind === "haproxy"
      ? checkLayersIn(context, given, input.file, undefined)
      : checkDescription(context, given);
  },
};

async function checkDescription(context: CommandContext, given: Given): Promise<number> {
  const named = given.text("description");
  if (given.flag("fix")) {
    const { fixFindings } = await import("../checked-layers.ts");
    const { folderOf } = await import("../input.ts");
    if (!(await fixFindings(context, folderOf(context, named), () => tryPlan(context, named)))) return 2;
  }
  const { value, findings, sources } = await tryPlan(context, named);
  const format = formatOf(given);
  if (value === undefined) {
    await print(context, format, findings, sources);
    return 2;
  }
  const { checkDescription: check } = await import("../../check/check-description.ts");
  const { suppressed } = await import("../../check/suppressed-by-description.ts");
  const { value: haproxy, findings: missing } = await findNamed(context, given);
  const options = haproxy === undefined ? {} : { haproxy, ...trustOf(given) };
  const checked = await check(value.plan, value.description, options);
  const found = suppressed([...findings, ...checked], value.description, sources);
  const inText = format === "text";
  // In text, the missing HAProxy is reported last and on stderr; a program gets everything in one document.
  await print(context, format, inText ? found : [...found, ...missing], sources);
  if (haproxy === undefined) {
    if (inText) await showFindings(context, missing, sources);
    return 2;
  }
  if (inText)
    context.print(summary(value.description.file, found, await opinionOfRendered(haproxy.version, found)));
  return statusOf(found);
}

async function checkLayersIn(
  context: CommandContext,
  given: Given,
  folder: string,
  named: string | undefined,
): Promise<number> {
  if (named !== undefined && (await isFile(context, folder))) {
    context.log(`portico: ${folder} is one file; to compare files with a description, name their folder.`);
    return 2;
  }
  const planned = named === undefined ? null : await loadPlan(context, given);
  if (planned === undefined) return 2;
  const { checkFolder, fixFolder } = await import("../checked-layers.ts");
  const format = formatOf(given);
  if (given.flag("fix") && !(await fixFolder(context, folder))) return 2;
  const { value: haproxy, findings: missing } = await findNamed(context, given);
  const checked = await checkFolder(context, folder, haproxy ?? null, planned, trustOf(given));
  const { findings, sources, empty, verdict, wiring } = checked;
  const inText = format === "text";
  await print(context, format, inText ? findings : [...findings, ...missing], sources);
  if (given.flag("explainTimeouts")) {
    const { idleTimesOf } = await import("../../check/layers/idle-times.ts");
    const { idleTimesText } = await import("../screens/idle-times-text.ts");
    context.print(`${idleTimesText(idleTimesOf(wiring))}\n`);
  }
  if (haproxy === undefined) {
    if (inText) await showFindings(context, missing, sources);
    return 2;
  }
  if (inText && !empty) {
    const { notAskedText } = await import("../../check/haproxy/check-with-haproxy.ts");
    context.print(
      summary(folder, findings, withNotAsked(opinion(verdict, haproxy.version), notAskedText(findings))),
    );
  }
  return empty ? 2 : statusOf(findings);
}

async function isFile({ cwd }: CommandContext, named: string): Promise<boolean> {
  const [{ statSync }, { resolve }] = await Promise.all([import("node:fs"), import("node:path")]);
  return statSync(resolve(cwd, named), { throwIfNoEntry: false })?.isFile() === true;
}

async function findNamed(context: CommandContext, given: Given) {
  const { findHaproxy } = await import("../../haproxy/find.ts");
  const found = await findHaproxy({ env: context.env, path: given.text("haproxy") });
  if (found.value !== undefined) await showConfinement(context, given, "check", found.value);
  return found;
}

function statusOf(findings: readonly Finding[]): number {
  return findings.some(({ severity, suppressed }) => severity !== "note" && suppressed === undefined) ? 1 : 0;
}

async function print(
  context: CommandContext,
  format: Format,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  if (format !== "text") return printDocument(context, format, findings);
  const shown = findings.filter(({ suppressed }) => suppressed === undefined);
  if (shown.length === 0) return;
  const { renderText } = await import("../../findings/render-text.ts");
  context.print(renderText(shown, { sources, colour: context.colour.out, width: context.width, limit: 100 }));
}

function verdictOn(findings: readonly Finding[]): string {
  const has = (wanted: FindingCode) => findings.some(({ code }) => code === wanted);
  if (has("haproxy-limit-reached")) return "has no verdict on";
  return has("haproxy-refuses") ? "refuses" : "accepts";
}

async function opinionOfRendered(version: string, findings: readonly Finding[]): Promise<string> {
  const { notAskedText } = await import("../../check/haproxy/check-with-haproxy.ts");
  const lineNotValidated = notAskedText(findings);
  const what = lineNotValidated === undefined ? "the rendered files" : "the lines that it checked";
  return withNotAsked(`HAProxy ${version} ${verdictOn(findings)} ${what}`, lineNotValidated);
}

function withNotAsked(opinion: string, lineNotValidated: string | undefined): string {
  return lineNotValidated === undefined ? opinion : `${opinion}; not validated: ${lineNotValidated}`;
}

function opinion(verdict: Verdict, version: string): string {
  if (verdict === "no-configuration") return "no haproxy.cfg for HAProxy to check";
  if (verdict === "line-not-validated") return `HAProxy ${version} validated no file`;
  if (verdict === "no-verdict") return `HAProxy ${version} has no verdict on at least one file`;
  return `HAProxy ${version} ${verdict} ${verdict === "refuses" ? "at least one file" : "all lines that it checked"}`;
}

function summary(what: string, findings: readonly Finding[], opinion: string): string {
  const open = findings.filter(({ suppressed }) => suppressed === undefined);
  const count = (severity: Finding["severity"], word: string) => {
    const number = open.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
  };
  const allowed = findings.length - open.length;
  const counts = [
    ...(open.length === 0 ? ["0 findings"] : []),
    ...count("error", "error"),
    ...count("warning", "warning"),
    ...count("note", "note"),
    ...(allowed === 0 ? [] : [`${allowed} allowed`]),
  ];
  return `${what}: ${counts.join(", ")}; ${opinion}`;
}

// portico check: every finding about a description, and HAProxy's own opinion of what it renders to.
import type { Finding } from "../../findings/finding.ts";
import type { CommandContext, CommandSpec } from "../command.ts";
import { showFindings, tryPlan } from "../planned.ts";

export const checkCommand: CommandSpec = {
  name: "check",
  arguments: "[description]",
  summary: "report what is wrong or unwise",
  options: [
    {
      flags: "--format <format>",
      about: "how findings are printed",
      choices: ["text", "json", "sarif", "github"],
    },
    { flags: "--json", about: "the same as --format json" },
    {
      flags: "--haproxy <path>",
      about: "the HAProxy to ask; default $PORTICO_HAPROXY, then the one on PATH",
    },
  ],
  examples: ["portico check", "portico check --format github"],
  async run(context, given) {
    const { value, findings, sources } = await tryPlan(context, given.text("description"));
    const format = given.flag("json") ? "json" : (given.text("format") ?? "text");
    if (value === undefined) {
      await print(context, format, findings, sources);
      return 2;
    }
    const [{ checkPlan }, { checkWithHaproxy }, { findHaproxy }] = await Promise.all([
      import("../../check/check-plan.ts"),
      import("../../check/check-with-haproxy.ts"),
      import("../../haproxy/find.ts"),
    ]);
    const ruled = [...findings, ...checkPlan(value.plan, value.description)];
    const named = given.text("haproxy");
    const { value: haproxy, findings: missing } = await findHaproxy({
      env: context.env,
      ...(named === undefined ? {} : { path: named }),
    });
    if (haproxy === undefined) {
      // A person reads what stands in the way last and on stderr, a program everything in one document.
      await print(context, format, format === "text" ? ruled : [...ruled, ...missing], sources);
      if (format === "text") await showFindings(context, missing, sources);
      return 2;
    }
    const found = [...ruled, ...(await checkWithHaproxy(value.plan, haproxy, value.description))];
    await print(context, format, found, sources);
    if (format === "text") context.print(summary(value.description.file, found, haproxy.version));
    return found.some(({ severity }) => severity !== "note") ? 1 : 0;
  },
};

async function print(
  context: CommandContext,
  format: string,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  if (format === "json")
    return context.print((await import("../../findings/render-json.ts")).renderJson(findings).trimEnd());
  if (format === "sarif")
    return context.print(
      (await import("../../findings/render-sarif.ts"))
        .renderSarif(findings, { version: context.version })
        .trimEnd(),
    );
  if (findings.length === 0) return;
  if (format === "github")
    return context.print((await import("../../findings/render-github.ts")).renderGithub(findings).trimEnd());
  const { renderText } = await import("../../findings/render-text.ts");
  context.print(renderText(findings, { sources, colour: context.colour.out, width: context.width }));
}

function summary(file: string, findings: readonly Finding[], haproxy: string): string {
  const count = (severity: Finding["severity"], word: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
  };
  const counts = [...count("error", "error"), ...count("warning", "warning"), ...count("note", "note")];
  const verdict = findings.some(({ code }) => code === "haproxy-refuses") ? "refuses" : "accepts";
  return `${file}: ${counts.length === 0 ? "0 findings" : counts.join(", ")}; HAProxy ${haproxy} ${verdict} what it renders to`;
}

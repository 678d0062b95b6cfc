// Runs a command so that a requested machine-readable format is printed also when the command fails.
import type { Finding } from "../findings/finding.ts";
import type { CommandContext, CommandSpec, Given } from "./command.ts";
import { type Format, formatOf, printDocument } from "./findings-output.ts";

/** The command's exit status. Rejects with what the command rejects with. */
export async function runCommand(spec: CommandSpec, context: CommandContext, given: Given): Promise<number> {
  const format = formatOf(given);
  if (format === "text") return spec.run(context, given);
  let printed = false;
  const complaints: string[] = [];
  const watched: CommandContext = {
    ...context,
    print: (text) => {
      printed = true;
      context.print(text);
    },
    log: (text) => {
      complaints.push(text);
      context.log(text);
    },
  };
  try {
    const status = await spec.run(watched, given);
    if (status !== 0 && !printed) await printFailure(context, format, complaints);
    return status;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!printed) await printFailure(context, format, [...complaints, message]);
    throw error;
  }
}

function printFailure(
  context: CommandContext,
  format: Exclude<Format, "text">,
  complaints: readonly string[],
): Promise<void> {
  const [first = "the command failed", ...rest] = complaints.join("\n").trim().split("\n");
  const finding: Finding = {
    code: "command-failed",
    severity: "error",
    what: first.replace(/^portico( [a-z]+)?: /, "").replace(/\.$/, ""),
    why: rest.join("\n").trim() || "The command ended before it had a result.",
    remedy: "Fix what the message names, and run the command again.",
    at: [],
  };
  return printDocument(context, format, [finding]);
}

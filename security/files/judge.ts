// Judges what the commands printed about a hostile file and what they left on disk, without the trace.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HostileFile } from "./hostile-file.ts";
import { CANARY, type CommandOutput, NAME, nameOf, SECRET, USER_VALUE } from "./run-commands.ts";

/** One line for each fault; none: the file got nothing. */
export function judgeOutput(
  file: HostileFile,
  all: readonly CommandOutput[],
  folder: string,
): readonly string[] {
  const { named } = file;
  const outputs = all.filter((one) => one.file === nameOf(file));
  const out = join(folder, "out");
  return [
    ...outputs.flatMap(({ command, status, text }) => [
      ...(status === null ? [`${command} failed: ${text.slice(-300)}`] : []),
      ...(text.includes(SECRET) ? [`${command} prints a value of the environment`] : []),
      ...(text.includes(CANARY) ? [`${command} prints the text of a file`] : []),
      ...(named !== undefined && !isNamed(command, text, named.replaceAll("@NAME@", NAME))
        ? [`${command} does not name ${named}`]
        : []),
    ]),
    ...(existsSync(join(out, "marker")) ? ["code of the file ran"] : []),
    ...(readFileSync(join(out, "kept"), "utf8") === USER_VALUE ? [] : ["a file of the user was replaced"]),
  ];
}

/** A HAProxy that refuses another line of the file does not come so far as to run it. */
function isNamed(command: string, text: string, named: string): boolean {
  const words = `\`${named}`;
  if (command === "check") return text.includes("did not validate") && text.includes(words);
  return (
    /haproxy-refuses|did not start/.test(text) || (/not run|was not run/.test(text) && text.includes(words))
  );
}

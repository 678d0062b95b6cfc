// README.md: the output that it shows of commands over examples/hand-written is what they print.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { portico } from "../cli/portico.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const shown = [...readme.matchAll(/^```\n\$ portico ((?:check|test) --layers .*)\n([\s\S]*?)^```$/gm)].map(
  ([, command = "", output = ""]) => ({ command, output }),
);
const newest = (await findAllHaproxies()).at(-1);
if (newest === undefined) throw new Error("there is no HAProxy");

test("shows check and test", () => {
  expect(shown.map(({ command }) => command.split(" ")[0])).toEqual(["check", "test"]);
});

test.each(shown)("portico $command", async ({ command, output }) => {
  const { stdout } = await portico(command.split(" "), { env: { PORTICO_HAPROXY: newest.path } });
  const printed = neutral(stdout);
  let from = 0;
  for (const part of neutral(newest.branch === "2.6" ? on26(output) : output).split(/^…\n/m)) {
    const at = printed.indexOf(part, from);
    expect(
      at,
      `README shows this, and the command does not print it here:\n${part}\nof:\n${printed}`,
    ).not.toBe(-1);
    from = at + part.length;
  }
  // Nothing is left out silently: at the beginning and at the end too.
  if (!output.startsWith("…\n")) expect(printed.startsWith(neutral(output).split("…\n")[0] ?? "")).toBe(true);
  expect(printed.slice(from).trim()).toBe("");
});

/** Without what differs from run to run: HAProxy's version and the time taken. */
function neutral(text: string): string {
  return text.replace(/HAProxy \d+\.\d+\S*/g, "HAProxy VERSION").replace(/ in [\d.]+ s$/m, " in TIME");
}

/** depots/printers.cfg has a warning where 2.6 loads it, and an error where a later version refuses it. */
function on26(output: string): string {
  return output
    .replace("5 errors, 21 warnings", "4 errors, 22 warnings")
    .replace("refuses at least one file", "accepts all lines that it checked");
}

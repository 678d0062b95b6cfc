// The picture in README.md: its text is what the commands print for examples/hand-written. `npm run picture` draws it again.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { pictureLines, plain, SHOWN, terminalSvg, textOfSvg } from "../../scripts/picture/terminal.ts";
import { portico } from "../cli/portico.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const root = new URL("../../", import.meta.url);
const picture = readFileSync(new URL("docs/terminal.svg", root), "utf8");
const newest = (await findAllHaproxies()).at(-1);
if (newest === undefined) throw new Error("there is no HAProxy");

test("README.md shows the picture and names its text", () => {
  expect(readFileSync(new URL("README.md", root), "utf8")).toMatch(
    /^!\[.*portico check.*\]\(docs\/terminal\.svg\)$/m,
  );
});

test("the picture is what the commands print", async () => {
  const cwd = fileURLToPath(new URL("examples/hand-written", root));
  const env = { PORTICO_HAPROXY: newest.path, FORCE_COLOR: "1", NO_COLOR: "" };
  const outputs = new Map<string, string>();
  for (const { args } of SHOWN) outputs.set(args.join(" "), (await portico([...args], { cwd, env })).stdout);
  const lines = pictureLines((args) => outputs.get(args.join(" ")) ?? "");
  expect(lines.length).toBeGreaterThan(30);
  const shown = textOfSvg(picture).join("\n");
  expect(neutral(newest.branch === "2.6" ? on26(shown) : shown)).toBe(neutral(lines.map(plain).join("\n")));
});

test("every line has its own row, with the text unchanged", () => {
  const lines = ["a <b> & 'c'", "", "\u001b[31mred\u001b[39m  \u001b[1mbold\u001b[22m"];
  expect(textOfSvg(terminalSvg(lines))).toEqual(["a <b> & 'c'", "", "red  bold"]);
});

/** Without what differs between runs: HAProxy's version and the time. */
function neutral(text: string): string {
  return text.replace(/HAProxy \d+\.\d+\S*/g, "HAProxy VERSION").replace(/ in [\d.]+ s$/m, " in TIME");
}

/** HAProxy 2.6 warns about depots/printers.cfg; later versions refuse it. */
function on26(output: string): string {
  return output
    .replace("4 errors, 21 warnings", "3 errors, 22 warnings")
    .replace("refuses at least one file", "accepts all lines that it checked");
}

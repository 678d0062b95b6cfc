// Pages of commands show what the commands print for the example: a block of commands that is followed by a block of output.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { portico } from "../cli/portico.ts";

const root = new URL("../../", import.meta.url);
const PAGES = ["coverage", "explain", "find", "routes"].map((name) => `docs/concepts/${name}.md`);

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** The last command of a block, and the next block; a paragraph may be between them. A page may show only the end of an output. */
function shownIn(page: string): readonly Shown[] {
  const text = readFileSync(new URL(page, root), "utf8");
  return [...text.matchAll(/```sh\n(?:.*\n)*?portico (.*)\n```\n\n(?:.*:\n\n)?```\n((?:.*\n)*?)```\n/g)].map(
    ([, command = "", output = ""]) => ({ command, output }),
  );
}

/** Words as a POSIX shell splits them; without expansions. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word = ""]) => quoted ?? word);
}

/** Without what differs between runs: HAProxy's version and the time. */
function neutral(text: string): string {
  return text.replace(/HAProxy \d+\.\d+\S*/g, "HAProxy VERSION").replace(/ in [\d.]+ s\b/gm, " in TIME");
}

describe.each(PAGES)("%s", (page) => {
  const shown = shownIn(page);

  test("has output", () => {
    expect(shown.length).toBeGreaterThan(0);
  });

  test.each(shown)("$command", async ({ command, output }) => {
    const cwd = fileURLToPath(new URL("examples/hand-written", root));
    const { stdout } = await portico([...wordsOf(command)], { cwd });
    expect(`\n${neutral(stdout)}`.endsWith(`\n${neutral(output)}`), stdout).toBe(true);
  });
});

// Descriptions as files: a folder with the given files, loaded as the command line does, and the findings as text.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { type LoadOptions, type LoadOutcome, loadDescription } from "../../src/description/load.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { renderText } from "../../src/findings/render-text.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { disagreements } from "./schema-agreement.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes the files, calls with their folder, and removes them. */
export async function inFolder<T>(files: Files, use: (cwd: string) => Promise<T>): Promise<T> {
  const cwd = await mkdtemp(join(tmpdir(), "portico-description-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), content);
    }
    return await use(cwd);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Texts about limits have too many mistakes to look for each in the schema. */
const LONG = 100_000;

/** Loads them, and compares the result with schema.json. */
export function load(files: Files, named?: string, options: Partial<LoadOptions> = {}): Promise<LoadOutcome> {
  return inFolder(files, async (cwd) => {
    const outcome = await loadDescription(named, { cwd, ...options });
    const text = files["portico.yaml"];
    if (typeof text === "string" && text.length < LONG)
      expect(disagreements(text, refusals(outcome))).toEqual([]);
    return outcome;
  });
}

/** The findings of the stage that refuses the description; none if it can be planned. */
function refusals({ value, findings }: LoadOutcome): readonly Finding[] {
  if (value === undefined) return findings;
  const planned = planEdge(value.edge, value.positionOf);
  return planned.value === undefined ? planned.findings : [];
}

/** The text on a terminal of 100 columns. */
export async function shown(
  files: Files,
  named?: string,
  options: Partial<LoadOptions> = {},
): Promise<string> {
  const { findings, sources } = await load(files, named, options);
  return renderText(findings, { sources, width: 100 });
}

// The pages of docs/findings/: their text, severity and examples.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const FINDING_PAGES = fileURLToPath(new URL("../../docs/findings/", import.meta.url));

export interface ExampleFile {
  readonly file: string;
  readonly text: string;
}

export function pageOf(code: string): string {
  return readFileSync(join(FINDING_PAGES, `${code}.md`), "utf8");
}

export function severityOf(page: string): string | undefined {
  return /^# \S+\n\n\*(error|warning|note)\* · \S/.exec(page)?.[1];
}

/** The fenced files below a heading, by the name after the language, portico.yaml without one; undefined: no such heading. */
export function examplesUnder(page: string, heading: string): readonly ExampleFile[] | undefined {
  const [, section] = new RegExp(`\\n## ${heading}\\n([\\s\\S]*?)(?=\\n## |$)`).exec(page) ?? [];
  if (section === undefined) return undefined;
  return [...section.matchAll(/^```\w+ ?(\S*)\n([\s\S]*?)^```$/gm)].map(([, file = "", text = ""]) => ({
    file: file || "portico.yaml",
    text,
  }));
}

// docs/clouds: a page per provider, and a table generated from the facts.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cloudPages } from "../../scripts/cloud-pages.ts";
import { PROVIDERS } from "../../src/providers/providers.ts";

const folder = fileURLToPath(new URL("../../docs/clouds/", import.meta.url));
const page = (name: string) => readFileSync(`${folder}${name}`, "utf8");

test.each([...cloudPages()])("%s is up to date (npm run schema writes it)", (name, text) => {
  expect(page(name)).toBe(text);
});

test("every provider has a page and a row of the table, and there are no others", () => {
  const files = readdirSync(folder);
  for (const { name, title } of PROVIDERS) {
    expect(files).toContain(`${name}.md`);
    expect(page("README.md")).toContain(`| [${title}](${name}.md) | \`${name}\` |`);
  }
  expect(files).toContain("none.md");
});

// Writes schema.json and docs/reference/description.md from the zod schema, and docs/clouds from the facts about providers. A test fails when they are older than it.
import { writeFileSync } from "node:fs";
import { descriptionJsonSchema } from "../src/description/json-schema.ts";
import { referencePage } from "../src/description/reference.ts";
import { cloudPages } from "../src/providers/pages.ts";

const schema = descriptionJsonSchema();
writeFileSync(new URL("../schema.json", import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
writeFileSync(new URL("../docs/reference/description.md", import.meta.url), referencePage(schema));
for (const [name, text] of cloudPages())
  writeFileSync(new URL(`../docs/clouds/${name}`, import.meta.url), text);

// Writes schema.json and docs/reference/description.md from the zod schema. A test fails when they are older than it.
import { writeFileSync } from "node:fs";
import { descriptionJsonSchema } from "../src/description/json-schema.ts";
import { referencePage } from "../src/description/reference.ts";

const schema = descriptionJsonSchema();
writeFileSync(new URL("../schema.json", import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
writeFileSync(new URL("../docs/reference/description.md", import.meta.url), referencePage(schema));

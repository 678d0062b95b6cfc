// Writes what is generated from the schema of a description (schema.json, edge.d.ts, docs/reference/description.md), and docs/clouds from the facts about providers. A test fails when they are stale.
import { writeFileSync } from "node:fs";
import { cloudPages } from "./cloud-pages.ts";
import { edgeTypes } from "./schema/edge-types.ts";
import { descriptionJsonSchema } from "./schema/json-schema.ts";
import { referencePage } from "./schema/reference.ts";

const schema = descriptionJsonSchema();
write("schema.json", `${JSON.stringify(schema, null, 2)}\n`);
write("edge.d.ts", edgeTypes(schema));
write("docs/reference/description.md", referencePage(schema));
for (const [name, text] of cloudPages()) write(`docs/clouds/${name}`, text);

function write(name: string, text: string): void {
  writeFileSync(new URL(`../${name}`, import.meta.url), text);
}

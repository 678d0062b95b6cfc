// Shared by the tests of the Terraform reader: reading texts and fixture folders, and formatting the result.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SourceFile } from "../../../src/source/source-file.ts";
import type { LoadBalancerListener } from "../../../src/wiring/cloud.ts";
import { readTerraform, type TerraformReading } from "../../../src/wiring/terraform/read.ts";
import type { Known } from "../../../src/wiring/written.ts";

export function filesIn(folder: string): readonly SourceFile[] {
  const root = fileURLToPath(new URL(folder, import.meta.url));
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tf|tfvars|json)$/.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .map((path) => ({ file: path.slice(root.length).replace(/^\/+/, ""), text: readFileSync(path, "utf8") }));
}

export function readText(text: string, file = "main.tf"): Promise<TerraformReading> {
  return readTerraform([{ file, text }]);
}

/** A value, or why it is not known. */
export function plain<T>(known: Known<T> | undefined): T | string | undefined {
  if (known === undefined) return undefined;
  return "unknown" in known ? `? ${known.unknown}` : known.value;
}

export function ports(listener: LoadBalancerListener) {
  return [
    plain(listener.port),
    plain(listener.protocol),
    plain(listener.to.port),
    plain(listener.proxyProtocol),
  ];
}

/** Without places. */
export function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === "at" ? undefined : inner)));
}

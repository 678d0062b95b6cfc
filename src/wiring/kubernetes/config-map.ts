// A ConfigMap's texts, each with its start position, and the layout of its lines in the file.

import { isRecord } from "../../source/data.ts";
import type { TextOrigin } from "../haproxy/config.ts";
import type { ConfigMap, KubernetesObject, LeftOut } from "../wiring.ts";
import { fieldsOf, titleOf } from "./fields.ts";

export function readConfigMap(object: KubernetesObject, leftOut: LeftOut[]): ConfigMap {
  const fields = fieldsOf(object, leftOut);
  const data = new Map<string, { text: string; at: ConfigMap["at"] }>();
  for (const [key, text] of Object.entries(fields.strings(["data"])))
    data.set(key, { text, at: fields.at(["data", key]) });
  const binary = fields.raw(["binaryData"]);
  for (const [key, encoded] of Object.entries(isRecord(binary) ? binary : {})) {
    const at = fields.at(["binaryData", key]);
    if (typeof encoded === "string") data.set(key, { text: Buffer.from(encoded, "base64").toString(), at });
    else
      leftOut.push({
        what: `\`${key}\` of ${titleOf(object)} is not text`,
        why: "The API server refuses the object; the file is not read.",
        severity: "error",
        at,
      });
  }
  return { object, name: object.name, namespace: object.namespace, data, at: object.at };
}

/** Where a text of a ConfigMap is in its file. Only the lines of a literal block (`|`) are those of the text. */
export function originOf(
  { text, at }: { readonly text: string; readonly at: ConfigMap["at"] },
  fileLines: readonly string[],
): TextOrigin {
  const whole: TextOrigin = { lines: 0, columns: 0, at };
  if (!fileLines[at.line - 1]?.slice(at.column - 1).startsWith("|")) return whole;
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const written = fileLines[at.line + first] ?? "";
  const columns = written.indexOf(lines[first] ?? "");
  return first < 0 || columns < 0 ? whole : { lines: at.line, columns };
}

// The files that generators and patches of one kustomization name.
import type { Position } from "../../../source/position.ts";
import type { SourceFile } from "../../../source/source-file.ts";
import type { LeftOut } from "../../wiring.ts";
import type { Fields } from "../fields.ts";

export interface KustomizationContext {
  readonly fields: Fields;
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly leftOut: LeftOut[];
  /** The path of a file name in the kustomization. */
  readonly pathOf: (name: string) => string;
}

/** undefined: it is not here, which a note reports with the effect. */
export function namedFile(
  { files, pathOf, leftOut }: KustomizationContext,
  kind: "file" | "patch",
  { name, at, why }: { readonly name: string; readonly at: Position; readonly why: string },
): SourceFile | undefined {
  const file = files.get(pathOf(name));
  if (file === undefined)
    leftOut.push({ what: `the ${kind} ${name} is not in this folder`, why, severity: "note", at });
  return file;
}

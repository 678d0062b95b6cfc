// The amount to parse in a file: the unit of the limit on a folder.
import { posix } from "node:path";
import { partsOf } from "../source/limits.ts";
import type { SourceFile } from "../source/source-file.ts";

/** 0: it is not parsed. */
export function partsIn({ file, text }: SourceFile): number {
  const name = posix.basename(file);
  if (/\.(?:map|lst)$/i.test(name)) return 0;
  return partsOf(text, { entries: /\.(?:ya?ml|json)$|^kustomization$/i.test(name) });
}

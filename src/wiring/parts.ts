// The amount to parse in a file: the unit of the limit on a folder.
import { posix } from "node:path";
import { partsOf } from "../source/limits.ts";
import type { SourceFile } from "../source/source-file.ts";

/** 0: it is not parsed. */
export function partsIn({ file, text }: SourceFile): number {
  const name = posix.basename(file);
  if (/\.(?:map|lst)$/i.test(name) || isOtherData({ file, text })) return 0;
  return partsOf(text, { entries: /\.(?:ya?ml|json)$|^kustomization$/i.test(name) });
}

/** Far more than in settings of other tools. */
const LARGE = 64 * 1024;

/** Large YAML and JSON without any Kubernetes object, nor anything of Terraform: data of an application, which is not parsed. */
export function isOtherData({ file, text }: SourceFile): boolean {
  return (
    text.length > LARGE &&
    /\.(?:ya?ml|json)$/i.test(file) &&
    !/\.tf(?:vars)?\.json$/i.test(file) &&
    !/["']?apiVersion["']?\s*:|"(?:terraform|format)_version"\s*:/.test(text)
  );
}

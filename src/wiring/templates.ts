// Files that another program renders to objects: what they contain is not known.
import { posix } from "node:path";
import type { Position } from "../source/position.ts";
import type { SourceFile } from "../source/source-file.ts";
import { isNotALayer } from "./not-a-layer.ts";
import type { LeftOut } from "./wiring.ts";

const WHAT = "is a template";

/** `lost`: a sentence about the content that is not read. */
export function template(lost: string, at: Position): LeftOut {
  return {
    what: `${WHAT}, not YAML`,
    why: `${lost} Its content is known after rendering (\`helm template\`).`,
    severity: "note",
    at,
  };
}

/** Any object may be in them. */
export function hasTemplates(leftOut: readonly LeftOut[]): boolean {
  return leftOut.some(({ what }) => what.startsWith(WHAT));
}

/** The templates of a chart are one note, with the command that renders it. */
export function withCharts(leftOut: readonly LeftOut[], sources: readonly SourceFile[]): readonly LeftOut[] {
  const charts = sources.filter(isChart).map(({ file }) => posix.dirname(file));
  return leftOut.flatMap((left) => {
    // A chart may contain other charts.
    const folder = charts
      .filter((one) => one === "." || left.at.file.startsWith(`${one}/`))
      .reduce<string | undefined>(
        (least, one) => (least === undefined || one < least ? one : least),
        undefined,
      );
    if (folder === undefined) return [left];
    if (isNotALayer(left.what) && /^(?:Chart|values.*)\.ya?ml$/.test(posix.basename(left.at.file))) return [];
    if (!left.what.startsWith(WHAT)) return [left];
    return [
      {
        ...left,
        what: `${WHAT} of a Helm chart, which is not rendered`,
        why: `Its objects are not known. Write \`helm template RELEASE ${folder} > rendered/all.yaml\`, and name the folder \`rendered\` instead.`,
      },
    ];
  });
}

/** Helm, "Charts", the Chart.yaml file. */
function isChart({ file, text }: SourceFile): boolean {
  return (
    posix.basename(file) === "Chart.yaml" && /^apiVersion:\s*["']?v[12]/m.test(text) && /^name:/m.test(text)
  );
}

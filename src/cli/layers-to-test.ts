// Layers that a command sends requests to: read, and reported where nothing in them can be tested.
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import type { CommandContext } from "./command.ts";

/** Incomplete layers are tested, and what could not be read is reported. */
export async function wiringIn(context: CommandContext, folder: string): Promise<Wiring> {
  const { readLayers } = await import("../wiring/read-layers.ts");
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const { withBindPaths } = await import("../lab/bind-entrances.ts");
  const { files, leftOut } = await readLayers(folder, { cwd: context.cwd });
  const wiring = withBindPaths(await readWiring(files, leftOut));
  for (const { what, why, severity, at } of wiring.leftOut)
    if (severity === "error") context.log(`${at.file}:${at.line}: ${what}. ${why}`);
  return wiring;
}

/** undefined where there is no HAProxy to test. */
export async function layerToTest(
  context: CommandContext,
  wiring: Wiring,
  folder: string,
): Promise<HaproxyLayer | undefined> {
  const { testedHaproxy } = await import("../lab/entrances.ts");
  const layer = testedHaproxy(wiring);
  const reported = wiring.files.length === 0 && wiring.leftOut.length > 0;
  if (layer === undefined && !reported) {
    await logTemplates(context, wiring.leftOut);
    context.log(
      `portico: ${folder} has no HAProxy configuration: a file that ends in .cfg, or a ConfigMap's.`,
    );
  }
  return layer;
}

/** A chart may contain the configuration. */
export async function logTemplates(context: CommandContext, leftOut: Wiring["leftOut"]): Promise<void> {
  const { hasTemplates } = await import("../wiring/templates.ts");
  const first = leftOut.find((left) => hasTemplates([left]));
  if (first !== undefined) context.log(`${first.at.file}:${first.at.line}: ${first.what}. ${first.why}`);
}

export function sourcesOf({ files }: Wiring): ReadonlyMap<string, string> {
  return new Map(files.map(({ file, text }) => [file, text]));
}

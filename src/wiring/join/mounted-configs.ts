// Which files that a pod mounts are HAProxy configurations, and in which order HAProxy loads them.
import { posix } from "node:path";
import { loadedFromFolder } from "../haproxy/joined.ts";
import type { LeftOut } from "../wiring.ts";
import { looksLikeHaproxy, USUAL_PATHS } from "./config-paths.ts";
import type { MountedFile } from "./mounted-files.ts";
import type { Runner } from "./runner.ts";

export type Named = readonly [path: string, file: MountedFile];

/**
 * Each configuration with the files that HAProxy loads for it, in order: the files that its command names; otherwise the default files;
 * otherwise any file that looks like a configuration, in a container that appears to run HAProxy.
 */
export function mountedConfigs(
  files: ReadonlyMap<string, MountedFile>,
  named: readonly string[],
  runs: boolean,
): readonly (readonly [Named, ...Named[]])[] {
  const byCommand = named.flatMap((wanted) => filesAt(files, wanted));
  const [first, ...others] = byCommand;
  if (first !== undefined && byCommand.some(([, { text }]) => looksLikeHaproxy(text)))
    return [[first, ...others]];
  const entries = [...files].filter(([, { text }]) => looksLikeHaproxy(text));
  const usual = entries.filter(([path]) => USUAL_PATHS.includes(path));
  if (usual.length > 0) return usual.map((one) => [one]);
  return runs ? entries.filter(([path]) => /\.(?:cfg|conf)$/.test(path)).map((one) => [one]) : [];
}

/** `wanted` is a file, or a folder. */
function filesAt(files: ReadonlyMap<string, MountedFile>, wanted: string): readonly Named[] {
  const file = files.get(wanted);
  if (file !== undefined) return [[wanted, file]];
  const inside = [...files].filter(([path]) => isNamed(path, wanted));
  const byName = new Map(inside.map((one) => [posix.basename(one[0]), one]));
  return loadedFromFolder([...byName.keys()]).flatMap((name) => {
    const one = byName.get(name);
    return one === undefined ? [] : [one];
  });
}

/** `wanted` is a file, or a folder whose `.cfg` files HAProxy reads (management guide, section 3: `-f`). */
function isNamed(path: string, wanted: string): boolean {
  return path === wanted || (path.endsWith(".cfg") && posix.dirname(path) === wanted.replace(/\/$/, ""));
}

/** HAProxy reads additional files, or another file. */
export function configsNotHere(
  { workload, container }: Runner,
  named: readonly string[],
  configs: readonly Named[],
): readonly LeftOut[] {
  const examined = configs.map(([path]) => path);
  return named
    .filter((wanted) => !examined.some((path) => isNamed(path, wanted)))
    .map((wanted) => ({
      what: `no HAProxy configuration is known at ${wanted}`,
      why: `The command of ${workload.kind} ${workload.name} reads it. Only ${examined.join(", ")} was checked.`,
      severity: "note",
      at: container.args?.at ?? container.command?.at ?? container.at ?? workload.at,
    }));
}

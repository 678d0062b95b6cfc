// Reads every Kubernetes object of a set of files, and the ones that form an edge.
import { MAX_OBJECTS, shownLimit } from "../../source/limits.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { withCharts } from "../templates.ts";
import type { KubernetesObject, LeftOut, Wiring } from "../wiring.ts";
import { readConfigMap } from "./config-map.ts";
import { titleOf } from "./fields.ts";
import { buildKustomizations } from "./kustomize/build.ts";
import { isKustomization, type Kustomization, readKustomization } from "./kustomize/kustomization.ts";
import { readDisruptionBudget, readNetworkPolicy } from "./policies.ts";
import { readObjects } from "./read-objects.ts";
import { readService } from "./service.ts";
import { isWorkload, readWorkload } from "./workload.ts";

export type KubernetesLayer = Pick<
  Wiring,
  "services" | "workloads" | "configMaps" | "networkPolicies" | "disruptionBudgets" | "objects" | "leftOut"
>;

/** Never fails. `all`: all files, because a kustomization may generate ConfigMaps from them; `others`: objects that Terraform makes. */
export function readKubernetes(
  sources: readonly SourceFile[],
  all: readonly SourceFile[] = sources,
  others: readonly KubernetesObject[] = [],
): KubernetesLayer {
  const leftOut: LeftOut[] = [];
  const kustomizations = sources
    .filter(isKustomization)
    .flatMap((source) => readKustomization(source, leftOut) ?? []);
  const written = readWritten(sources, kustomizations, leftOut);
  const files = new Map(all.map((file) => [file.file, file]));
  const objects = [...buildKustomizations({ kustomizations, written, files, leftOut }), ...others];
  noteDoubles(objects, leftOut);
  const of = <T>(kind: string, read: (object: KubernetesObject, leftOut: LeftOut[]) => T): readonly T[] =>
    objects.filter((object) => object.kind === kind).map((object) => read(object, leftOut));
  return {
    objects: [...objects, ...kustomizations.map(({ object }) => object)],
    services: of("Service", readService),
    workloads: objects.filter(isWorkload).map((object) => readWorkload(object, leftOut)),
    configMaps: of("ConfigMap", readConfigMap),
    networkPolicies: of("NetworkPolicy", readNetworkPolicy),
    disruptionBudgets: of("PodDisruptionBudget", readDisruptionBudget),
    leftOut: withCharts(leftOut, sources),
  };
}

/** Patches are not objects: the API server never gets them. */
function readWritten(
  sources: readonly SourceFile[],
  kustomizations: readonly Kustomization[],
  leftOut: LeftOut[],
): readonly KubernetesObject[] {
  const patches = new Set(kustomizations.flatMap((one) => one.patches));
  const written: KubernetesObject[] = [];
  for (const source of sources) {
    if (isKustomization(source) || patches.has(source.file)) continue;
    const read = readObjects(source);
    const room = MAX_OBJECTS - written.length;
    for (const object of read.objects.slice(0, room)) written.push(object);
    for (const left of read.leftOut) leftOut.push(left);
    if (read.objects.length > room) {
      leftOut.push(tooMany(source, sources));
      break;
    }
  }
  return written;
}

function tooMany({ file }: SourceFile, sources: readonly SourceFile[]): LeftOut {
  const later = sources.length - 1 - sources.findIndex((one) => one.file === file);
  const others = later === 0 ? "" : `, nor those of ${shownLimit(later)} more files after it by name`;
  return {
    what: `not read to the end: this folder exceeds the limit of ${shownLimit(MAX_OBJECTS)} Kubernetes objects`,
    why: `The rest of its objects was not examined${others}. Check the folders one by one.`,
    severity: "error",
    at: { file, line: 1, column: 1 },
  };
}

/** One object in two files: two clusters, or a mistake. The files do not show which one is applied. */
function noteDoubles(objects: readonly KubernetesObject[], leftOut: LeftOut[]): void {
  const first = new Map<string, KubernetesObject>();
  for (const object of objects) {
    if (object.name === "") continue;
    const title = titleOf(object);
    const known = first.get(title);
    if (known === undefined) first.set(title, object);
    else
      leftOut.push({
        what: `${title} is described twice, here and in ${known.at.file}:${known.at.line}`,
        why: "In one cluster the one that is applied last is in effect; both are read.",
        severity: "note",
        at: object.at,
      });
  }
}

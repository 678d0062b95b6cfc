// A workload and its pods, in any API group and kind.

import type { Path } from "../../source/data.ts";
import type { Container, KubernetesObject, LeftOut, Volume, Workload } from "../wiring.ts";
import type { Written } from "../written.ts";
import { readContainer } from "./container.ts";
import { type Fields, fieldsOf, titleOf } from "./fields.ts";

/** Where each kind keeps its pod; the same in every API group it has been in (extensions, apps/v1beta1, apps/v1beta2, apps/v1). */
const POD_PATHS: Readonly<Record<string, Path>> = {
  Deployment: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Rollout: ["spec", "template"],
  Pod: [],
};

export function isWorkload({ kind }: Pick<KubernetesObject, "kind">): boolean {
  return Object.hasOwn(POD_PATHS, kind);
}

export function readWorkload(object: KubernetesObject, leftOut: LeftOut[]): Workload {
  const fields = fieldsOf(object, leftOut);
  const template = POD_PATHS[object.kind] ?? [];
  const podPath: Path = [...template, "spec"];
  const read = (paths: readonly Path[] = []): readonly Container[] =>
    paths.map((path) => readContainer(fields, path, podPath, leftOut));
  const own = fields.items([...podPath, "containers"]);
  // Kubernetes, "Sidecar Containers".
  const { sidecars, ending } = Object.groupBy(fields.items([...podPath, "initContainers"]), (path) =>
    fields.raw([...path, "restartPolicy"]) === "Always" ? "sidecars" : "ending",
  );
  const workload: Workload = {
    object,
    kind: object.kind,
    name: object.name,
    namespace: object.namespace,
    replicas: replicasOf(fields),
    labels: fields.strings([...template, "metadata", "labels"]),
    containers: read([...own, ...(sidecars ?? [])]),
    initContainers: read(ending),
    hostNetwork: fields.flag([...podPath, "hostNetwork"])?.value ?? false,
    // Kubernetes, "Pod Lifecycle": 30 seconds where nothing is written.
    gracePeriodS: fields.number([...podPath, "terminationGracePeriodSeconds"]) ?? { value: 30 },
    volumes: fields.items([...podPath, "volumes"]).map((path) => volumeOf(fields, path)),
    podPath,
    at: object.at,
  };
  if (own.length === 0)
    leftOut.push({
      what: `${titleOf(object)} has no containers`,
      why: "The API server refuses it, and no pod runs.",
      severity: "error",
      at: fields.at([...podPath, "containers"]),
    });
  return workload;
}

function replicasOf(fields: Fields): Written<number> | undefined {
  if (fields.object.kind === "DaemonSet") return undefined;
  const written = fields.number(["spec", "replicas"]);
  return written ?? (fields.isOpen(["spec", "replicas"]) ? undefined : { value: 1 });
}

function volumeOf(fields: Fields, path: Path): Volume {
  const names = (...below: Path): readonly Written<string>[] => {
    const name = fields.text([...path, ...below]);
    return name === undefined ? [] : [name];
  };
  const projected = fields.items([...path, "projected", "sources"]);
  const inSources = (kind: string): readonly Written<string>[] =>
    projected.flatMap((source) => fields.text([...source, kind, "name"]) ?? []);
  return {
    name: fields.text([...path, "name"])?.value ?? "",
    configMaps: [...names("configMap", "name"), ...inSources("configMap")],
    secrets: [...names("secret", "secretName"), ...inSources("secret")],
    at: fields.at(path),
  };
}

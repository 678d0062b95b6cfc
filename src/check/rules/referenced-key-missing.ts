// referenced-key-missing: pod that names a key which its ConfigMap or Secret does not have.
import { listAt, valueAt } from "../../source/data.ts";
import { titleOf } from "../../wiring/kubernetes/fields.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { onceEach } from "../groups.ts";
import { haproxyProcesses } from "../layers/container/process.ts";
import { type StoredKind, storedBy } from "../layers/container/stored-keys.ts";
import { type MissingKey, missingVolumeKeys } from "../layers/container/volumes.ts";
import { type HaproxyPod, runIn } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const referencedKeyMissing: Rule = {
  code: "referenced-key-missing",
  severity: "error",
  check: (wiring) =>
    onceEach(
      haproxyProcesses(wiring).flatMap(({ pod }) => pod ?? []),
      ({ workload }) => workload,
    ).flatMap((pod) =>
      [...missingVolumeKeys(wiring, pod.workload), ...missingVariables(wiring, pod)].map((missing) => ({
        what: `${missing.kind} ${missing.name} has no key \`${missing.key}\``,
        why: `The pods of ${titleOf(pod.workload.object)} name it, and Kubernetes does not start a container before every key exists.`,
        remedy: remedyFor(missing),
        at: [missing.at, noted(missing.stored.object.at, "has no such key")],
        stops: runIn(wiring, pod.workload),
      })),
    ),
};

function remedyFor({ stored, key }: MissingKey): string {
  const others = [...stored.keys.keys()];
  return others.length === 0
    ? `Add the key \`${key}\`.`
    : `Add the key \`${key}\`, or name one that is there: ${listOf(others)}.`;
}

/** Missing keys of `env` with `valueFrom`, in every container of the pod. */
function missingVariables(wiring: Wiring, { workload }: HaproxyPod): readonly MissingKey[] {
  const { object, containers, initContainers, namespace } = workload;
  return [...containers, ...initContainers].flatMap(({ path }) => {
    return listAt(object.data, [...path, "env"]).flatMap((_, index) =>
      REFERENCES.flatMap(([kind, field]): readonly MissingKey[] => {
        const place = [...path, "env", index, "valueFrom", field];
        const reference = valueAt(object.data, place);
        const [name, key] = [valueAt(reference, ["name"]), valueAt(reference, ["key"])];
        if (typeof name !== "string" || typeof key !== "string") return [];
        const stored = storedBy(wiring, kind, namespace, name);
        if (stored === undefined || stored.more || stored.keys.has(key)) return [];
        if (valueAt(reference, ["optional"]) === true) return [];
        return [{ kind, name, key, at: object.place([...place, "key"]) ?? object.at, stored }];
      }),
    );
  });
}

const REFERENCES: readonly (readonly [StoredKind, string])[] = [
  ["ConfigMap", "configMapKeyRef"],
  ["Secret", "secretKeyRef"],
];

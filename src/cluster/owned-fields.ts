// The part of an object that one manager has applied, according to managedFields.
import { isRecord } from "../source/data.ts";
import type { KubernetesObject } from "./objects.ts";

/**
 * The object with only the fields that `manager` has applied, so that it can be applied again. undefined when it has applied none.
 * (Kubernetes, "Server-Side Apply"; the format is that of structured-merge-diff: `f:NAME` a field, `k:{…}` an item of a list by
 * its keys, `v:…` an item of a set, `.` the object itself.)
 */
export function appliedBy(object: KubernetesObject, manager: string): KubernetesObject | undefined {
  const entry = object.metadata.managedFields?.find(
    (one) => one.manager === manager && one.operation === "Apply" && one.subresource === undefined,
  );
  if (entry === undefined) return undefined;
  const owned = ownedPart(object, entry.fieldsV1) as Partial<KubernetesObject>;
  const { name, namespace } = object.metadata;
  return {
    ...owned,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...owned.metadata, name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

type FieldSet = Readonly<Record<string, unknown>>;

function ownedPart(value: unknown, fields: unknown): unknown {
  const set = (typeof fields === "object" && fields !== null ? fields : {}) as FieldSet;
  const inner = Object.keys(set).filter((key) => key !== ".");
  // Owned with its content: a single value, or an atomic map or list.
  if (inner.length === 0) return emptied(value, "." in set);
  if (Array.isArray(value)) return value.flatMap((item) => ownedItem(item, set));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    inner.flatMap((key) => {
      const name = key.slice(2);
      return key.startsWith("f:") && name in value ? [[name, ownedPart(value[name], set[key])]] : [];
    }),
  );
}

/** With `.` only the object itself is owned, not its fields: `securityContext: {}`. */
function emptied(value: unknown, itselfOnly: boolean): unknown {
  if (!itselfOnly) return value;
  if (Array.isArray(value)) return [];
  return isRecord(value) ? {} : value;
}

function ownedItem(item: unknown, set: FieldSet): readonly unknown[] {
  for (const [key, fields] of Object.entries(set)) {
    if (key.startsWith("v:") && JSON.stringify(item) === JSON.stringify(JSON.parse(key.slice(2))))
      return [item];
    if (!key.startsWith("k:") || !isRecord(item)) continue;
    const keys = JSON.parse(key.slice(2)) as Readonly<Record<string, unknown>>;
    const same = Object.entries(keys).every(([name, wanted]) => (item[name] ?? defaultOf(name)) === wanted);
    // The keys that identify the item belong to it, owned or not.
    if (same) return [{ ...pick(item, Object.keys(keys)), ...(ownedPart(item, fields) as object) }];
  }
  return [];
}

/** A missing key has its default: the protocol of a port. */
function defaultOf(name: string): unknown {
  return name === "protocol" ? "TCP" : undefined;
}

function pick(item: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in item).map((name) => [name, item[name]]));
}

// The differences between two versions of an object, field by field.
import { isRecord } from "../source/data.ts";

export interface FieldChange {
  /** `spec.template.spec.containers[haproxy].image`. */
  readonly field: string;
  /** undefined where there was none. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Written by the cluster, or irrelevant to readers. */
const OF_THE_CLUSTER = new Set([
  "metadata.managedFields",
  "metadata.resourceVersion",
  "metadata.generation",
  "metadata.uid",
  "metadata.creationTimestamp",
  "metadata.annotations.deployment.kubernetes.io/revision",
  "metadata.annotations.deprecated.daemonset.template.generation",
  "status",
]);

/** Lists of named items are compared by name, others by position. */
export function fieldChanges(before: unknown, after: unknown, field = ""): readonly FieldChange[] {
  if (OF_THE_CLUSTER.has(field) || Object.is(before, after)) return [];
  if (isRecord(before) && isRecord(after)) return recordChanges(before, after, field);
  if (Array.isArray(before) && Array.isArray(after)) {
    const named = [...before, ...after].every((one) => isRecord(one) && typeof one.name === "string");
    return named
      ? recordChanges(byName(before), byName(after), field, true)
      : recordChanges({ ...before }, { ...after }, field, true);
  }
  return [{ field, before, after }];
}

function recordChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  field: string,
  listed = false,
): readonly FieldChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => fieldChanges(before[key], after[key], nameOf(field, key, listed)));
}

function nameOf(field: string, key: string, listed: boolean): string {
  if (listed) return `${field}[${key}]`;
  return field === "" ? key : `${field}.${key}`;
}

function byName(list: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((one) => [String((one as { name: string }).name), one]));
}

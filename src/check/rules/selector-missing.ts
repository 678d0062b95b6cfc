// selector-missing: workload without a pod selector.
import { valueAt } from "../../source/data.ts";
import { matchesLabels } from "../../wiring/join/select.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

const KINDS: ReadonlySet<string> = new Set(["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"]);

export const selectorMissing: Rule = {
  code: "selector-missing",
  severity: "error",
  check: (wiring) =>
    wiring.workloads.flatMap(({ object, kind, name, labels, podPath, at }) => {
      if (object.apiVersion !== "apps/v1" || !KINDS.has(kind)) return [];
      const labelled = object.place([...podPath.slice(0, -1), "metadata", "labels"], { key: true });
      const selector = valueAt(object.data, ["spec", "selector"]);
      if (selector === undefined || selector === null)
        return {
          what: `${kind} \`${name}\` has no selector`,
          why: "`apps/v1` requires a selector: the API server rejects the object, and no pod starts.",
          remedy: "Write `selector.matchLabels` with the labels of its pods.",
          at: [
            noted(object.place(["spec"], { key: true }) ?? at, "no `selector`"),
            noted(labelled, "its pods"),
          ],
        };
      const wanted = valueAt(object.data, ["spec", "selector", "matchLabels"]);
      if (typeof wanted !== "object" || wanted === null || matchesLabels(asLabels(wanted), labels)) return [];
      return {
        what: `the selector of ${kind} \`${name}\` does not match the labels of its pods`,
        why: "The API server rejects the object (`selector` does not match template `labels`), and no pod starts.",
        remedy: "Write the labels of its pods in `selector.matchLabels`.",
        at: [
          noted(object.place(["spec", "selector", "matchLabels"], { key: true }), "selects these"),
          noted(labelled, "its pods have these"),
        ],
      };
    }),
};

function asLabels(value: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([key, label]) => [key, String(label)]));
}

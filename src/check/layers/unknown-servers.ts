// Servers whose pods are in other folders: reported once, so that a missing finding does not look like a pass.
import { valueAt } from "../../source/data.ts";
import type { LeftOut, Wiring } from "../../wiring/wiring.ts";
import { listOf } from "../wording.ts";

/** Not for an edge that Portico rendered, because its backends are never in the folder, nor for a folder without Kubernetes objects. */
export function unknownServers({ serverPaths, objects }: Wiring): readonly LeftOut[] {
  const open = serverPaths.filter(({ brokenAt, haproxy }) => {
    const edge = haproxy.runBy?.workload.object;
    const label = valueAt(edge?.data, ["metadata", "labels", "app.kubernetes.io/managed-by"]);
    if (brokenAt === undefined || brokenAt.effect !== undefined || label === "portico") return false;
    // A finding of its own.
    return brokenAt.fault !== "pod-port-undeclared";
  });
  const [first] = open;
  if (first?.brokenAt === undefined || objects.length === 0) return [];
  const names = [...new Set(open.map(({ server }) => server.address.host))];
  const reasons = [...new Set(open.flatMap(({ brokenAt }) => brokenAt?.because ?? []))];
  return [
    {
      what: `whether connections arrive at ${listOf(names)} is not known`,
      why: `${reasons.slice(0, 3).join("; ")}${reasons.length > 3 ? "; and more" : ""}. Ports, selectors and policies behind these names were not compared.`,
      severity: "note",
      at: first.server.address.at,
    },
  ];
}

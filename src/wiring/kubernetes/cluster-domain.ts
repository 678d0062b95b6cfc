// The domain of the cluster's DNS, where an object shows it: kubelet, kubeadm, Cluster API, kOps and CoreDNS.
import { valueAt } from "../../source/data.ts";
import type { KubernetesObject } from "../wiring.ts";
import type { Written } from "../written.ts";

/** By kind: KubeletConfiguration v1beta1; kubeadm's ClusterConfiguration; Cluster of Cluster API and of kOps. */
const PATHS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  KubeletConfiguration: [["clusterDomain"]],
  ClusterConfiguration: [["networking", "dnsDomain"]],
  Cluster: [
    ["spec", "clusterNetwork", "serviceDomain"],
    ["spec", "clusterDNSDomain"],
  ],
};

/** Several: of several clusters, or zones that CoreDNS forwards. Empty: not known. */
export function clusterDomainsOf(objects: readonly KubernetesObject[]): readonly Written<string>[] {
  return objects.flatMap((object): readonly Written<string>[] => {
    const written = (PATHS[object.kind] ?? []).flatMap((path) => {
      const value = valueAt(object.data, path);
      return typeof value === "string" ? [{ value: normal(value), at: object.place(path) ?? object.at }] : [];
    });
    const corefile = object.kind === "ConfigMap" ? valueAt(object.data, ["data", "Corefile"]) : undefined;
    if (typeof corefile !== "string") return written;
    const at = object.place(["data", "Corefile"]) ?? object.at;
    return [...written, ...zonesOf(corefile).map((value) => ({ value, at }))];
  });
}

/** Zones of the plugin `kubernetes` and of server blocks; the root zone and those of addresses are no domain of Services. */
function zonesOf(corefile: string): readonly string[] {
  const lines = corefile.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const words = lines.flatMap((line) => {
    const [first = "", ...others] = line.replace(/\{$/, "").trim().split(/\s+/);
    if (first === "kubernetes") return others;
    return line.endsWith("{") && /[.:]/.test(first) ? [first, ...others] : [];
  });
  return words.map((word) => normal(word.replace(/^dns:\/\//, "").replace(/:\d+$/, ""))).filter(isDomain);
}

function isDomain(zone: string): boolean {
  return zone !== "" && !zone.endsWith(".arpa");
}

function normal(domain: string): string {
  return domain.toLowerCase().replace(/\.$/, "");
}

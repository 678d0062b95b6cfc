// The domain of the cluster's DNS, where an object shows it: kubelet, kubeadm, Cluster API, kOps and CoreDNS.
import { valueAt } from "../../source/data.ts";
import type { KubernetesObject } from "../wiring.ts";
import type { Written } from "../written.ts";

export interface ClusterDomains {
  /** Several: of several clusters. Empty: not known. */
  readonly own: readonly Written<string>[];
  /** Whether the cluster's DNS resolves names in the domain, or may: zones of its own or of other servers, and rewritten names. */
  readonly mayResolve: (domain: string) => boolean;
}

/** By kind: KubeletConfiguration v1beta1; kubeadm's ClusterConfiguration; Cluster of Cluster API and of kOps. */
const PATHS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  KubeletConfiguration: [["clusterDomain"]],
  ClusterConfiguration: [["networking", "dnsDomain"]],
  Cluster: [
    ["spec", "clusterNetwork", "serviceDomain"],
    ["spec", "clusterDNSDomain"],
  ],
};

/** Of the Multi-Cluster Services API. */
const CLUSTER_SET = "clusterset.local";

export function clusterDomainsOf(objects: readonly KubernetesObject[]): ClusterDomains {
  const own: Written<string>[] = [];
  const zones = new Set([CLUSTER_SET]);
  let rewrites = false;
  for (const object of objects) {
    const at = (path: readonly string[]) => object.place(path) ?? object.at;
    for (const path of PATHS[object.kind] ?? []) {
      const value = valueAt(object.data, path);
      if (typeof value === "string" && isDomain(normal(value)))
        own.push({ value: normal(value), at: at(path) });
    }
    const file = object.kind === "ConfigMap" ? valueAt(object.data, ["data", "Corefile"]) : undefined;
    if (typeof file !== "string") continue;
    const corefile = readCorefile(file);
    own.push(...corefile.own.map((value) => ({ value, at: at(["data", "Corefile"]) })));
    for (const zone of corefile.zones) zones.add(zone);
    rewrites ||= corefile.rewrites;
  }
  for (const { value } of own) zones.add(value);
  return { own, mayResolve: (domain) => rewrites || zones.has(domain) };
}

/** CoreDNS, "Corefile Explained": blocks of a server begin with its zones, one plugin per line. */
function readCorefile(text: string) {
  const own: string[] = [];
  const zones: string[] = [];
  let rewrites = false;
  let depth = 0;
  let block: readonly string[] = [];
  for (const written of text.split("\n")) {
    const line = written.replace(/#.*/, "").trim();
    const opens = line.endsWith("{");
    const [first = "", ...others] = line.replace(/\{$/, "").trim().split(/\s+/);
    if (depth === 0 && opens) {
      block = [first, ...others].map(zoneOf).filter(isDomain);
      zones.push(...block);
    }
    if (depth > 0 && first === "kubernetes") {
      const named = others.map(zoneOf);
      own.push(...(named.length > 0 ? named.filter(isDomain) : block));
    }
    if (depth > 0 && first === "rewrite") rewrites = true;
    if (opens) depth += 1;
    if (line === "}") depth -= 1;
  }
  return { own, zones, rewrites };
}

function zoneOf(word: string): string {
  return normal(word.replace(/^dns:\/\//, "").replace(/:\d+$/, ""));
}

/** Neither the root, nor a zone of addresses, nor a placeholder such as `CLUSTER_DOMAIN` and `{$ENV}`. */
function isDomain(zone: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(zone) && !zone.endsWith(".arpa");
}

function normal(domain: string): string {
  return domain.toLowerCase().replace(/\.$/, "");
}

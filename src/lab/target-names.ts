// The values of `--target`: a load balancer by its URLs, nodes by their addresses, or the cluster.
import { isIP } from "node:net";
import type { Plan } from "../plan/plan.ts";
import type { Endpoint } from "./network.ts";
import { DEFAULT_PORT } from "./send.ts";
import type { TargetEndpoints } from "./target-endpoints.ts";

export interface TargetNames {
  readonly loadBalancer: ReadonlyMap<"http" | "https", Endpoint>;
  readonly nodes: readonly string[];
  readonly cluster: boolean;
}

/** `wrong`: the invalid value. */
export function readTargets(texts: readonly string[]): TargetNames | { readonly wrong: string } {
  const loadBalancer = new Map<"http" | "https", Endpoint>();
  const nodes: string[] = [];
  let cluster = false;
  for (const text of texts) {
    if (text === "cluster") {
      cluster = true;
      continue;
    }
    const [, list] = /^nodes=(.+)$/.exec(text) ?? [];
    if (list !== undefined) {
      nodes.push(...list.split(",").map((host) => host.trim()));
      continue;
    }
    const url = urlOf(text);
    if (url === undefined) return { wrong: text };
    loadBalancer.set(url.scheme, url.endpoint);
  }
  if (nodes.some((host) => host === "" || /[\s/]/.test(host))) return { wrong: `nodes=${nodes.join(",")}` };
  return { loadBalancer, nodes, cluster };
}

/** Endpoints from the names alone, without a cluster. */
export function endpointsByName({ loadBalancer, kubernetes }: Plan, names: TargetNames): TargetEndpoints {
  const onHosts = kubernetes.exposure.value === "hostPort";
  const nodePorts = new Map(
    loadBalancer.ports.map(({ listener, port, nodePort }) => [
      listener,
      names.nodes.map((host) => ({ host, port: onHosts ? port.value : nodePort.value })),
    ]),
  );
  return {
    name: nameOf(names),
    nodePorts,
    loadBalancer: names.loadBalancer,
    noPathReason:
      names.loadBalancer.size > 0
        ? `no --target names the load balancer's ${names.loadBalancer.has("http") ? "https" : "http"} port`
        : "it has no node port",
  };
}

function nameOf({ loadBalancer, nodes }: TargetNames): string {
  const urls = [...loadBalancer].map(([scheme, { host, port }]) => `${scheme}://${bracketed(host)}:${port}`);
  return [...urls, ...nodes].join(", ");
}

function urlOf(text: string): { scheme: "http" | "https"; endpoint: Endpoint } | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.pathname !== "/" || url.search !== "" || url.username !== "") return undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? DEFAULT_PORT[scheme] : Number(url.port);
  return { scheme, endpoint: { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port } };
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

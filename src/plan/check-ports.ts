// Port conflicts in the pod, on the node and at the load balancer.
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type { Plan } from "./plan.ts";

interface Use {
  readonly port: number;
  readonly who: string;
  readonly path: DescriptionPath;
}

const CHECK = "the load balancer's health check";

export function checkPorts(lowering: Lowering, plan: Plan): void {
  const { listeners, stats, health, loadBalancer, kubernetes } = plan;
  const binds: Use[] = listeners.map(({ name, port }) => ({
    port: port.value,
    who: `the ${name} listener`,
    path: ["haproxy", "ports", name],
  }));
  if (stats !== null) binds.push({ port: stats.port.value, who: "the stats page", path: ["stats", "port"] });
  binds.push({ port: health.port.value, who: "probes and metrics", path: ["haproxy", "ports", "health"] });
  const check = loadBalancer.healthCheck.http;
  if (check !== null) binds.push({ port: check.port.value, who: CHECK, path: ["haproxy", "ports", "check"] });
  reportTwice(lowering, "HAProxy binds", binds);
  reportTwice(lowering, "the Service inside the cluster opens", [
    ...listeners
      .filter(({ name }) => name === "internal")
      .map(() => ({
        port: kubernetes.internalPort.value,
        who: "internal clients",
        path: ["internal"],
      })),
    ...(stats === null || stats.public
      ? []
      : [{ port: stats.port.value, who: "the stats page", path: ["stats", "port"] }]),
  ]);
  reportTwice(
    lowering,
    "the Service opens node",
    kubernetes.exposure.value !== "NodePort"
      ? []
      : [
          ...loadBalancer.ports.map(({ listener, nodePort }) => ({
            port: nodePort.value,
            who: listener,
            path: ["kubernetes", "nodePorts", listener],
          })),
          ...(check === null
            ? []
            : [{ port: check.nodePort.value, who: CHECK, path: ["kubernetes", "nodePorts", "check"] }]),
        ],
  );
  reportTwice(
    lowering,
    check === null ? "the load balancer listens on" : "the Service for the load balancer opens",
    [
      ...loadBalancer.ports.map(({ listener, port }) => ({
        port: port.value,
        who: listener,
        path: listener === "stats" ? ["stats", "port"] : ["public", "ports", listener],
      })),
      ...(check === null
        ? []
        : [{ port: check.port.value, who: CHECK, path: ["haproxy", "ports", "check"] }]),
    ],
  );
}

function reportTwice(lowering: Lowering, whose: string, uses: readonly Use[]): void {
  const first = new Map<number, Use>();
  for (const use of uses) {
    const other = first.get(use.port);
    if (other === undefined) {
      first.set(use.port, use);
      continue;
    }
    lowering.report({
      code: "port-conflict",
      what: `${whose} port ${use.port} twice: for ${other.who} and for ${use.who}`,
      why: "A port has one destination: the second listener would fail to open, or would get the requests of the first.",
      remedy: "Give one of them another port.",
      path: lowering.at(use.path) === undefined ? other.path : use.path,
    });
  }
}

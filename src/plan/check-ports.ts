// Port conflicts in the pod, on the node and at the load balancer.
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type { Decided, Plan } from "./plan.ts";

interface Use {
  readonly port: number;
  readonly who: string;
  readonly path: DescriptionPath;
}

const CHECK = "the load balancer's health check";

export function checkPorts(lowering: Lowering, plan: Plan): void {
  const { listeners, stats, health, loadBalancer, kubernetes } = plan;
  const check = loadBalancer.healthCheck.http;
  const checkOn = (port: Decided<number> | undefined, ...path: DescriptionPath) =>
    port === undefined ? [] : [use(CHECK, port, ...path)];
  const checkPort = checkOn(check?.port, "haproxy", "ports", "check");
  const statsPage = stats === null ? [] : [use("the stats page", stats.port, "stats", "port")];
  reportTwice(lowering, "HAProxy binds", [
    ...listeners.map(({ name, port }) => use(`the ${name} listener`, port, "haproxy", "ports", name)),
    ...statsPage,
    use("probes and metrics", health.port, "haproxy", "ports", "health"),
    ...checkPort,
  ]);
  reportTwice(lowering, "the Service inside the cluster opens", [
    ...listeners
      .filter(({ name }) => name === "internal")
      .map(() => use("internal clients", kubernetes.internalPort, "internal")),
    ...(stats?.public === true ? [] : statsPage),
  ]);
  if (kubernetes.exposure.value === "NodePort")
    reportTwice(lowering, "the Service opens node", [
      ...loadBalancer.ports.map(({ listener, nodePort }) =>
        use(listener, nodePort, "kubernetes", "nodePorts", listener),
      ),
      ...checkOn(check?.nodePort, "kubernetes", "nodePorts", "check"),
    ]);
  reportTwice(
    lowering,
    check === null ? "the load balancer listens on" : "the Service for the load balancer opens",
    [
      ...loadBalancer.ports.map(({ listener, port }) =>
        use(listener, port, ...(listener === "stats" ? ["stats", "port"] : ["public", "ports", listener])),
      ),
      ...checkPort,
    ],
  );
}

function use(who: string, { value }: Decided<number>, ...path: DescriptionPath): Use {
  return { port: value, who, path };
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

// bind-without-service: port that HAProxy binds and no other layer uses.
import type { HaproxyBind } from "../../wiring/haproxy/wiring.ts";
import type { Container, Wiring, Workload } from "../../wiring/wiring.ts";
import { listensAt, namedPort } from "../layers/checked-port.ts";
import { pathsTo } from "../layers/haproxy-view.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const bindWithoutService: Rule = {
  code: "bind-without-service",
  severity: "note",
  check(wiring) {
    if (wiring.services.length === 0) return [];
    return haproxyContainers(wiring).flatMap(({ workload, container, haproxies }) => {
      // On the host network, every client that reaches the node reaches every bind.
      if (workload.hostNetwork) return [];
      const ports = [...probedPorts(container), ...containerPorts(wiring, workload, container)];
      return haproxies
        .flatMap((haproxy) =>
          haproxy.wiring.proxies.flatMap((proxy) => proxy.binds.map((bind) => ({ proxy, bind }))),
        )
        .filter(({ bind }) => isOpen(bind) && !ports.some((port) => listensAt(bind, port)))
        .filter(({ bind }) => pathsTo(wiring, [bind]).length === 0)
        .map(({ proxy, bind }) => ({
          what: `no other layer uses \`bind ${bind.address.text}\` of \`${proxy.name}\``,
          why: "No Service, host port, container port or probe in these files names its port: clients reach it only at the address of a pod.",
          remedy: "Add a Service for the port, or remove the `bind`.",
          at: [noted(bind.address.at, "no Service uses this port"), container.at],
        }));
    });
  },
};

function isOpen(bind: HaproxyBind): boolean {
  const { ports } = bind.address;
  return ports !== undefined && listensAt(bind, ports.from);
}

function probedPorts(container: Container): readonly number[] {
  const { readiness, liveness, startup } = container.probes;
  return [readiness, liveness, startup].flatMap((probe) => {
    const value = probe?.port?.value;
    const number = typeof value === "string" ? namedPort(container, value)?.port.value : value;
    return number ?? [];
  });
}

/** Named for something outside these files: a PodMonitor refers to a port by name. */
function containerPorts(wiring: Wiring, workload: Workload, container: Container): readonly number[] {
  const monitored = wiring.objects.some(
    ({ kind, namespace }) => kind === "PodMonitor" && namespace === workload.namespace,
  );
  return container.ports
    .filter(({ hostPort, name }) => hostPort !== undefined || (monitored && name !== undefined))
    .map(({ port }) => port.value);
}

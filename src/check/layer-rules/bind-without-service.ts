// bind-without-service: HAProxy listens where nothing in these files leads.
import type { HaproxyBind } from "../../wiring/haproxy/wiring.ts";
import type { Container, Wiring, Workload } from "../../wiring/wiring.ts";
import { listensAt, namedPort } from "../layers/checked-port.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const bindWithoutService: LayerRule = {
  code: "bind-without-service",
  severity: "note",
  about: "binds that no Service, host port or probe leads to",
  check(wiring) {
    if (wiring.services.length === 0) return [];
    return haproxyContainers(wiring).flatMap(({ workload, container, haproxies }) => {
      // On the host's network whoever reaches the node reaches every bind.
      if (workload.hostNetwork) return [];
      const ports = [...probedPorts(container), ...containerPorts(wiring, workload, container)];
      return haproxies
        .flatMap((haproxy) =>
          haproxy.wiring.proxies.flatMap((proxy) => proxy.binds.map((bind) => ({ proxy, bind }))),
        )
        .filter(({ bind }) => isOpen(bind) && !ports.some((port) => listensAt(bind, port)))
        .filter(({ bind }) => !wiring.trafficPaths.some((way) => way.bind === bind))
        .map(({ proxy, bind }) => ({
          what: `nothing leads to \`bind ${bind.address.text}\` of \`${proxy.name}\``,
          why: "No Service, host port, container port or probe of these files names its port: traffic reaches it by a pod's own address alone.",
          remedy: "Lead a Service there, or take the bind away.",
          at: [noted(bind.address.at, "no Service leads here"), container.at],
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

/** Named for something outside these files: a PodMonitor asks for a port by its name. */
function containerPorts(wiring: Wiring, workload: Workload, container: Container): readonly number[] {
  const monitored = wiring.objects.some(
    ({ kind, namespace }) => kind === "PodMonitor" && namespace === workload.namespace,
  );
  return container.ports
    .filter(({ hostPort, name }) => hostPort !== null || (monitored && name !== null))
    .map(({ port }) => port.value);
}

// internal-shares-proxy-port: internal clients on a port that expects PROXY headers.
import { knownValue } from "../../wiring/written.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { balancedPaths } from "../layers/hops.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const internalSharesProxyPort: Rule = {
  code: "internal-shares-proxy-port",
  severity: "error",
  check(wiring) {
    const balanced = balancedPaths(wiring).filter(({ listener }) => {
      const sends = knownValue(listener.proxyProtocol);
      return sends !== undefined && sends !== "none";
    });
    const first = new Map(balanced.toReversed().map((trafficPath) => [trafficPath.bind, trafficPath]));
    // A load balancer whose targets are the pods of this Service.
    const targets = new Set(
      balanced.flatMap(({ listener, service }) => (listener.to.service ? [service] : [])),
    );
    return wiring.trafficPaths.flatMap((trafficPath) => {
      const { start, service, servicePort, bind, proxy } = trafficPath;
      // A NodePort Service has an address in the cluster too; only one of type ClusterIP is meant for in-cluster clients.
      if (start !== "service" || service?.type !== "ClusterIP" || service.headless) return [];
      if (targets.has(service)) return [];
      if (bind === undefined || proxy === undefined) return [];
      const balancer = first.get(bind);
      const expectation = expectationOf(proxy, bind);
      if (balancer === undefined || expectation.when !== "always") return [];
      return {
        what: `Service \`${service.name}\` sends internal clients to a port that expects PROXY headers`,
        why: `In-cluster clients send none: HAProxy resets each of their connections to port ${servicePort?.port.value ?? trafficPath.port ?? ""} before it reads a request.`,
        remedy:
          "Add a `bind` without `accept-proxy` for internal clients, and write its port in the Service.",
        at: [
          noted(servicePort?.at ?? service.at, "internal clients connect here"),
          noted(expectation.at, "waits for a PROXY header"),
          noted(balancer.listener.proxyProtocol.at ?? balancer.listener.at, "sends one"),
        ],
      };
    });
  },
};

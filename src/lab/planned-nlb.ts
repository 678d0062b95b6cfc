// The NLB of a plan, as a load balancer of the wiring: for as long as the Terraform of one is not read back.
import type { Plan } from "../plan/plan.ts";
import { waysOf } from "../wiring/ways.ts";
import type { LoadBalancer, LoadBalancerListener, Said, Wiring } from "../wiring/wiring.ts";

/** The wiring as it is, where it has a load balancer or the plan has no NLB. */
export function withPlannedNlb(wiring: Wiring, plan: Plan): Wiring {
  if (plan.loadBalancer.kind !== "aws-nlb" || wiring.loadBalancers.length > 0) return wiring;
  const at = { file: "cloud/main.tf", line: 1, column: 1 };
  const said = <T>(value: T): Said<T> => ({ value, at });
  const listeners = plan.loadBalancer.ports.map(
    ({ port, nodePort, protocol, proxyProtocol }): LoadBalancerListener => ({
      port: said(port.value),
      protocol: said(protocol),
      to: { kind: "node", port: said(nodePort.value) },
      targetProtocol: said("tcp"),
      // A target group speaks version 2 or none (AWS, "Target groups for your Network Load Balancers", PROXY protocol).
      proxyProtocol: said(proxyProtocol === "none" ? "none" : "v2"),
      keepsClientAddress: said(false),
      certificate: null,
      tlsPolicy: null,
      alpn: null,
      redirectsToHttps: false,
      healthCheck: null,
      at,
    }),
  );
  const nlb: LoadBalancer = {
    kind: "nlb",
    provider: null,
    id: "aws_lb.this",
    name: said(plan.edge),
    internal: said(false),
    listeners,
    idleTimeoutS: said(plan.loadBalancer.idleTimeoutMs.value / 1000),
    crossZone: said(true),
    drainingS: said(0),
    securityGroups: [],
    targetsAttached: said(true),
    accessLogs: said(false),
    at,
  };
  const parts = { ...wiring, loadBalancers: [nlb] };
  return { ...parts, ways: waysOf(parts) };
}

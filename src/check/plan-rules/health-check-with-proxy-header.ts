// health-check-with-proxy-header: health check of kube-proxy with a PROXY header.
import type { PlanRule } from "../rule.ts";
import { serviceProvider } from "../service-provider.ts";

export const healthCheckWithProxyHeader: PlanRule = {
  code: "health-check-with-proxy-header",
  severity: "error",
  check({ plan, at }) {
    const provider = serviceProvider(plan);
    const policy = plan.kubernetes.externalTrafficPolicy.value;
    const fact = provider?.healthCheck[policy];
    const proxied = plan.loadBalancer.ports.some(({ proxyProtocol }) => proxyProtocol !== "none");
    if (provider === undefined || !proxied || fact?.withProxy !== true || fact.answeredBy !== "kube-proxy")
      return [];
    return {
      what: `with \`externalTrafficPolicy: ${policy}\`, the health check of ${provider.title} sends a PROXY header to kube-proxy`,
      why: "kube-proxy rejects the header as a malformed request: every node is marked as unhealthy, and no request gets a response.",
      remedy: `Remove \`externalTrafficPolicy\`, or write \`proxyProtocol: none\`${provider.keepsClientAddress === policy ? `: with \`${policy}\`, the client address arrives without it` : ""}.`,
      at: [at(["kubernetes", "externalTrafficPolicy"]), at(["public", "loadBalancer", "proxyProtocol"])],
    };
  },
};

// Load balancers that read requests (an ALB, a classic ELB in HTTP mode): what they need, and what is not possible with them.
import type { Lowering } from "./lowering.ts";

export function checkHttpLoadBalancer(lowering: Lowering): void {
  const { edge, described, report } = lowering;
  if (described.get("public").get("loadBalancer").get("sources").value === undefined)
    report({
      code: "http-load-balancer-without-sources",
      what: "the HTTP load balancer has no `sources`",
      why: "HAProxy takes the client address from X-Forwarded-For, which any client can write, so it must trust only the load balancer's addresses.",
      remedy: "Write the load balancer's subnets: `sources: [10.0.1.0/24, 10.0.2.0/24]`.",
      path: ["public", "loadBalancer"],
      key: true,
    });
  if (edge.public?.tls?.terminatedAt === "haproxy")
    report({
      code: "http-load-balancer-terminates-tls",
      what: "TLS is terminated at HAProxy, behind an HTTP load balancer",
      why: "An HTTP load balancer terminates TLS itself and sends plain HTTP: HAProxy would wait for a TLS handshake, and no request would get a response.",
      remedy:
        "Write `terminatedAt: loadBalancer`, or use a load balancer that forwards TCP, such as `aws-nlb`.",
      path: ["public", "tls", "terminatedAt"],
    });
  if (edge.internal?.sharesPublicPort !== undefined)
    report({
      code: "invalid-shared-public-port",
      what: "internal clients share the public port of an HTTP load balancer",
      why: "HAProxy accepts connections on this port from the load balancer only, and internal clients connect directly.",
      remedy: "Remove `sharesPublicPort`: internal clients then get a port of their own.",
      path: ["internal", "sharesPublicPort"],
      key: true,
    });
}

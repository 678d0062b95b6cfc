// What holds for a load balancer that reads requests (an ALB, a classic ELB in HTTP mode): whose word is believed, and what it cannot do.
import { chosen } from "./described.ts";
import type { Lowering } from "./lowering.ts";
import type { ListenerPlan } from "./plan.ts";

/**
 * The load balancer appends the address that it got the request from (AWS, "HTTP headers and Application Load Balancers", append). Whoever is not
 * the load balancer is refused, rather than served without its X-Forwarded-*: past the load balancer it would be past what is decided there as
 * well, such as TLS, a firewall for requests, or who has logged in.
 */
export const FORWARDED_CLIENT: ListenerPlan["client"] = chosen(
  "x-forwarded-for",
  "its last entry is the load balancer's own word: nobody else may connect",
);

export function checkHttpLoadBalancer(lowering: Lowering): void {
  const { edge, report } = lowering;
  const described = edge.public?.loadBalancer;
  if (typeof described !== "object" || described.sources === undefined)
    report({
      code: "http-load-balancer-without-sources",
      what: "nothing says where the load balancer's requests come from",
      why: "HAProxy takes the client's address from X-Forwarded-For, and any client can write that header: it may be believed from the load balancer alone.",
      remedy: "Write its subnets: `sources: [10.0.1.0/24, 10.0.2.0/24]`.",
      path: ["public", "loadBalancer"],
      key: true,
    });
  if (edge.public?.tls?.terminatedAt === "haproxy")
    report({
      code: "http-load-balancer-terminates-tls",
      what: "TLS cannot end at HAProxy behind a load balancer that reads requests",
      why: "To read a request it has to end TLS itself: HAProxy gets plain HTTP from it, and would wait for a TLS handshake.",
      remedy:
        "Write `terminatedAt: loadBalancer`, or a load balancer that passes bytes on, such as `aws-nlb`.",
      path: ["public", "tls", "terminatedAt"],
    });
  if (edge.internal?.sharesPublicPort !== undefined)
    report({
      code: "invalid-shared-public-port",
      what: "internal callers cannot share the public port of a load balancer that reads requests",
      why: "They connect themselves, without X-Forwarded-For, and HAProxy takes connections there from the load balancer alone.",
      remedy: "Leave `sharesPublicPort` out, so that they get a port of their own.",
      path: ["internal", "sharesPublicPort"],
      key: true,
    });
}

// client-address-lost: requests served on a port where the load balancer does not say who the client is.
import type { Rule } from "../rule.ts";

export const clientAddressLost: Rule = {
  code: "client-address-lost",
  severity: "warning",
  about: "ports behind a classic ELB where the client's address is not known",
  check({ plan, at }) {
    if (plan.loadBalancer.kind !== "aws-classic-elb") return [];
    return plan.listeners
      .filter(
        ({ entrance, does, proxyProtocol }) =>
          entrance === "public" && does === "serve" && proxyProtocol.value === "none",
      )
      .map(({ name }) => ({
        what: `the client's address is lost on the ${name} port`,
        why: "A classic ELB opens a connection of its own and says who the client is by a PROXY header alone: without it logs and X-Forwarded-For name the ELB for every request.",
        remedy: `Leave \`proxyProtocol\` out, or write \`proxyProtocol: { ${name}: v1 }\`.`,
        at: [
          at(["public", "loadBalancer", "proxyProtocol", name]) ??
            at(["public", "loadBalancer", "proxyProtocol"]),
        ],
      }));
  },
};

// too-many-headless-pods: headless Service with more pods than a DNS answer over UDP can contain.
import { answerBytes, LARGEST_UDP_BYTES } from "../../plan/resolvers.ts";
import type { PlanRule } from "../rule.ts";

export const tooManyHeadlessPods: PlanRule = {
  code: "too-many-headless-pods",
  severity: "warning",
  check({ plan, at }) {
    if (plan.dns.tcp) return [];
    return plan.backends.flatMap(({ name, variantOf, servers, at: place }) =>
      variantOf !== null
        ? []
        : servers
            .map((server) => ({ slots: server.slots?.value ?? 1, bytes: answerBytes(server, "A") }))
            .filter(({ bytes }) => bytes > LARGEST_UDP_BYTES)
            .map(({ slots, bytes }) => ({
              what: `the DNS answer for ${slots} pods of \`${name}\` has ${bytes} bytes`,
              why: `Over UDP it is sent in ${Math.ceil(bytes / 1480)} fragments, and the loss of one loses the answer; HAProxy's manual advises against more than ${LARGEST_UDP_BYTES} bytes. HAProxy ignores a truncated answer: \`${name}\` then has no server, and requests get 503.`,
              remedy:
                "Write `dns: { nameServers: [10.96.0.10], tcp: true }` with the address of the cluster's DNS, to resolve names over TCP, or write `endpoints: service` or fewer slots.",
              at: [at(["backends", name, "endpoints"]) ?? place],
            })),
    );
  },
};

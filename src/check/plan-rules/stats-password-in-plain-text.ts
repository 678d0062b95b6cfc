// stats-password-in-plain-text: stats password sent unencrypted.
import type { PlanRule } from "../rule.ts";

export const statsPasswordInPlainText: PlanRule = {
  code: "stats-password-in-plain-text",
  severity: "warning",
  check({ plan, at }) {
    if (plan.stats === null || !plan.stats.public || plan.stats.user === null) return [];
    return {
      what: "the password of the stats page is sent unencrypted",
      why: "The load balancer forwards the port without TLS: anyone on the network path can read user name and password, which a browser sends with each request (RFC 7617, 4).",
      remedy: "Remove `public` from `stats`, and open the page through `kubectl port-forward`.",
      at: [at(["stats", "public"])],
    };
  },
};

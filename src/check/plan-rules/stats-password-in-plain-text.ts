// stats-password-in-plain-text: stats password sent unencrypted.
import type { PlanRule } from "../plan-rule.ts";

export const statsPasswordInPlainText: PlanRule = {
  code: "stats-password-in-plain-text",
  severity: "warning",
  check({ plan, at }) {
    if (plan.stats === null || !plan.stats.public || plan.stats.user === null) return [];
    return [
      {
        what: "the password of the stats page is sent in clear",
        why: "The load balancer passes its port on without TLS: everyone on the way reads name and password, which a browser sends with each request (RFC 7617, 4).",
        remedy: "Leave `public` out and look at the page through `kubectl port-forward`.",
        at: [at(["stats", "public"])],
      },
    ];
  },
};

// no-public-port: a public entrance without TLS whose plain port is off.
import type { PlanRule } from "../plan-rule.ts";

export const noPublicPort: PlanRule = {
  code: "no-public-port",
  severity: "error",
  about: "a public entrance that opens no port",
  check({ plan, at }) {
    const wanted = plan.sites.some(({ hosts }) =>
      hosts.some(({ entrances }) => entrances.includes("public")),
    );
    if (!wanted || plan.listeners.some(({ entrance }) => entrance === "public")) return [];
    return [
      {
        what: "the public entrance has no port",
        why: "The plain port is off and there is no TLS: nothing listens, and nobody gets in from outside.",
        remedy: "Describe `public.tls`, or leave `plainHttp: off` out.",
        at: [at(["public", "plainHttp"]) ?? at(["public"], { key: true })],
      },
    ];
  },
};

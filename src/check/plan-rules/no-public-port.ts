// no-public-port: public entrance without a port.
import type { PlanRule } from "../rule.ts";

export const noPublicPort: PlanRule = {
  code: "no-public-port",
  severity: "error",
  check({ plan, at }) {
    const wanted = plan.sites.some(({ hosts }) =>
      hosts.some(({ entrances }) => entrances.includes("public")),
    );
    if (!wanted || plan.listeners.some(({ entrance }) => entrance === "public")) return [];
    return {
      what: "the public entrance has no port",
      why: "The plain port is off and there is no TLS: HAProxy listens on no public port, and every request from outside is refused.",
      remedy: "Describe `public.tls`, or remove `plainHttp: off`.",
      at: [at(["public", "plainHttp"]) ?? at(["public"], { key: true })],
    };
  },
};

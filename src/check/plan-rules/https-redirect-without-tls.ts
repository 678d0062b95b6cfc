// https-redirect-without-tls: redirect to HTTPS without an HTTPS listener.
import type { PlanRule } from "../rule.ts";

export const httpsRedirectWithoutTls: PlanRule = {
  code: "https-redirect-without-tls",
  severity: "error",
  check({ plan, at }) {
    const redirects = plan.listeners.find(({ httpsRedirect }) => httpsRedirect !== null);
    if (
      redirects === undefined ||
      plan.listeners.some(({ scheme, entrance }) => scheme === "https" && entrance === "public")
    )
      return [];
    return {
      what: "plain HTTP is redirected to HTTPS, which this edge does not serve",
      why: `Every request to port 80 is sent to port ${redirects.redirectPorts.https}, where this edge does not listen. If a load balancer that is not described terminates TLS, the request returns as plain HTTP, and the redirect loops.`,
      remedy:
        "Describe `public.tls` (with `terminatedAt: loadBalancer`, HAProxy knows that a client used HTTPS), or write `plainHttp: serve`.",
      at: [at(["public", "plainHttp"]) ?? redirects.at],
    };
  },
};

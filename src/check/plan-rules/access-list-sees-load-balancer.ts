// access-list-sees-load-balancer: access list compares the address of the load balancer.
import { restricts } from "../../plan/restrictions.ts";
import type { PlanRule } from "../rule.ts";
import { opensOwnConnections, serviceProvider } from "../service-provider.ts";
import { listOf } from "../wording.ts";

export const accessListSeesLoadBalancer: PlanRule = {
  code: "access-list-sees-load-balancer",
  severity: "error",
  check({ plan, at }) {
    // It opens its own connections: without PROXY HAProxy sees only its address.
    if (opensOwnConnections(plan) === undefined) return [];
    const version = serviceProvider(plan)?.proxy?.versions[0] ?? "v1";
    const blind = plan.listeners.find(
      ({ entrance, proxyProtocol }) => entrance === "public" && proxyProtocol.value === "none",
    );
    if (blind === undefined) return [];
    const routes = plan.sites
      .filter(({ hosts }) => hosts.some(({ entrances }) => entrances.includes("public")))
      .flatMap(({ routes: all }) => all)
      .filter(({ plainHttp }) => blind.httpsRedirect === null || plainHttp === "serve")
      .filter(({ allow, deny }) => restricts(allow) || deny.length > 0);
    const entrance = restricts(blind.allow);
    if (!entrance && routes.length === 0) return [];
    return {
      what: `${entrance ? "`public.allow`" : `the access list of ${listOf(routes.map(({ id }) => id))}`} compares the address of the load balancer`,
      why: `The load balancer sends no PROXY header to the ${blind.name} port, so every client has the address of the load balancer there: the list admits all clients or none.`,
      remedy: `Remove \`proxyProtocol\`, or write \`proxyProtocol: { ${blind.name}: ${version} }\`.`,
      at: [
        entrance ? at(["public", "allow"]) : routes[0]?.at,
        at(["public", "loadBalancer", "proxyProtocol"]),
      ],
    };
  },
};

// client-address-from-pods: access list on a client address that any pod can forge.
import { isDescribed } from "../../plan/described.ts";
import { restricts } from "../../plan/restrictions.ts";
import type { PlanRule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const clientAddressFromPods: PlanRule = {
  code: "client-address-from-pods",
  severity: "warning",
  check({ plan, at }) {
    const { sources } = plan.loadBalancer;
    const believed = plan.listeners.filter(({ client }) => client.value !== "connection");
    const closed = (plan.kubernetes.networkPolicy?.publicFrom.value.length ?? 0) > 0;
    if (believed.length === 0 || closed || isDescribed(sources)) return [];
    const routes = plan.sites
      .filter(({ hosts }) => hosts.some(({ entrances }) => entrances.includes("public")))
      .flatMap((site) => site.routes.filter(({ allow, deny }) => restricts(allow) || deny.length > 0));
    const entrance = believed.some(({ allow }) => restricts(allow));
    if (!entrance && routes.length === 0) return [];
    const header = believed.some(({ client }) => client.value === "proxy")
      ? "the PROXY header"
      : "X-Forwarded-For";
    return {
      what: `any pod of the cluster can bypass ${entrance ? "`public.allow`" : `the access list of ${listOf(routes.map(({ id }) => id))}`}`,
      why: `HAProxy trusts ${header} from all private networks, which include those of pods, and pods can reach the port: a pod can send an allowed address in the header.`,
      remedy: `Write the networks of the load balancer and the nodes, without those of pods, in \`public.loadBalancer\`: \`sources: [10.20.0.0/24, 10.20.1.0/24]\`. HAProxy and the NetworkPolicy then admit no other addresses. If pods have addresses of these networks too (AWS VPC CNI), give the nodes subnets of their own.`,
      at: [entrance ? at(["public", "allow"]) : routes[0]?.at, at(["public", "loadBalancer"])],
    };
  },
};

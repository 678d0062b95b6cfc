// unreachable-site: site on an entrance that the edge does not have.
import type { PlanRule } from "../rule.ts";

export const unreachableSite: PlanRule = {
  code: "unreachable-site",
  severity: "warning",
  check({ plan, at }) {
    const entrances = new Set(plan.listeners.map(({ entrance }) => entrance));
    const byPrefix = new Set(plan.listeners.map(({ internalHostSite }) => internalHostSite));
    return [...plan.sites.entries()].flatMap(([index, site]) => {
      const wanted = [...new Set(site.hosts.flatMap((host) => host.entrances))];
      // Without any port at all there is one cause for all sites: no-public-port.
      const missing = entrances.size > 0 && wanted.every((entrance) => !entrances.has(entrance));
      if (!missing || byPrefix.has(site.name)) return [];
      return {
        what: `no request reaches the site \`${site.name}\``,
        why: `The site is served only through the ${wanted.join(" and ")} entrance, which the edge does not have: the other entrance answers 404 for its hosts.`,
        remedy: `Describe \`${wanted[0] ?? "public"}\`, or remove \`through\`.`,
        at: [at(["sites", index, "through"]) ?? site.at],
      };
    });
  },
};

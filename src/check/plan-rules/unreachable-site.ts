// unreachable-site: site on an entrance that the edge does not have.
import type { PlanRule } from "../plan-rule.ts";

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
      return [
        {
          what: `nothing leads to the site \`${site.name}\``,
          why: `It is served through the ${wanted.join(" and ")} entrance alone, and no port of the edge belongs to it: its requests get 404 from the other one.`,
          remedy: `Describe \`${wanted[0] ?? "public"}\`, or leave \`through\` out.`,
          at: [at(["sites", index, "through"]) ?? site.at],
        },
      ];
    });
  },
};

// unused-backend: backend without a route.

import type { PlanRule } from "../rule.ts";

export const unusedBackend: PlanRule = {
  code: "unused-backend",
  severity: "warning",
  check({ plan, at }) {
    const used = new Set(
      plan.sites.flatMap(({ routes }) =>
        routes.flatMap(({ action }) =>
          action.kind === "forward" ? action.to.map(({ backend }) => backend) : [],
        ),
      ),
    );
    for (const { name, variantOf } of plan.backends)
      if (variantOf !== null && used.has(name)) used.add(variantOf);
    return plan.backends
      .filter(({ name, variantOf }) => variantOf === null && !used.has(name))
      .map((backend) => ({
        what: `no route uses the backend \`${backend.name}\``,
        why: "The backend gets no requests, and every HAProxy still checks its servers.",
        remedy: `Add a route with \`to: ${backend.name}\`, or remove the backend.`,
        at: [at(["backends", backend.name], { key: true }) ?? backend.at],
      }));
  },
};

// websocket-not-upgraded: WebSocket settings on a route that does not upgrade.
import type { RoutePlan } from "../../plan/site-plan.ts";
import type { CheckContext, PlanRule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const websocketNotUpgraded: PlanRule = {
  code: "websocket-not-upgraded",
  severity: "warning",
  check: (context) => [...onRoutes(context), ...onBackends(context)],
};

const WHY =
  "HAProxy removes Upgrade on a route without `websocket: true`: the backend gets a plain request, and no WebSocket opens.";
const REMEDY = "Write `websocket: true` on the route";

function onRoutes({ plan }: CheckContext): readonly RuleFinding[] {
  return plan.sites.flatMap(({ routes }) =>
    routes.filter(isPlain).flatMap((route) => {
      const sign = signOf(route);
      if (sign === undefined) return [];
      return {
        what: `the route \`${route.id}\` has ${sign}, and no \`websocket: true\``,
        why: WHY,
        remedy: `${REMEDY}, or remove ${sign}.`,
        at: [route.at],
      };
    }),
  );
}

/** Forwarded requests without a tunnel; CONNECT opens one too. */
function isPlain({ action, webSocket, match }: RoutePlan): boolean {
  return action.kind === "forward" && !webSocket && !match.methods.includes("CONNECT");
}

function signOf({ timeouts, match }: RoutePlan): string | undefined {
  const header = match.headers.find(({ name }) => name === "upgrade" || name.startsWith("sec-websocket-"));
  if (header !== undefined) return `a condition on \`${header.name}\``;
  return timeouts.tunnelMs === null ? undefined : "`timeouts.tunnel`";
}

/** A backend's own timeout applies to all its routes. */
function onBackends({ plan, at }: CheckContext): readonly RuleFinding[] {
  const forwarding = plan.sites.flatMap(({ routes }) =>
    routes.flatMap((route) => (route.action.kind === "forward" ? [{ route, to: route.action.to }] : [])),
  );
  const tunnels = new Set(
    forwarding.filter(({ route }) => !isPlain(route)).flatMap(({ to }) => to.map(({ backend }) => backend)),
  );
  return plan.backends
    .filter(
      ({ name, variantOf, timeouts }) =>
        timeouts.tunnelMs !== null && variantOf === null && !tunnels.has(name),
    )
    .flatMap(({ name }) => {
      const route = forwarding.find(({ to }) => to.some(({ backend }) => backend === name))?.route;
      if (route === undefined) return [];
      return {
        what: `the backend \`${name}\` has \`timeouts.tunnel\`, and no route to it has \`websocket: true\``,
        why: WHY,
        remedy: `${REMEDY}, or remove \`timeouts.tunnel\`.`,
        at: [at(["backends", name, "timeouts", "tunnel"]), noted(route.at, "a route to it")],
      };
    });
}

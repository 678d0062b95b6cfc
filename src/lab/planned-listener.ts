// Which listener of a plan a request reaches, according to the description.
import type { Through } from "../description/through.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { UrlParts } from "./send.ts";

export function listenerFor(plan: Plan, urlParts: UrlParts, through: Through): ListenerPlan | undefined {
  if (through === "internal") {
    return (
      plan.listeners.find(({ entrance }) => entrance === "internal") ??
      plan.listeners.find(({ internalHostPrefix }) => internalHostPrefix !== null)
    );
  }
  const port = plan.loadBalancer.ports.find(
    ({ listener, port: own }) => own.value === urlParts.port && listener !== "stats",
  );
  return plan.listeners.find(({ name, scheme }) => name === port?.listener && scheme === urlParts.scheme);
}

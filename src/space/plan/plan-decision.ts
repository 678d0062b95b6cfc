// What a plan does with requests: one decision for all requests that a route, or a rule before it, treats alike.
import { responseEdits } from "../../model/headers.ts";
import { describedName } from "../../plan/backend-plan.ts";
import { NO_EDITS } from "../../plan/header-edits.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { HeaderEdits, RoutePlan, Share, SitePlan } from "../../plan/site-plan.ts";
import { type Template, templateText } from "./template.ts";

/** As `decide` (model/decide.ts) makes it, without what depends on the single request. */
export interface PlanDecision {
  readonly listener: ListenerPlan | undefined;
  readonly site: SitePlan | undefined;
  /** Whose action it is, or whose access list or limit refuses; undefined: none. */
  readonly route: RoutePlan | undefined;
  readonly answer: PlanAnswer;
}

export type PlanAnswer =
  /** The connection ends at the load balancer, or no listener has it. */
  | { readonly kind: "refused" }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly location: Template | undefined;
      /** The body that the description has; undefined: HAProxy's own. */
      readonly body: string | undefined;
      readonly contentType: string | undefined;
    }
  | {
      readonly kind: "forward";
      /** Of the described backends, without shares of weight 0. */
      readonly to: readonly Share[];
      readonly path: Template;
      /** A handshake that stays one. */
      readonly upgraded: boolean;
    };

/** The status by one of the plan's rules, with the plan's error page. */
export function statusAnswer(plan: Plan, status: number, location?: Template): PlanAnswer {
  const page = plan.errorPages.find((one) => one.status === status)?.html;
  return { kind: "status", status, location, body: page, contentType: undefined };
}

export function sharesOf(plan: Plan, shares: readonly Share[]): readonly Share[] {
  return shares
    .filter(({ weight }) => weight > 0)
    .map(({ backend, weight }) => ({ backend: describedName(plan.backends, backend), weight }));
}

export function responseEditsOf(
  { listener, site, route }: PlanDecision,
  sender: "server" | "haproxy",
): HeaderEdits {
  if (listener === undefined) return NO_EDITS;
  return responseEdits(listener, site ?? null, route ?? null, sender);
}

/** `→ app`, `→ app (3) or api (1)`, `301 https://{host}{path}{query}`, `403`. */
export function answerText(answer: PlanAnswer): string {
  if (answer.kind === "refused") return "no answer";
  if (answer.kind === "status") {
    return answer.location === undefined
      ? String(answer.status)
      : `${answer.status} ${templateText(answer.location)}`;
  }
  const weights = answer.to.length > 1;
  const names = answer.to.map(({ backend, weight }) => (weights ? `${backend} (${weight})` : backend));
  return `→ ${names.join(" or ")}`;
}

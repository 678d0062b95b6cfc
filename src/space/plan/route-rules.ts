// The rules of a site's routes: which matches, what it refuses, and what it does.
import { originOf } from "../../model/decide.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { RouteAction, RoutePlan, SitePlan } from "../../plan/site-plan.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import type { Leaf, Rule } from "../program.ts";
import { type PlanAnswer, type PlanDecision, sharesOf, statusAnswer } from "./plan-decision.ts";
import { BODY_LENGTH, CLIENT, HOST } from "./plan-dimensions.ts";
import {
  beginning,
  type Conditions,
  exactly,
  handshake,
  routeCondition,
  textTest,
} from "./route-condition.ts";
import { locationTemplate, pathTemplate, type Template } from "./template.ts";

export interface RuleContext {
  readonly plan: Plan;
  readonly conditions: Conditions;
  readonly leaf: (decision: PlanDecision) => Leaf;
}

/** In order of precedence, one for each route that a request of this form can match. */
export function routeRules(
  context: RuleContext,
  listener: ListenerPlan,
  site: SitePlan,
  outcomeOf: (route: RoutePlan) => Rule["outcome"] = (route) => actionRules(context, listener, site, route),
): readonly Rule[] {
  return site.routes.flatMap((route) => {
    const when = routeCondition(context.conditions, listener, route.match);
    if (when === FALSE) return [];
    return [{ when, outcome: outcomeOf(route), at: route.at, text: `the route ${route.id}` }];
  });
}

/** Neither a Host nor a value in it. */
export function noHost(conditions: Conditions): Formula {
  const { formulas } = conditions;
  return formulas.or(
    formulas.not(textTest(conditions, HOST, { kind: "present" })),
    textTest(conditions, HOST, exactly("")),
  );
}

/** The order of `act` (model/decide.ts). */
export function actionRules(
  context: RuleContext,
  listener: ListenerPlan,
  site: SitePlan,
  route: RoutePlan,
): readonly Rule[] {
  const { plan, leaf, conditions } = context;
  const { formulas } = conditions;
  const rule = (when: Formula, answer: PlanAnswer, text: string): Rule => ({
    when,
    outcome: leaf({ listener, site, route, answer }),
    at: route.at,
    text,
  });
  const refused = (when: Formula, status: number, text: string) =>
    when === FALSE ? [] : [rule(when, statusAnswer(plan, status), text)];
  const from = (networks: readonly string[]) =>
    networks.length === 0
      ? FALSE
      : formulas.test({ on: CLIENT, test: { kind: "networks", networks, comparedBy: "haproxy" } });
  return [
    ...refused(from(route.deny), 403, `the route ${route.id} denies this client`),
    ...refused(
      route.allow.length === 0 ? FALSE : formulas.not(from(route.allow)),
      403,
      `the route ${route.id} does not allow this client`,
    ),
    ...bodyRules(context, route, refused),
    ...answers(context, listener, route).map(({ when, answer }) =>
      rule(when, answer, `the route ${route.id}`),
    ),
  ];
}

function bodyRules(
  { conditions: { formulas } }: RuleContext,
  { id, maxBody }: RoutePlan,
  refused: (when: Formula, status: number, text: string) => readonly Rule[],
): readonly Rule[] {
  if (maxBody === null) return [];
  const within = (to: number) => formulas.test({ on: BODY_LENGTH, test: { kind: "range", from: 0, to } });
  const unknown = formulas.not(within(BODY_LENGTH.to));
  return [
    ...refused(
      maxBody.unknownLength === "refuse" ? unknown : FALSE,
      411,
      `the route ${id} limits bodies, and the length is unknown`,
    ),
    ...refused(
      formulas.and(formulas.not(unknown), formulas.not(within(maxBody.bytes))),
      413,
      `the body is larger than the route ${id} allows`,
    ),
  ];
}

interface Answered {
  readonly when: Formula;
  readonly answer: PlanAnswer;
}

/** The last holds always. */
function answers(context: RuleContext, listener: ListenerPlan, route: RoutePlan): readonly Answered[] {
  const { action } = route;
  if (action.kind === "redirect") return redirects(context, listener, route, action);
  if (action.kind === "forward") return forwards(context, route, action);
  const { status, body, contentType } = action;
  return [{ when: TRUE, answer: { kind: "status", status, location: undefined, body, contentType } }];
}

function forwards(
  { plan, conditions }: RuleContext,
  route: RoutePlan,
  action: Extract<RouteAction, { readonly kind: "forward" }>,
): readonly Answered[] {
  const to = sharesOf(plan, action.to);
  const path = pathTemplate(route.rewrite.path, route, conditions.form !== "path");
  const forward = (when: Formula, upgraded: boolean): Answered => ({
    when,
    answer: { kind: "forward", to, path, upgraded },
  });
  return [...(route.webSocket ? [forward(handshake(conditions), true)] : []), forward(TRUE, false)];
}

function redirects(
  { plan, conditions }: RuleContext,
  listener: ListenerPlan,
  route: RoutePlan,
  { redirect }: Extract<RouteAction, { readonly kind: "redirect" }>,
): readonly Answered[] {
  const { scheme, host, path, port, status } = redirect;
  const written = scheme ?? listener.scheme;
  const named = scheme !== null || host !== null;
  const origin: Template = named
    ? originTemplate(written, host, port ?? listener.redirectPorts[written])
    : [];
  const location = locationTemplate(redirect, route, origin, conditions.form !== "path");
  const whole = redirect.location !== null;
  const needsHost = !whole && scheme !== null && host === null;
  const shortened = !whole && !named && path?.kind === "prefix" && path.value === "/";
  const refused = statusAnswer(plan, 400);
  return [
    ...(needsHost ? [{ when: noHost(conditions), answer: refused }] : []),
    ...(shortened ? [{ when: leadsElsewhere(conditions, route), answer: refused }] : []),
    { when: TRUE, answer: statusAnswer(plan, status, location) },
  ];
}

function originTemplate(scheme: "http" | "https", host: string | null, port: number): Template {
  const suffix = originOf(scheme, "", port).slice(`${scheme}://`.length);
  return [`${scheme}://`, host ?? { part: "host" }, suffix];
}

/** Without the prefix, the rest of the path would be `//host` or `/\host`: another host to a client. */
function leadsElsewhere(conditions: Conditions, { match }: RoutePlan): Formula {
  if (conditions.form !== "path") return FALSE;
  const front = match.path.value === "/" ? "" : match.path.value;
  const tests = ["/", "\\"].map((next) => beginning(`${front}/${next}`));
  return textTest(conditions, conditions.path, { kind: "any", tests });
}

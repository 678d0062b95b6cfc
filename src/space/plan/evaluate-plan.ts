// A plan as a program, with the semantics of model/decide.ts, for all requests at once.
import { AMBIGUOUS_PATTERN } from "../../plan/ambiguous-paths.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { RoutePlan, SiteHost, SitePlan } from "../../plan/site-plan.ts";
import type { TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import type { Leaf, Program, Rule } from "../program.ts";
import { type PlanAnswer, type PlanDecision, statusAnswer } from "./plan-decision.ts";
import {
  BEFORE_LOAD_BALANCER,
  CLIENT,
  FORM,
  HOST,
  LISTENER,
  pathDimension,
  type RequestForm,
} from "./plan-dimensions.ts";
import { planFacets } from "./plan-facets.ts";
import { beginning, exactly, pattern, textTest } from "./route-condition.ts";
import { actionRules, noHost, type RuleContext, routeRules } from "./route-rules.ts";

export interface PlanProgram extends Program {
  /** Of every leaf. */
  readonly decisionOf: (leaf: Leaf) => PlanDecision | undefined;
}

export interface EvaluateOptions {
  readonly formulas: Formulas;
  /** `normal` where either of two compared plans has paths in their normal form: other spellings are left to the facet `entrance`. */
  readonly paths: Plan["paths"];
}

/** Raw lines are not followed: they are `unexamined`. */
export function evaluatePlan(plan: Plan, { formulas, paths }: EvaluateOptions): PlanProgram {
  const decisions = new Map<Leaf, PlanDecision>();
  const context: RuleContext = {
    plan,
    conditions: { formulas, path: pathDimension(paths), form: "path" },
    leaf: (decision) => {
      const leaf = { key: String(decisions.size), text: "" };
      decisions.set(leaf, decision);
      return leaf;
    },
  };
  const rules: readonly Rule[] = [
    ...plan.listeners.map(
      (listener): Rule => ({
        when: formulas.test({ on: LISTENER, test: { kind: "one-of", values: [listener.name] } }),
        outcome: listenerRules(context, listener),
        at: listener.at,
        text: `the listener ${listener.name}`,
      }),
    ),
    refusal(context, TRUE, undefined, "no such listener"),
  ];
  const decisionOf = (leaf: Leaf) => decisions.get(leaf);
  return { facets: planFacets(plan, rules, decisionOf), unexamined: unexamined(plan), decisionOf };
}

/** Raw lines, once each: a variant of a backend has its lines, too. */
function unexamined({ rawGlobal, listeners, backends }: Plan): Program["unexamined"] {
  const lines = [rawGlobal, ...listeners.map(({ raw }) => raw), ...backends.map(({ raw }) => raw)].flat();
  return [...new Map(lines.map((line) => [line.at ?? line.text, line])).values()];
}

function refusal(
  context: RuleContext,
  when: Formula,
  listener: ListenerPlan | undefined,
  text: string,
): Rule {
  const decision = { listener, site: undefined, route: undefined, answer: { kind: "refused" } } as const;
  return { when, outcome: context.leaf(decision), at: undefined, text };
}

/** The order of `decideOn`. */
function listenerRules(context: RuleContext, listener: ListenerPlan): readonly Rule[] {
  const { plan, conditions, leaf } = context;
  const { formulas } = conditions;
  const formIs = (form: RequestForm) => formulas.test({ on: FORM, test: { kind: "one-of", values: [form] } });
  const answered = (form: RequestForm, answer: PlanAnswer, text: string): Rule => ({
    when: formIs(form),
    outcome: leaf({ listener, site: undefined, route: undefined, answer }),
    at: undefined,
    text,
  });
  const routed = (form: RuleContext["conditions"]["form"]) =>
    hostRules({ ...context, conditions: { ...conditions, form } }, listener);
  // HAProxy's own page: the request cannot be parsed.
  const unparsed = { kind: "status", status: 400, location: undefined, body: undefined } as const;
  return [
    refusal(
      context,
      refusedByLoadBalancer(context, listener),
      listener,
      "the load balancer refuses the client",
    ),
    answered(
      "invalid-host",
      { ...unparsed, contentType: undefined },
      "the Host is not a host name with an optional port",
    ),
    answered("overlong", statusAnswer(plan, 400), "the announced length of the body is impossible"),
    { when: formIs("asterisk"), outcome: routed("asterisk"), at: undefined, text: "OPTIONS *" },
    { when: formIs("connect"), outcome: routed("connect"), at: undefined, text: "CONNECT" },
    ...routed("path"),
  ];
}

/** As model/load-balancer-access.ts. */
function refusedByLoadBalancer({ plan, conditions }: RuleContext, listener: ListenerPlan): Formula {
  if (listener.entrance !== "public") return FALSE;
  const { formulas } = conditions;
  const on = listener.client.value === "connection" ? BEFORE_LOAD_BALANCER : CLIENT;
  const ranges = plan.loadBalancer.service?.sourceRanges.value ?? [];
  const cloud = plan.cloud === null || plan.cloud.internal ? undefined : plan.cloud.clients.value;
  const outside = (networks: readonly string[]) =>
    formulas.not(formulas.test({ on, test: { kind: "networks", networks, comparedBy: "cloud" } }));
  return formulas.or(
    ranges.length === 0 ? FALSE : outside(ranges),
    cloud === undefined ? FALSE : outside(cloud),
  );
}

/** Exact names first, then the longest wildcard, then the catch-all; before them the prefix of in-cluster clients. */
function hostRules(context: RuleContext, listener: ListenerPlan): readonly Rule[] {
  const { plan, conditions } = context;
  const { internalHostPrefix, internalHostSite, entrance } = listener;
  const ruled = new Map<SitePlan, readonly Rule[]>();
  const rulesOf = (site: SitePlan) => {
    const known = ruled.get(site) ?? siteRules(context, listener, site, listener.httpsRedirect);
    ruled.set(site, known);
    return known;
  };
  const none = noSiteRules(context, listener);
  const internal = plan.sites.find(({ name }) => name === internalHostSite);
  const places = plan.sites.flatMap((site) =>
    site.hosts.filter(({ entrances }) => entrances.includes(entrance)).map((host) => ({ site, host })),
  );
  const ordered = places
    .map((place, index) => ({ ...place, index }))
    .sort((a, b) => rankOf(b.host) - rankOf(a.host) || a.index - b.index);
  const rule = (when: Formula, outcome: readonly Rule[], site: SitePlan | undefined, text: string): Rule => ({
    when,
    outcome,
    at: site?.at,
    text,
  });
  return [
    ...(internalHostPrefix === null
      ? []
      : [
          rule(
            textTest(conditions, HOST, beginning(internalHostPrefix)),
            internal === undefined ? none : siteRules(context, listener, internal, null),
            internal,
            "internal clients on the public port",
          ),
        ]),
    ...ordered.map(({ site, host }) =>
      rule(hostCondition(context, host), rulesOf(site), site, `the site ${site.name}`),
    ),
    rule(TRUE, none, undefined, "no site has this host"),
  ];
}

/** Infinity as a large number, so that ranks can be subtracted. */
function rankOf({ kind, name }: SiteHost): number {
  if (kind === "any") return 0;
  return kind === "exact" ? Number.MAX_SAFE_INTEGER : name.length;
}

function hostCondition({ conditions }: RuleContext, { kind, name }: SiteHost): Formula {
  if (kind === "any") return TRUE;
  if (kind === "exact") return textTest(conditions, HOST, exactly(name));
  return textTest(conditions, HOST, { kind: "suffix", value: `.${name}`, ignoreCase: false });
}

function noSiteRules(context: RuleContext, listener: ListenerPlan): readonly Rule[] {
  const { plan, conditions, leaf } = context;
  const answered = (when: Formula, status: number, at: Rule["at"], text: string): Rule => {
    const answer = statusAnswer(plan, status);
    return { when, outcome: leaf({ listener, site: undefined, route: undefined, answer }), at, text };
  };
  if (conditions.form === "connect") return [answered(TRUE, 405, undefined, NO_TUNNEL)];
  return [
    answered(notAllowed(context, listener.allow), 403, listener.at, NOT_ALLOWED),
    answered(TRUE, 404, undefined, "no site has this host"),
  ];
}

const AMBIGUOUS: TextTest = {
  ...pattern(AMBIGUOUS_PATTERN),
  ignoreCase: true,
  label: "ambiguous paths",
};
const NO_TUNNEL = "no route allows CONNECT";
const NOT_ALLOWED = "the entrance does not allow this client";

function notAllowed({ conditions: { formulas } }: RuleContext, networks: readonly string[]): Formula {
  if (networks.length === 0) return FALSE;
  return formulas.not(
    formulas.test({ on: CLIENT, test: { kind: "networks", networks, comparedBy: "haproxy" } }),
  );
}

/** The order of `decideRead`. */
function siteRules(
  context: RuleContext,
  listener: ListenerPlan,
  site: SitePlan,
  httpsRedirect: ListenerPlan["httpsRedirect"],
): readonly Rule[] {
  const { plan, conditions, leaf } = context;
  const answered = (when: Formula, status: number, at: Rule["at"], text: string): Rule => {
    const answer = statusAnswer(plan, status);
    return { when, outcome: leaf({ listener, site, route: undefined, answer }), at, text };
  };
  const refused = answered(notAllowed(context, listener.allow), 403, listener.at, NOT_ALLOWED);
  const toHttps =
    httpsRedirect === null || site.skipsHttpsRedirect
      ? undefined
      : httpsRules(context, listener, site, httpsRedirect);
  const actionOf = (route: RoutePlan) =>
    route.plainHttp === "serve" || toHttps === undefined
      ? actionRules(context, listener, site, route)
      : toHttps;
  if (conditions.form === "connect") {
    const noTunnel = answered(TRUE, 405, undefined, NO_TUNNEL);
    return [
      ...tunnelRules(context, listener, site, (route) => [refused, ...actionOf(route)], noTunnel),
      noTunnel,
    ];
  }
  const ambiguous = site.ambiguousPaths.value === "refuse" && conditions.form === "path";
  return [
    ...(ambiguous
      ? [
          answered(
            textTest(conditions, conditions.path, AMBIGUOUS),
            400,
            site.ambiguousPaths.at ?? site.at,
            "the site refuses ambiguous paths",
          ),
        ]
      : []),
    refused,
    ...(toHttps === undefined || site.routes.some(({ plainHttp }) => plainHttp === "serve")
      ? routeRules(context, listener, site, actionOf)
      : []),
    ...(toHttps ?? [answered(TRUE, 404, site.at, "no route of the site matches")]),
  ];
}

/** CONNECT is refused before anything else unless the route that matches allows it. */
function tunnelRules(
  context: RuleContext,
  listener: ListenerPlan,
  site: SitePlan,
  rulesOf: (route: RoutePlan) => readonly Rule[],
  noTunnel: Rule,
): readonly Rule[] {
  if (!site.routes.some(({ match }) => match.methods.includes("CONNECT"))) return [];
  return routeRules(context, listener, site, (route) =>
    route.match.methods.includes("CONNECT") ? rulesOf(route) : noTunnel.outcome,
  );
}

function httpsRules(
  context: RuleContext,
  listener: ListenerPlan,
  site: SitePlan,
  { status }: NonNullable<ListenerPlan["httpsRedirect"]>,
): readonly Rule[] {
  const { plan, conditions, leaf } = context;
  const port = listener.redirectPorts.https;
  const location = [
    "https://",
    { part: "host" },
    port === 443 ? "" : `:${port}`,
    { part: "path" },
    { part: "query" },
  ] as const;
  const decided = (status: number, to?: typeof location) =>
    leaf({ listener, site, route: undefined, answer: statusAnswer(plan, status, to) });
  return [
    {
      when: noHost(conditions),
      outcome: decided(400),
      at: undefined,
      text: "the location contains the Host",
    },
    {
      when: TRUE,
      outcome: decided(status, location),
      at: site.at,
      text: "plain HTTP redirects to HTTPS",
    },
  ];
}

// Redirect loops of a plan.
import { hostOf } from "../../model/decide.ts";
import { readTarget } from "../../model/request-target.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { Formulas, TRUE } from "../formula.ts";
import { QUERY } from "../haproxy/request-dimensions.ts";
import { constant, constantText, joined, type Part, source } from "../haproxy/value.ts";
import type { Leaf } from "../program.ts";
import type { QueryListener } from "../query.ts";
import {
  type ConditionalTarget,
  findRedirectLoops,
  type RedirectLoop,
  type RedirectSpace,
} from "../redirects/redirect-loops.ts";
import {
  listenersByScheme,
  type RedirectTarget,
  redirectTarget,
  type Unfollowed,
} from "../redirects/redirect-target.ts";
import { urlOfWitness } from "../witness.ts";
import { evaluatePlan } from "./evaluate-plan.ts";
import { locateWitness, queryValue } from "./locate-request.ts";
import type { PlanDecision } from "./plan-decision.ts";
import { FORM, HOST, LISTENER, METHOD, pathDimension, UPGRADE_HEADERS } from "./plan-dimensions.ts";
import { planQueryDimensions } from "./plan-query.ts";
import { beginning, type Conditions, exactly, textTest } from "./route-condition.ts";
import type { Template, TemplatePart } from "./template.ts";

export interface PlanRedirectLoop extends Omit<RedirectLoop, "steps"> {
  readonly steps: readonly {
    readonly url: string;
    /** undefined: plain HTTP redirects to HTTPS. */
    readonly route: RoutePlan | undefined;
  }[];
}

export interface PlanRedirectLoops {
  readonly loops: readonly PlanRedirectLoop[];
  /** There may be more. */
  readonly isIncomplete: boolean;
}

export function planRedirectLoops(plan: Plan): PlanRedirectLoops {
  if (!plan.sites.some(({ routes }) => routes.some(({ action }) => action.kind === "redirect")))
    return { loops: [], isIncomplete: false };
  const formulas = new Formulas();
  const program = evaluatePlan(plan, { formulas, paths: plan.paths });
  const { listeners } = planQueryDimensions(plan);
  const conditions: Conditions = { formulas, path: pathDimension(plan.paths), form: "path" };
  const targets = new PlanTargets(plan, conditions, listeners);
  const space: RedirectSpace = {
    ...{ program, listeners, formulas, listener: LISTENER, method: METHOD },
    targets: (leaf, listener) => targets.of(locationOf(program.decisionOf(leaf)), listener),
    // A wildcard or a catch-all may redirect to another server.
    isOwn: exactHosts(plan),
    asked: () => formulas.test({ on: UPGRADE_HEADERS, test: { kind: "one-of", values: ["none"] } }),
    isSkipped: ({ when }) => when.kind === "test" && when.test.on.id === FORM.id,
    locate: (witness) => locateWitness(plan, witness),
    urlOf: urlOfWitness,
    parameterIn: (query, name) => {
      const value = queryValue(query, name);
      return value === undefined ? undefined : String(value);
    },
  };
  const { loops, isIncomplete } = findRedirectLoops(space);
  const routeOf = (leaf: Leaf) => program.decisionOf(leaf)?.route;
  return {
    loops: loops.map(({ steps, ...loop }) => ({
      ...loop,
      steps: steps.map(({ url, leaf }) => ({ url, route: routeOf(leaf) })),
    })),
    isIncomplete,
  };
}

function locationOf(decision: PlanDecision | undefined): Template | undefined {
  return decision?.answer.kind === "status" ? decision.answer.location : undefined;
}

function exactHosts({ sites }: Plan): (host: string, listener: QueryListener) => boolean {
  const named = new Set(
    sites.flatMap(({ hosts }) =>
      hosts.flatMap(({ kind, name, entrances }) =>
        kind === "exact" ? entrances.map((entrance) => `${entrance} ${name}`) : [],
      ),
    ),
  );
  return (host, { entrance }) => named.has(`${entrance} ${host}`);
}

class PlanTargets {
  readonly #plan: Plan;
  readonly #conditions: Conditions;
  readonly #byScheme: ReturnType<typeof listenersByScheme>;

  constructor(plan: Plan, conditions: Conditions, listeners: readonly QueryListener[]) {
    this.#plan = plan;
    this.#conditions = conditions;
    this.#byScheme = listenersByScheme(listeners);
  }

  of(location: Template | undefined, listener: QueryListener): readonly ConditionalTarget[] {
    return this.#cases(location ?? []).map(({ when, parts }) => {
      const found = redirectTarget(parts, listener, this.#byScheme, { host: HOST, hostPort: undefined });
      return { when, target: typeof found === "string" ? found : this.#normal(found) };
    });
  }

  /** A path of which a prefix is replaced is the prefix alone, or goes on with a slash. */
  #cases(
    template: Template,
  ): readonly { readonly when: ConditionalTarget["when"]; readonly parts: readonly Part[] }[] {
    const replaced = template.find((part) => typeof part === "object" && part.part === "replaced");
    if (typeof replaced !== "object" || replaced.part !== "replaced")
      return [{ when: TRUE, parts: this.#written(template, []) }];
    const { prefix, by } = replaced;
    const front = by.replace(/\/$/, "");
    const path = source(this.#conditions.path).parts;
    if (prefix === "/")
      return [{ when: TRUE, parts: this.#written(template, joined(constant(front).parts, path)) }];
    const rest: Part = {
      kind: "source",
      on: this.#conditions.path,
      through: [{ kind: "after", front: prefix }],
    };
    return [
      {
        when: textTest(this.#conditions, this.#conditions.path, exactly(prefix)),
        parts: this.#written(template, constant(front === "" ? "/" : front).parts),
      },
      {
        when: textTest(this.#conditions, this.#conditions.path, beginning(`${prefix}/`)),
        parts: this.#written(template, front === "" ? [rest] : joined(constant(front).parts, [rest])),
      },
    ];
  }

  /** `path`: what replaces the replaced path. */
  #written(template: Template, path: readonly Part[]): readonly Part[] {
    const written = (part: TemplatePart): readonly Part[] => {
      if (typeof part === "string") return constant(part).parts;
      if (part.part === "host") return source(HOST).parts;
      if (part.part === "path") return source(this.#conditions.path).parts;
      return part.part === "replaced" ? path : joined(constant("?").parts, source(QUERY).parts);
    };
    return joined(...template.map(written));
  }

  /** As HAProxy reads the next request. */
  #normal(target: RedirectTarget): RedirectTarget | Unfollowed {
    const host = constantText(target.host);
    const read = host === undefined ? target.host : constant(hostOf([["Host", host]]) ?? "").parts;
    const path = normalPath(target.path, this.#plan.paths);
    return typeof path === "string" ? path : { ...target, host: read, path };
  }
}

function normalPath(path: readonly Part[], paths: Plan["paths"]): readonly Part[] | Unfollowed {
  const [first] = path;
  if (first?.kind !== "constant") return path;
  const isWhole = path.length === 1;
  const written = isWhole ? first.text : `${first.text}/x`;
  const read = readTarget(written, paths);
  // The edge refuses it.
  if ("problem" in read) return "elsewhere";
  if (isWhole) return constant(read.path).parts;
  return read.path === written ? path : "unknown";
}

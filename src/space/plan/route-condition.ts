// The condition of a route, as match-route.ts reads it.

import { patternOf } from "../../model/pattern.ts";
import { UPGRADE } from "../../model/upgrade.ts";
import { asPcre, NO_LINES } from "../../plan/pcre.ts";
import type { ListenerPlan } from "../../plan/plan.ts";
import { isRemovedHeader } from "../../plan/proxy-headers.ts";
import type { PathMatch, RouteMatch, ValueMatch } from "../../plan/site-plan.ts";
import type { TextDimension, TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import {
  BODY_LENGTH,
  dependentHeader,
  headerDimension,
  METHOD,
  NO_VALUE,
  queryDimension,
  UPGRADE_HEADERS,
} from "./plan-dimensions.ts";

/** For requests of one form. */
export interface Conditions {
  readonly formulas: Formulas;
  readonly path: TextDimension;
  readonly form: "path" | "asterisk" | "connect";
}

export function routeCondition(
  conditions: Conditions,
  listener: Pick<ListenerPlan, "trustedHeaders">,
  { path, methods, headers, query }: RouteMatch,
): Formula {
  return conditions.formulas.and(
    pathCondition(conditions, path),
    methodCondition(conditions, methods),
    ...headers.map((header) => headerCondition(conditions, listener, header)),
    ...query.map((parameter) => queryCondition(conditions, parameter)),
  );
}

export function textTest({ formulas }: Conditions, on: TextDimension, test: TextTest): Formula {
  return formulas.test({ on, test });
}

export function exactly(value: string): TextTest {
  return { kind: "exact", value, ignoreCase: false };
}

export function beginning(value: string): TextTest {
  return { kind: "prefix", value, ignoreCase: false };
}

export function pattern(source: string): Extract<TextTest, { readonly kind: "pattern" }> {
  return { kind: "pattern", source: `${NO_LINES}${asPcre(source)}`, ignoreCase: false };
}

/** A GET without a body, whose headers are those of a WebSocket handshake. */
export function handshake({ formulas, form }: Conditions): Formula {
  if (form !== "path") return FALSE;
  return formulas.and(
    formulas.test({ on: UPGRADE_HEADERS, test: { kind: "one-of", values: ["websocket"] } }),
    formulas.test({ on: METHOD, test: { kind: "one-of", values: ["GET"] } }),
    formulas.test({ on: BODY_LENGTH, test: { kind: "range", from: 0, to: 0 } }),
  );
}

/** `OPTIONS *` and CONNECT have no path: they belong to the prefix `/` alone. */
function pathCondition(conditions: Conditions, { kind, value }: PathMatch): Formula {
  if (kind === "prefix" && value === "/") return TRUE;
  if (conditions.form !== "path") return FALSE;
  if (kind === "exact") return textTest(conditions, conditions.path, exactly(value));
  if (kind === "regex") return textTest(conditions, conditions.path, pattern(value));
  const tests = [exactly(value), beginning(`${value}/`)];
  return textTest(conditions, conditions.path, { kind: "any", tests });
}

function methodCondition({ formulas, form }: Conditions, methods: readonly string[]): Formula {
  if (methods.length === 0) return TRUE;
  if (form === "asterisk") return methods.includes("OPTIONS") ? TRUE : FALSE;
  if (form === "connect") return methods.includes("CONNECT") ? TRUE : FALSE;
  const values = methods.filter((method) => method !== "CONNECT");
  return values.length === 0 ? FALSE : formulas.test({ on: METHOD, test: { kind: "one-of", values } });
}

function headerCondition(
  conditions: Conditions,
  listener: Pick<ListenerPlan, "trustedHeaders">,
  header: ValueMatch,
): Formula {
  const { name, kind, value } = header;
  if (name === "upgrade") return upgradeMatches(header) ? handshake(conditions) : FALSE;
  if (isRemovedHeader(name) && !listener.trustedHeaders.includes(name)) return FALSE;
  const dependent = dependentHeader(name, kind === "present" ? "present" : `${kind} ${value}`);
  if (dependent !== undefined) return conditions.formulas.test({ on: dependent, test: { kind: "holds" } });
  return textTest(conditions, headerDimension(name), valueTest(header));
}

/** Routes see the header of a handshake only, in one spelling. */
function upgradeMatches({ kind, value }: ValueMatch): boolean {
  if (kind === "present") return true;
  return kind === "exact" ? value === UPGRADE[1] : patternOf(value).test(UPGRADE[1]);
}

function queryCondition(conditions: Conditions, parameter: ValueMatch): Formula {
  if (conditions.form !== "path") return FALSE;
  const dimension = queryDimension(parameter.name);
  const matches = textTest(conditions, dimension, valueTest(parameter));
  if (parameter.kind !== "regex") return matches;
  const { formulas } = conditions;
  return formulas.and(matches, formulas.not(textTest(conditions, dimension, exactly(NO_VALUE))));
}

function valueTest({ kind, value }: ValueMatch): TextTest {
  if (kind === "present") return { kind: "present" };
  return kind === "regex" ? pattern(value) : exactly(Buffer.from(value).toString("latin1"));
}

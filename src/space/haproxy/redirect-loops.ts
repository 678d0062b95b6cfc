// Redirect loops of a haproxy.cfg.
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import type { Leaf, LocationPart, Program } from "../program.ts";
import type { QueryListener } from "../query.ts";
import { hostsIn } from "../redirects/answer-places.ts";
import { findRedirectLoops, type RedirectLoops, type RedirectSpace } from "../redirects/redirect-loops.ts";
import {
  listenersByScheme,
  type RedirectTarget,
  redirectTarget,
  type Unfollowed,
} from "../redirects/redirect-target.ts";
import { USUAL_PORTS, urlOfWitness, type Witness } from "../witness.ts";
import { locateWitness } from "./locate-request.ts";
import { HOST, HOST_PORT, listenerDimension, METHOD, PATH, QUERY } from "./request-dimensions.ts";
import { constant, joined, type Part, source } from "./value.ts";

export function haproxyRedirectLoops(
  program: Program,
  listeners: readonly QueryListener[],
  formulas: Formulas,
): RedirectLoops {
  const byScheme = listenersByScheme(listeners);
  const isNamed = hostsIn(program);
  const targetOf = ({ answer }: Leaf, listener: QueryListener): RedirectTarget | Unfollowed => {
    const location = answer?.kind === "own" ? partsOf(answer.location ?? []) : undefined;
    if (location === undefined) return "unknown";
    return redirectTarget(location, listener, byScheme, { host: HOST, hostPort: HOST_PORT });
  };
  const space: RedirectSpace = {
    ...{ program, listeners, formulas, method: METHOD, locate: locateWitness, urlOf, parameterIn },
    listener: listenerDimension([...new Set(listeners.map(({ name }) => name))]),
    targets: (leaf, listener) => [{ when: TRUE, target: targetOf(leaf, listener) }],
    // A host that no condition names may be served by another edge.
    isOwn: isNamed,
    asked: (listener, target) => portAsked(formulas, listener, target),
    isSkipped: () => false,
  };
  return findRedirectLoops(space);
}

const SOURCES = new Map([HOST, HOST_PORT, PATH, QUERY, METHOD].map((on) => [on.id, source(on).parts]));

/** undefined: not followed. */
function partsOf(location: readonly LocationPart[]): readonly Part[] | undefined {
  const parts = location.map((part) =>
    typeof part === "string" ? constant(part).parts : SOURCES.get(part.from),
  );
  return parts.includes(undefined) ? undefined : joined(...parts.flatMap((one) => (one ? [one] : [])));
}

/** A client names a port only where the port is not the usual one of the scheme. */
function portAsked(
  formulas: Formulas,
  { scheme, port: own }: QueryListener,
  { isAbsolute, port }: RedirectTarget,
): Formula {
  const on = HOST_PORT;
  const isUsual = own === undefined || own === USUAL_PORTS[scheme] || (isAbsolute && port === undefined);
  const value = String(own);
  return formulas.or(
    formulas.not(formulas.test({ on, test: { kind: "present" } })),
    isUsual ? FALSE : formulas.test({ on, test: { kind: "exact", value, ignoreCase: false } }),
  );
}

/** The value behind `name=`. */
function parameterIn(query: string, name: string): string | undefined {
  const found = query.split("&").find((one) => one.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function urlOf(witness: Witness, { scheme, port }: QueryListener): string {
  const [, own] = /:(\d+)$/.exec(witness.host ?? "") ?? [];
  return urlOfWitness(witness, { scheme, port: own === undefined ? undefined : port });
}

// The full definition of an unknown: unknowns with equal definitions have equal values for the same request.
import { keyOfChoice } from "./choice.ts";
import { digestOf } from "./digest.ts";
import type { Scope } from "./scope.ts";
import { COUNTERS, dependsOnSideEffects } from "./side-effects.ts";
import { textsOf } from "./texts-of.ts";
import { showScalar } from "./value.ts";

/** The result of counters and Lua depends on other lines. */
export function definition(scope: Scope, written: string): string {
  const { world, proxy } = scope;
  const parts = [written];
  if (OF_MESSAGE.test(written)) parts.push(messageKey(scope));
  // Each value is new.
  if (/(?:^|[,(])(?:rand|uuid)\b/.test(written)) parts.push(`#${world.times.next()}`);
  if (COUNTERS.test(written)) parts.push(world.counters, `#${world.times.tracked}`);
  if (/\bcapture\./.test(written)) parts.push(scope.store.changes.get(CAPTURES) ?? "");
  if (dependsOnSideEffects(scope, written)) parts.push(world.rulesKey(), `#${world.times.next()}`);
  if (/lua\.|var\(/.test(written)) parts.push(world.extensions);
  for (const [unknowns, lines] of REFERS)
    if (unknowns.test(written)) parts.push(textsOf(world.config, lines));
  // `strcmp(txn.a)`, `concat(-,txn.a)`: converters read variables.
  for (const [name] of written.matchAll(VARIABLES)) {
    if (world.setByConverters.has(name)) parts.push(world.rulesKey(), `#${world.times.next()}`);
    else if (/^(?:sess|proc)/.test(name) && world.maySet(name)) parts.push(world.rulesKey());
    const value = scope.store.variables.get(name);
    if (value !== undefined) parts.push(digestOf(keyOfChoice(scope.formulas, value, showScalar)));
  }
  if (/^(?:be_|nbsrv|srv_|avg_queue|connslots|queue|fe_)/.test(written)) parts.push(proxy.name);
  return parts.join("\0");
}

/** A variable with its scope, as the argument of a converter (manual 2.8). */
export const VARIABLE_NAME = "(?:check|proc|req|res|sess|txn)\\.[\\w.]+";

/** Of `store.changes`. */
export const CAPTURES = "captures";

/** Not those that `set-var` sets: it leaves the value. */
const VARIABLES = new RegExp(`(?<!set-var\\()\\b${VARIABLE_NAME}`, "g");

/** What unknowns refer to: the lines of the configuration that decide their values. */
const REFERS: readonly (readonly [unknowns: RegExp, lines: RegExp])[] = [
  [/http_auth/, /^(?:userlist|group|user) /],
  [/\bcapture\./, /^(?:declare )?capture |^(?:tcp-request content|http-request|http-response) capture /],
  [/\breq[._](?:body|len|payload)/, /^option http-buffer-request|wait-for-body/],
  [/(?:fe|be|srv|so)_id\b/, /^id |^(?:bind|server) .*\bid /],
];

/** Reads something that rules can change. */
const OF_MESSAGE =
  /^(?:base|cook|hdr|http_auth|lua\.|method|path|query|req[._]|res\.|scook|send-spoe|shdr|src|unique-id|url)/;

/** The message after the rules have changed it. */
export function messageKey({ store, formulas }: Scope): string {
  const { path, query, method, client, response } = store;
  const values = [path, query, method, client, ...(response ? [response.status] : [])];
  const ofHeaders = [store, ...(response ? [response] : [])].flatMap(({ headers }) =>
    [...headers].map(
      ([name, lines]) => `${name} ${keyOfChoice(formulas, lines, (line) => JSON.stringify(line))}`,
    ),
  );
  return [...values.map((value) => keyOfChoice(formulas, value, showScalar)), ...ofHeaders.sort()].join("\0");
}

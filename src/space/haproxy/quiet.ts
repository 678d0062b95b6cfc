// Values of HAProxy's state without load: counters are 0, tables have no entries, no request waits, all servers are up.
import { FALSE, TRUE } from "../formula.ts";
import { one } from "./choice.ts";
import { fixed } from "./header-lines.ts";
import type { Scope } from "./scope.ts";
import { booleanOf, type Value } from "./value.ts";

/** The value of a fetch or converter; undefined: it does not depend on HAProxy's state, or this state is not assumed. */
export function quietValue(
  { world: { quiet, wiring }, formulas }: Scope,
  name: string,
  [backend = ""]: readonly string[],
): Value | undefined {
  if (!quiet) return undefined;
  if (name === "srv_is_up") return one(booleanOf(formulas, TRUE));
  if (name === "stopping" || name === "in_table") return one(booleanOf(formulas, FALSE));
  if (name === "nbsrv") {
    const found = wiring.proxies.find((proxy) => proxy.name === backend && proxy.kind !== "frontend");
    return found && one(fixed(found.servers.length));
  }
  return COUNTER.test(name) && !CHANGES.test(name) ? one(fixed(0)) : undefined;
}

const COUNTER =
  /^(?:sc\d?_|src_(?:bytes|conn|get|gpc|gpt|http|kbytes|sess|tracked)|table_(?!name|size|avl)|avg_queue$|queue$|(?:be|fe|srv)_(?:conn|sess_rate|req_rate|queue)$)/;
/** A counter goes up, or has been cleared. */
const CHANGES = /_(?:inc|clr|updt)_/;

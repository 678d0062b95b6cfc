// Whether HAProxy reads a PROXY header on a bind: `accept-proxy`, or a rule for some or all clients.
import type { Position } from "../../findings/finding.ts";
import type { Condition } from "../../wiring/haproxy/condition.ts";
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { linesOf } from "./haproxy-view.ts";

export interface ProxyExpectation {
  /** `always`: from every accepted client. `sometimes`: it depends on the client. */
  readonly when: "always" | "never" | "sometimes";
  /** The word or line that decides it; the bind if there is none. */
  readonly at: Position;
}

export function expectationOf(proxy: HaproxyProxy, bind: HaproxyBind): ProxyExpectation {
  if (bind.acceptProxy) return { when: "always", at: bind.address.at };
  const rules = [...(proxy.parent?.expectProxy ?? []), ...proxy.expectProxy];
  const [first] = rules;
  if (first === undefined) return { when: "never", at: bind.address.at };
  const sure = rules.find(({ condition }) => condition === undefined || othersAreRejected(proxy, condition));
  return { when: sure === undefined ? "sometimes" : "always", at: (sure ?? first).at };
}

/** `tcp-request connection reject if !X` with `expect-proxy if X`: every accepted client must send a header. */
function othersAreRejected(proxy: HaproxyProxy, required: Condition): boolean {
  const lines = linesOf(proxy.section, "tcp-request", "connection", "reject");
  return lines.some((line) => {
    const condition = readCondition(line);
    return condition !== undefined && opposite(condition) === plain(required);
  });
}

/** One ACL alone; undefined: more than that. */
function plain({ keyword, text, terms }: Condition): string | undefined {
  const [term] = terms;
  if (terms.length !== 1 || term?.name === undefined) return undefined;
  return term.negated === (keyword === "if")
    ? `!${text.replace(/^[!\s]+/, "")}`
    : text.replace(/^[!\s]+/, "");
}

function opposite(condition: Condition): string | undefined {
  const text = plain(condition);
  if (text === undefined) return undefined;
  return text.startsWith("!") ? text.slice(1) : `!${text}`;
}

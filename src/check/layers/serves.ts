// Whether a frontend serves clients, or only shows figures, redirects or refuses.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { linesOf, passesOn } from "./haproxy-view.ts";

/** Some request reaches a backend. */
export function servesClients(proxy: HaproxyProxy): boolean {
  const ends = [
    ...linesOf(proxy.section, "http-request", "redirect"),
    ...linesOf(proxy.section, "http-request", "return"),
    ...linesOf(proxy.section, "http-request", "deny"),
    ...linesOf(proxy.section, "redirect"),
  ];
  return passesOn(proxy) && !ends.some((line) => readCondition(line) === undefined);
}

/** Figures alone: a stats page or metrics, and no backend. */
export function showsFiguresAlone(proxy: HaproxyProxy): boolean {
  return (proxy.stats !== undefined || proxy.prometheus.length > 0) && !passesOn(proxy);
}

// Whether a frontend serves clients, or only shows figures, redirects or refuses.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { linesOf } from "./haproxy-view.ts";

/** Some request reaches a backend. */
export function servesClients(proxy: HaproxyProxy): boolean {
  const leads =
    proxy.defaultBackend !== undefined || proxy.useBackends.length > 0 || proxy.servers.length > 0;
  const ends = [
    ...linesOf(proxy.section, "http-request", "redirect"),
    ...linesOf(proxy.section, "http-request", "return"),
    ...linesOf(proxy.section, "http-request", "deny"),
    ...linesOf(proxy.section, "redirect"),
  ];
  return leads && !ends.some((line) => readCondition(line) === undefined);
}

/** Figures alone: a stats page or metrics, and no backend. */
export function showsFiguresAlone(proxy: HaproxyProxy): boolean {
  return (
    (proxy.stats !== undefined || proxy.prometheus.length > 0) &&
    proxy.defaultBackend === undefined &&
    proxy.useBackends.length === 0 &&
    proxy.servers.length === 0
  );
}

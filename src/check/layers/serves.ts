// Whether requests to a frontend reach a server, or HAProxy itself responds to all of them.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { actionOf, ENDINGS } from "./actions.ts";
import { linesFor, linesOf, type PlacedProxy } from "./haproxy-view.ts";

/** Some request reaches a server. A backend whose name is made from the request, or that no file has, may have one. */
export function servesClients({ layer, proxy }: PlacedProxy): boolean {
  if (answersAll(proxy)) return false;
  if (hasServers(proxy)) return true;
  const targets = [proxy.defaultBackend?.value ?? [], proxy.useBackends.map(({ name }) => name)].flat();
  return targets.some((target) => {
    const backend = layer.wiring.proxies.find(({ kind, name }) => kind !== "frontend" && name === target);
    return backend === undefined || forwards(backend);
  });
}

/** Whether a backend passes any request on to a server. */
export function forwards(backend: HaproxyProxy): boolean {
  return hasServers(backend) && !answersAll(backend);
}

/** Statistics alone: a stats page or metrics, and no server behind. */
export function servesStatsOnly(placed: PlacedProxy): boolean {
  const { stats, prometheus } = placed.proxy;
  return (stats !== undefined || prometheus.length > 0) && !servesClients(placed);
}

/** `dispatch`, `option transparent` and `option http_proxy` forward without a `server` line. */
function hasServers({ servers, options, section }: HaproxyProxy): boolean {
  return (
    servers.length > 0 ||
    options.has("transparent") ||
    options.has("http_proxy") ||
    linesOf(section, "dispatch").length > 0 ||
    linesOf(section, "transparent").length > 0
  );
}

/** A rule without a condition ends every request, and no `http-request allow` lets some pass before it. */
function answersAll(proxy: HaproxyProxy): boolean {
  if (linesFor(proxy, "http-request", "allow").length > 0) return false;
  return linesFor(proxy).some((line) => endsRequest(line) && isForAll(line));
}

function endsRequest(line: HaproxyLine): boolean {
  return !line.conditional && [...ENDINGS, "use-service"].includes(actionOf(line) ?? "");
}

function isForAll(line: HaproxyLine): boolean {
  const condition = readCondition(line);
  return condition === undefined || (condition.keyword === "if" && condition.text === "TRUE");
}

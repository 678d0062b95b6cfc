// What queries name, as dimensions of a haproxy.cfg.
import type { HaproxyBind } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { BEFORE_LOAD_BALANCER } from "../plan/plan-dimensions.ts";
import type { QueryDimensions, QueryListener } from "../query.ts";
import { listenerNames } from "./evaluate-haproxy.ts";
import { CLIENT, HOST, headerDimension, listenerDimension, METHOD, PATH } from "./request-dimensions.ts";

/** A listener for each path that leads to a bind; for the bind alone where none does. */
export function haproxyQueryDimensions(
  layer: Pick<HaproxyLayer, "wiring">,
  { trafficPaths }: Pick<Wiring, "trafficPaths">,
  names = listenerNames(layer.wiring),
): QueryDimensions {
  const pathsTo = Map.groupBy(
    trafficPaths.filter(({ start }) => start !== "bind"),
    ({ bind }) => bind,
  );
  return {
    path: PATH,
    host: HOST,
    method: METHOD,
    header: headerDimension,
    listener: listenerDimension([...names.values()]),
    listeners: [...names].flatMap(([bind, name]) =>
      (pathsTo.get(bind) ?? [undefined]).map((path) => listenerOf(bind, name, path)),
    ),
    form: undefined,
  };
}

function listenerOf(bind: HaproxyBind, name: string, path: TrafficPath | undefined): QueryListener {
  if (path === undefined)
    return {
      name,
      scheme: bind.ssl ? "https" : "http",
      client: CLIENT,
      port: bind.address.ports?.from,
      entrance: "public",
      section: bind.owner,
      frontend: bind.owner,
    };
  return {
    name,
    scheme: bind.ssl || terminatesTls(path) ? "https" : "http",
    client: hidesClient(bind, path) ? BEFORE_LOAD_BALANCER : CLIENT,
    port: path.port,
    entrance: path.start === "service" ? "internal" : "public",
    section: bind.owner,
  };
}

function terminatesTls({ listener }: TrafficPath): boolean {
  const protocol = knownValue(listener?.protocol);
  return protocol === "tls" || protocol === "https";
}

/** HAProxy sees the address of the load balancer, or may. */
function hidesClient({ acceptProxy }: HaproxyBind, { listener, proxy }: TrafficPath): boolean {
  if (listener === undefined || acceptProxy || (proxy?.expectProxy.length ?? 0) > 0) return false;
  return knownValue(listener.keepsClientAddress) !== true;
}

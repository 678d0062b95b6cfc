// How long HAProxy keeps a client's idle connection, and whether the load balancer reuses it for requests.

import type { LoadBalancerListener } from "../../wiring/cloud.ts";
import type { HaproxyProxy, Setting } from "../../wiring/haproxy/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { knownSetting } from "./haproxy-view.ts";

/**
 * In ms. "timeout http-keep-alive … if not set, timeout http-request is used, then timeout client" (manual 3.2, section 4.2).
 * undefined: connections are not kept, none of these is set, or the one that is set is not known.
 */
export function idleConnectionTime(proxy: HaproxyProxy): Setting<number> | undefined {
  if (proxy.mode.value !== "http" || proxy.options.has("httpclose")) return undefined;
  const { timeouts } = proxy;
  const idle = timeouts.get("http-keep-alive") ?? timeouts.get("http-request") ?? timeouts.get("client");
  return knownSetting(idle);
}

/** Whether it reads requests and sends them on over connections that it keeps; undefined: not known. */
export function sendsRequests({ targetProtocol }: LoadBalancerListener): boolean | undefined {
  const protocol = knownValue(targetProtocol);
  return protocol === undefined ? undefined : protocol === "http" || protocol === "https";
}

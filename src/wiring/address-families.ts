// IPv4 and IPv6 along a path: the families that the load balancer uses, that the Service has, and that HAProxy listens on.

import type { HaproxyBind } from "./haproxy/wiring.ts";
import { titleOf } from "./kubernetes/fields.ts";
import type { PathBreak, Service, TrafficPath } from "./wiring.ts";
import { knownValue } from "./written.ts";

export type Family = "IPv4" | "IPv6";

/**
 * HAProxy's `*` and `:port` are IPv4 only; `::` is both, unless `v6only` is written or the system sets `net.ipv6.bindv6only` (manual 3.2,
 * section 4.2, bind). undefined: not known.
 */
export function familiesOfBind({ address, options }: HaproxyBind): readonly Family[] | undefined {
  const { kind, host, prefix = "" } = address;
  const has = (name: string): boolean => options.some(({ keyword }) => keyword.value === name);
  if (/6$/.test(prefix) || kind === "ipv6") {
    const isAny = host === "::" || kind === "any";
    return isAny && !has("v6only") ? ["IPv4", "IPv6"] : ["IPv6"];
  }
  return kind === "any" || kind === "ipv4" ? ["IPv4"] : undefined;
}

/** Why connections on the path have no family that both ends of a hop have; undefined: they do, or it is not known. */
export function familyBreak(path: TrafficPath): PathBreak | undefined {
  const { service, bind, listener } = path;
  const families = service?.families;
  if (service === undefined || families === undefined) return undefined;
  const { value, at } = families;
  const from = familyTowardsNodes(path);
  if (from !== undefined && !value.includes(from))
    return breakOf(
      `${titleOf(service.object)} has ${value.join(" and ")} addresses only, and the load balancer connects with ${from}`,
      service,
      at ?? listener?.at,
    );
  const bound = bind && familiesOfBind(bind);
  const carried = from === undefined ? value : [from];
  if (bind === undefined || bound === undefined || carried.some((family) => bound.includes(family)))
    return undefined;
  return breakOf(
    `${titleOf(service.object)} has ${value.join(" and ")} addresses only, and HAProxy listens on \`${bind.address.text}\` with ${bound.join(" and ")}`,
    service,
    at,
  );
}

function breakOf(because: string, service: Service, at: PathBreak["at"]): PathBreak {
  return { hop: "family", kind: "missing", because, at: at ?? service.at };
}

/** undefined: a load balancer of the Service itself has the Service's families, and pods may have any. */
function familyTowardsNodes({ loadBalancer, listener }: TrafficPath): Family | undefined {
  if (listener?.to.kind !== "node" || loadBalancer?.kind === "service") return undefined;
  return loadBalancer?.kind === "classic-elb" ? "IPv4" : knownValue(listener.targetFamily);
}

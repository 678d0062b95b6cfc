// Unknown values on the path from a load balancer to HAProxy: reported, so that a missing finding does not look like a pass.

import type { Position } from "../../findings/finding.ts";
import type { LoadBalancer, LoadBalancerListener } from "../../wiring/cloud.ts";
import type { LeftOut, Wiring } from "../../wiring/wiring.ts";
import { isKnown, type Known } from "../../wiring/written.ts";
import { groupsOf } from "../groups.ts";
import { listOf } from "../wording.ts";

/** One note for each variable or other source that is not known, with every value that depends on it. Services have the facts of their provider. */
export function unknownValues({ loadBalancers }: Wiring): readonly LeftOut[] {
  const found = loadBalancers.filter(({ kind }) => kind !== "service").flatMap(unknownOf);
  return groupsOf(found, ({ reason }) => reason).map((group) => {
    const [first] = group;
    const [parts, balancers] = [({ part }: Missing) => part, ({ of }: Missing) => of].map((each) => [
      ...new Set(group.map(each)),
    ]);
    return {
      what: first.reason,
      why: `Not known of ${listOf(balancers ?? [])}: ${(parts ?? []).slice(0, 5).join(", ")}${(parts?.length ?? 0) > 5 ? " and more" : ""}. Rules that need these values report no finding.`,
      severity: "note" as const,
      at: first.at,
    };
  });
}

interface Missing {
  readonly of: string;
  /** `the target of port 443` */
  readonly part: string;
  readonly reason: string;
  readonly at: Position;
}

function unknownOf({ id, internal, listeners }: LoadBalancer): readonly Missing[] {
  const values: readonly (readonly [string, Known<unknown> | undefined])[] = [
    ["whether it is internal", internal],
    ...listeners.flatMap(valuesOf),
  ];
  return values.flatMap(([part, value]) =>
    value === undefined || isKnown(value) ? [] : [{ of: id, part, reason: value.unknown, at: value.at }],
  );
}

function valuesOf(
  listener: LoadBalancerListener,
): readonly (readonly [string, Known<unknown> | undefined])[] {
  const { port, protocol, to, targetProtocol, proxyProtocol, healthCheck } = listener;
  const name = isKnown(port) ? `port ${port.value}` : "a listener";
  return [
    [`the port of ${name}`, port],
    [`the protocol of ${name}`, protocol],
    // A listener that answers itself has no target.
    ...(to.kind === "nowhere"
      ? []
      : ([
          [`the target of ${name}`, to.port],
          [`the protocol from ${name} to the nodes`, targetProtocol],
          [`whether ${name} sends PROXY headers`, proxyProtocol],
        ] as const)),
    ["the health check's port", healthCheck?.port],
    ["the health check's protocol", healthCheck?.protocol],
    ["the health check's path", healthCheck?.path],
  ];
}

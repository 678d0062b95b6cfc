// source-filter-refuses-clients: HAProxy accepts only private sources, and connections arrive with the addresses of clients.

import { capitalized } from "../../findings/sentence.ts";
import { acceptedSources, arrivesWithClientAddress } from "../../wiring/client-address.ts";
import { isPrivateNetwork } from "../../wiring/private-networks.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import { type BalancedPath, distinctHops, kindOf, portOf } from "../layers/hops.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const sourceFilterRefusesClients: Rule = {
  code: "source-filter-refuses-clients",
  severity: "error",
  check: (wiring) => distinctHops(wiring).flatMap((path) => keptAddress(path) ?? otherFamily(path) ?? []),
};

function keptAddress(path: BalancedPath): RuleFinding | undefined {
  const { loadBalancer, listener, haproxy, proxy, service } = path;
  if (knownValue(loadBalancer.internal) !== false || !arrivesWithClientAddress(path)) return undefined;
  const accepted = acceptedSources(haproxy, proxy);
  const [first] = accepted;
  if (first === undefined || !accepted.every(({ value }) => isPrivateNetwork(value))) return undefined;
  const header = knownValue(listener.proxyProtocol) !== "none";
  const { keepsClientAddress: kept } = listener;
  return {
    what: `\`${proxy.name}\` refuses every client on ${portOf(path)}: it accepts ${listOf(accepted.map(({ value }) => value))} alone`,
    why: `${capitalized(kindOf(loadBalancer))} keeps client addresses for this target group${isKnown(kept) && kept.at === undefined ? ", which is its default" : ""}, and no node replaces them: \`src\` is the address of the client${header ? ", also before the PROXY header is read" : ""}.`,
    remedy: header
      ? "Write `preserve_client_ip = false` in the target group: connections then come from the load balancer, and the PROXY header has the client address."
      : "Write the networks of all clients, or send a PROXY header and write `preserve_client_ip = false` in the target group.",
    at: [
      noted(first.at, "accepted sources"),
      noted(
        (isKnown(kept) ? kept.at : undefined) ?? listener.to.port.at ?? listener.at,
        "keeps the client address",
      ),
      noted(service?.externalTrafficPolicy.at, "no node replaces it"),
    ],
  };
}

/** A filter of one family on a path that carries the other. */
function otherFamily({ haproxy, proxy, service, brokenAt, ...path }: BalancedPath): RuleFinding | undefined {
  const families = service?.families;
  const [family, other] = families?.value ?? [];
  if (family === undefined || other !== undefined || brokenAt !== undefined) return undefined;
  const accepted = acceptedSources(haproxy, proxy);
  const [first] = accepted;
  const isOther = ({ value }: (typeof accepted)[number]): boolean =>
    value.includes(":") !== (family === "IPv6");
  if (first === undefined || !accepted.every(isOther)) return undefined;
  return {
    what: `\`${proxy.name}\` refuses every connection on ${portOf(path)}: it accepts ${listOf(accepted.map(({ value }) => value))} alone`,
    why: `The Service has ${family} addresses only: every connection has a source of this family.`,
    remedy: `Add the ${family} networks of the load balancer and of the nodes to the accepted sources.`,
    at: [noted(first.at, "accepted sources"), noted(families?.at, `${family} only`)],
  };
}

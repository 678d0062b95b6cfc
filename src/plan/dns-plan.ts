// How the pod's C library resolves names (resolv.conf); HAProxy has its own resolvers.
import type { Decided } from "./plan.ts";

export interface DnsPlan {
  /** Options of the pod's dnsConfig, `value` null: the option has none. */
  readonly options: readonly (Decided<string | null> & { readonly name: string })[];
  /** HAProxy's name servers instead of the cluster's, as `address` or `address:port`; empty: those of the pod's resolv.conf. */
  readonly nameServers: Decided<readonly string[]>;
  /** HAProxy queries them over TCP instead of UDP. */
  readonly tcp: boolean;
  /** Those of them that the pod's resolv.conf gets, as addresses; empty: the cluster's. */
  readonly podNameServers: Decided<readonly string[]>;
}

// Everything that was measured in one place, for one name: what the causes are told by.
import type { LookupKind, Lookups, Tools } from "./lookups.ts";
import type { ResolvConf } from "./resolv-conf.ts";
import type { ServerMeasurements } from "./server-measurements.ts";

export interface MeasuredName {
  readonly name: string;
  /** The names that a look-up asks for, in order, up to the one that exists. */
  readonly asked: readonly string[];
  /** Whether the last of them exists. */
  readonly exists: boolean;
  /** The C library answers it from /etc/hosts: no name server is asked, and nothing was measured. */
  readonly inHosts: boolean;
  /** Empty where questions cannot be sent from the place itself, as from a pod. */
  readonly servers: readonly ServerMeasurements[];
  readonly lookups: readonly Lookups[];
}

export interface Measured {
  /** `this machine`, or the pod. */
  readonly where: string;
  readonly libc: Tools["libc"];
  /** What look-ups are made with; empty: none of it is there, and only the servers were asked. */
  readonly tool: "getent" | "";
  readonly resolvConf: ResolvConf;
  readonly names: readonly MeasuredName[];
}

/** Names of which nothing can be said: they have no address, or are no matter of DNS. */
export function unmeasured({ names }: Measured): readonly MeasuredName[] {
  return names.filter(({ exists, inHosts }) => inHosts || !exists);
}

export function lookupsOf({ lookups }: MeasuredName, kind: LookupKind): Lookups | undefined {
  return lookups.find((one) => one.kind === kind);
}

// All measurements of one place, by name: the input of the causes.
import type { LookupKind, Lookups, Tools } from "./lookups.ts";
import type { ResolvConf } from "./resolv-conf.ts";
import type { ServerMeasurements } from "./server-measurements.ts";

export interface MeasuredName {
  readonly name: string;
  /** The names that a lookup queries, in order, up to the one that exists. */
  readonly queries: readonly string[];
  /** Whether the last of them exists. */
  readonly exists: boolean;
  /** The C library answers it from /etc/hosts: no name server is queried, and nothing was measured. */
  readonly inHosts: boolean;
  /** Empty where queries cannot be sent from the place itself, as from a pod. */
  readonly servers: readonly ServerMeasurements[];
  readonly lookups: readonly Lookups[];
}

export interface Measured {
  /** `this machine`, or the pod. */
  readonly where: string;
  readonly libc: Tools["libc"];
  /** The tool of the lookups; empty: it is not there, and only the servers were queried. */
  readonly tool: "getent" | "";
  readonly resolvConf: ResolvConf;
  readonly names: readonly MeasuredName[];
}

/** Names without a result: they have no address, or do not use DNS. */
export function unmeasured({ names }: Measured): readonly MeasuredName[] {
  return names.filter(({ exists, inHosts }) => inHosts || !exists);
}

export function lookupsOf({ lookups }: MeasuredName, kind: LookupKind): Lookups | undefined {
  return lookups.find((one) => one.kind === kind);
}

// Backends in the plan: a pool of servers and how HAProxy treats them.
import type { Position } from "../findings/finding.ts";
import type { Decided, ProxyProtocol } from "./plan.ts";
import type { RawLine } from "./raw-lines.ts";
import type { SecretPlan } from "./secrets.ts";

export interface BackendPlan {
  /** The name in the description; a variant for routes with retries of their own is `name-retries-N`, unless another backend has that name. */
  readonly name: string;
  /** For a variant the backend whose servers and health it shares; else null. */
  readonly variantOf: string | null;
  readonly servers: readonly ServerPlan[];
  /** HAProxy's word and argument (manual 4.2, balance): `leastconn`, `hdr(x-user)`; null: one server, nothing to choose. */
  readonly balance: Decided<string> | null;
  readonly health: HealthPlan;
  readonly retries: Decided<number>;
  /** In ms; null: the edge's own. */
  readonly timeouts: {
    readonly connectMs: number | null;
    readonly serverMs: number | null;
    readonly queueMs: number | null;
    readonly tunnelMs: number | null;
  };
  /** Whether connections to servers are kept open and shared between clients. */
  readonly keepAlive: Decided<boolean>;
  readonly tls: {
    readonly verify:
      | {
          readonly caFile: string;
          /** What is mounted as `caFile`; null: the image has it. */
          readonly from: {
            readonly kind: "configMap" | "secret";
            readonly name: string;
            readonly key: string;
          } | null;
        }
      | "none";
    /** Sent with requests; null: their Host. */
    readonly sni: string | null;
    /** Sent with health checks; null: there are none, or no name is known. */
    readonly checkSni: Decided<string> | null;
  } | null;
  readonly proxyProtocol: ProxyProtocol;
  /** Connections to one server at once; null: no limit. */
  readonly maxConnections: number | null;
  /** `key`: of the hash that a server's cookie is; the same in all backends. */
  readonly sticky: { readonly cookie: string; readonly secure: boolean; readonly key: SecretPlan } | null;
  readonly raw: readonly RawLine[];
  readonly at: Position | undefined;
}

/** The described backend that a section of haproxy.cfg belongs to: for a variant the backend it is a variant of. */
export function describedName(
  backends: readonly Pick<BackendPlan, "name" | "variantOf">[],
  section: string,
): string {
  return backends.find(({ name }) => name === section)?.variantOf ?? section;
}

export interface ServerPlan {
  /** HAProxy's name of it, unique in its backend. */
  readonly name: string;
  /** A host name, fully qualified with a dot at the end, or an address. */
  readonly host: string;
  readonly port: number;
  /** Names are looked up while HAProxy runs; addresses are not. */
  readonly resolved: boolean;
  readonly weight: number | null;
  readonly backup: boolean;
  /** How many addresses its name may have at once, a server each (manual section 4.2, server-template); null: one. */
  readonly slots: Decided<number> | null;
  /** The entry of `servers`; undefined: a Service. */
  readonly at?: Position | undefined;
}

export type HealthPlan =
  | { readonly kind: "none" }
  | ({ readonly kind: "tcp" } & HealthTiming)
  | ({
      readonly kind: "http";
      readonly method: string;
      readonly path: string;
      readonly host: string;
      /** HAProxy's own notation: `200-399`. */
      readonly status: Decided<string>;
    } & HealthTiming);

export interface HealthTiming {
  readonly intervalMs: Decided<number>;
  readonly timeoutMs: Decided<number>;
  readonly rise: Decided<number>;
  readonly fall: Decided<number>;
}

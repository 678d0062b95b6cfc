// The ways into a running edge, as whoever knows them hands them over: addresses, and who can tell what HAProxy did.
import type { Endpoint } from "./network.ts";

export interface TargetEndpoints {
  /** What people call it: `198.51.100.11:31000`, `https://edge.example.com`. */
  readonly name: string;
  /** Where a load balancer sends a listener's connections; the double in front does what it would. By listener. */
  readonly nodePorts: ReadonlyMap<string, readonly Endpoint[]>;
  /** The real load balancer, by the scheme that it is asked with. */
  readonly loadBalancer: ReadonlyMap<"http" | "https", Endpoint>;
  /** HAProxy's own port, past every load balancer; absent: there is no such way. */
  readonly inside?: (port: number) => Promise<InternalEndpoint>;
  /** What HAProxy's log says of the request that was just answered; absent: nobody can tell. */
  readonly backendOf?: (asked: LoggedRequest) => Promise<LoggedBackend>;
  /** The ports of the Service that the load balancer's lead to; absent: nobody can tell. */
  readonly servicePorts?: readonly number[];
  /** Why public listeners that have no door have none. */
  readonly noPathReason: string;
}

/** A way that begins at 127.0.0.1 of HAProxy's own pod: it sees its caller there. */
export interface InternalEndpoint {
  readonly to: Endpoint;
  /** Why connections did not reach HAProxy at all, since this was last asked. */
  readonly takeFailure: () => string | undefined;
}

export interface LoggedRequest {
  readonly method: string;
  /** As HAProxy keeps it: lower case, without port and dot at the end. */
  readonly host: string;
  /** The request target as sent. */
  readonly target: string;
  /** As HAProxy sees it; null where that cannot be told. */
  readonly client: string | null;
}

/** `backend` null: HAProxy answered by itself. `unknown` in words: why nobody can tell. */
export type LoggedBackend =
  | { readonly backend: string | null; readonly unknown?: undefined }
  | { readonly unknown: string };

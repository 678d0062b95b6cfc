// The endpoints of a running edge: its addresses, and how to learn which backend answered.
import type { Endpoint } from "./network.ts";

export interface TargetEndpoints {
  /** Name in output: `198.51.100.11:31000`, `https://edge.example.com`. */
  readonly name: string;
  /** By listener: where a load balancer sends its connections. The simulator in front does the same. */
  readonly nodePorts: ReadonlyMap<string, readonly Endpoint[]>;
  /** The real load balancer, by scheme. */
  readonly loadBalancer: ReadonlyMap<"http" | "https", Endpoint>;
  /** HAProxy's own port, past every load balancer; absent: not reachable. */
  readonly inside?: (port: number) => Promise<InternalEndpoint>;
  /** HAProxy's log entry for the request that was just answered; absent: the log is not available. */
  readonly backendOf?: (urlParts: LoggedRequest) => Promise<LoggedBackend>;
  /** The ports of the Service that the load balancer forwards to; absent: unknown. */
  readonly servicePorts?: readonly number[];
  /** Why public listeners without an endpoint have none. */
  readonly noPathReason: string;
}

/** A connection from 127.0.0.1 of HAProxy's own pod: HAProxy sees this client address. */
export interface InternalEndpoint {
  readonly to: Endpoint;
  /** Why connections did not reach HAProxy, since the last call. */
  readonly takeFailure: () => string | undefined;
}

export interface LoggedRequest {
  readonly method: string;
  /** As HAProxy logs it: lower case, without port and trailing dot. */
  readonly host: string;
  /** The request target as sent. */
  readonly target: string;
  /** As HAProxy sees it; null: unknown. */
  readonly client: string | null;
}

/** `backend` null: HAProxy itself answered. `unknown`: why the backend is not known. */
export type LoggedBackend =
  | { readonly backend: string | null; readonly unknown?: undefined }
  | { readonly unknown: string };

// Configuration and interface of a simulated load balancer.
import type { ListenerAnswer } from "../../wiring/cloud.ts";
import type { LabCertificate } from "../certificates.ts";
import type { Endpoint } from "../network.ts";
import type { HealthCheckSpec, HealthEvent, TargetState } from "./health-check.ts";
import type { AlpnPolicy } from "./tls-listener.ts";

export interface TargetSpec {
  /** Name of the target, such as an instance; the same name in several listeners is the same target. */
  readonly id: string;
  readonly at: Endpoint;
}

export interface ListenerSpec {
  /** Name of the listener in counts, such as its port. */
  readonly name: string;
  /** Port 0 lets the system choose. */
  readonly listen: Endpoint;
  /** `http` and `https`: requests are read, and each is forwarded by itself (see http-relay.ts). */
  readonly protocol: "tcp" | "tls" | "http" | "https";
  /** For `tls` and `https`: the first certificate is for clients that send no name, or an unknown one. */
  readonly certificates?: readonly LabCertificate[];
  /** Default `none`; a classic ELB has no other. */
  readonly alpn?: AlpnPolicy;
  /** Header sent to targets. Default `none`. */
  readonly proxy?: "none" | "v1" | "v2";
  /** Speak TLS to targets, whose certificates are not verified. Default `tcp`. */
  readonly targetProtocol?: "tcp" | "tls";
  readonly targets: readonly TargetSpec[];
  /** For `http` and `https`: it answers every request itself, as on this port. */
  readonly answer?: { readonly is: ListenerAnswer; readonly port: number };
  /** The source address towards targets for a client with this address; undefined: `localAddress`. */
  readonly sourceFor?: (client: string) => string | undefined;
  /** Default: 60 s for a classic ELB and an ALB, 350 s for an NLB; 0 for none. */
  readonly idleTimeoutMs?: number;
}

export interface LoadBalancerSpec {
  readonly kind: "classic-elb" | "nlb" | "alb";
  readonly listeners: readonly ListenerSpec[];
  /** At most one per target; a target without one is always healthy. */
  readonly healthChecks?: readonly HealthCheckSpec[];
  /** Source address of connections to targets. A client's own address cannot be kept on loopback. */
  readonly localAddress?: string;
  /**
   * Where the client address is from. `socket`: the connection. `preamble`: a PROXY header of either version that begins
   * each connection, before TLS, and is removed and trusted: so a lab simulates clients with any address.
   */
  readonly clientAddress: "socket" | "preamble";
  /** Deregistration delay: how long existing connections may continue. Default 300,000. */
  readonly drainMs?: number;
}

export interface ListenerCounts {
  readonly accepted: number;
  readonly open: number;
  /** Accepted (`http` and `https`: read) but forwarded to no target: none was healthy, or it did not accept. */
  readonly unserved: number;
  /** `tcp` and `tls`: connections that a target did not accept, retried or not. */
  readonly connectionErrors: number;
  readonly failedPreambles: number;
  readonly failedHandshakes: number;
  readonly bytesFromClients: number;
  readonly bytesFromTargets: number;
}

export interface LoadBalancer {
  readonly kind: LoadBalancerSpec["kind"];
  /** Throws when there is no such listener. */
  endpointOf(listener: string): Endpoint;
  countsOf(listener: string): ListenerCounts;
  stateOf(target: string): TargetState | "draining" | "unused";
  /** The result that caused the target's state; undefined: none yet, or it has no health check. */
  whyOf(target: string): string | undefined;
  /** Resolves at the first decision of the target's checks; immediately without checks. */
  untilDecided(target: string): Promise<void>;
  /** Connections open to the target, and in total so far. */
  connectionsTo(target: string): { readonly open: number; readonly total: number };
  /** Resolves when the target is in that state. */
  untilState(target: string, state: TargetState): Promise<void>;
  /** Returns a function that removes the listener. */
  onHealth(listener: (event: HealthEvent) => void): () => void;
  /**
   * No new connections to the target. Resolves when the existing ones have ended: by themselves, or by force (as by the
   * idle timeout) after the drain time.
   */
  deregister(target: string): Promise<void>;
  /** Closes everything immediately. */
  close(): Promise<void>;
}

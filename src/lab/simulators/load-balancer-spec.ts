// What a load balancer double is told, and what it tells.
import type { LabCertificate } from "../certificates.ts";
import type { Endpoint } from "../network.ts";
import type { HealthCheckSpec, HealthEvent, TargetState } from "./health-check.ts";
import type { Balance } from "./target-choice.ts";
import type { AlpnPolicy } from "./tls-listener.ts";

export interface TargetSpec {
  /** Names the target, such as an instance; the same name in several listeners is the same target. */
  readonly id: string;
  readonly at: Endpoint;
}

export interface ListenerSpec {
  /** Names the listener in counts; such as the port it has in the cloud. */
  readonly name: string;
  /** Port 0 lets the system choose. */
  readonly listen: Endpoint;
  /** `http` and `https`: requests are read, and each is passed on by itself (see http-relay.ts). */
  readonly protocol: "tcp" | "tls" | "http" | "https";
  /** For `tls` and `https`: the first certificate is for clients that send no name, or one that no certificate has. */
  readonly certificates?: readonly LabCertificate[];
  /** Default `none`; a classic ELB knows no other. */
  readonly alpn?: AlpnPolicy;
  /** Header sent to targets. Default `none`. */
  readonly proxy?: "none" | "v1" | "v2";
  /** Speak TLS to targets, whose certificates are not verified. Default `tcp`. */
  readonly targetProtocol?: "tcp" | "tls";
  readonly targets: readonly TargetSpec[];
  readonly balance?: Balance;
  /** Default: 60 s for a classic ELB and an ALB, 350 s for an NLB; 0 for none. */
  readonly idleTimeoutMs?: number;
}

export interface LoadBalancerSpec {
  readonly kind: "classic-elb" | "nlb" | "alb";
  readonly listeners: readonly ListenerSpec[];
  /** At most one a target; a target without is always healthy. */
  readonly healthChecks?: readonly HealthCheckSpec[];
  /** Address that connections to targets come from. A client's own address cannot be kept on loopback. */
  readonly localAddress?: string;
  /**
   * Where a client is said to come from. `socket`: its real address. `preamble`: each connection begins with a PROXY
   * header, of either version, which is taken off and believed, before TLS: so a lab plays clients from anywhere.
   */
  readonly clientAddress: "socket" | "preamble";
  /** How long existing connections to a deregistered target may go on. Default 300,000. */
  readonly drainMs?: number;
}

export interface ListenerCounts {
  readonly accepted: number;
  readonly open: number;
  /** Accepted, or by `http` and `https` read, but given to no target: none was healthy, or it did not answer. */
  readonly unserved: number;
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
  /** What decided the target's state, in words; undefined: nothing has yet, or it is never checked. */
  whyOf(target: string): string | undefined;
  /** Resolves when the target's checks have said for the first time what it is; at once where it has none. */
  untilDecided(target: string): Promise<void>;
  /** Connections open to the target, and given to it so far. */
  connectionsTo(target: string): { readonly open: number; readonly total: number };
  /** Resolves when the target is in that state; at once when it is. */
  untilState(target: string, state: TargetState): Promise<void>;
  /** Returns how to stop listening. */
  onHealth(listener: (event: HealthEvent) => void): () => void;
  /**
   * No new connections to the target. Resolves when those there have ended: by themselves, or by force (as an idle
   * timeout does it) after the drain time.
   */
  deregister(target: string): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

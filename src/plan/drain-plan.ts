// How a pod goes without losing a request: one computation, from the load balancer's notice to the kubelet's patience.
import type { Decided } from "./plan.ts";

export interface DrainPlan {
  /** Until nobody sends new connections any more, in ms. */
  readonly detectionMs: Decided<number>;
  /** How long HAProxy accepts new connections after SIGUSR1, in ms (manual section 3.1, grace). */
  readonly graceMs: Decided<number>;
  /** How long requests and connections may take to end after that, in ms, before they are cut (manual 3.1, hard-stop-after). */
  readonly hardStopMs: Decided<number>;
  /** terminationGracePeriodSeconds: SIGKILL follows. */
  readonly gracePeriodS: Decided<number>;
}

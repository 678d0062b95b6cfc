// How a pod is removed without losing a request: from the detection by the load balancer to the grace period of the kubelet.
import type { Decided } from "./plan.ts";

export interface DrainPlan {
  /** Until no load balancer or node sends new connections, in ms. */
  readonly detectionMs: Decided<number>;
  /** How long HAProxy accepts new connections after SIGUSR1, in ms (manual section 3.1, grace). */
  readonly graceMs: Decided<number>;
  /** How long in-flight requests and connections may take after that, in ms, before HAProxy closes them (manual 3.1, hard-stop-after). */
  readonly hardStopMs: Decided<number>;
  /** terminationGracePeriodSeconds: SIGKILL follows. */
  readonly gracePeriodS: Decided<number>;
}

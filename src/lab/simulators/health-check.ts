// Health checks of the simulated load balancer: a target changes state after a number of equal results in a row.
import { LabClient } from "../http/client.ts";
import { dial } from "../http/dial.ts";
import type { Endpoint } from "../network.ts";

export interface HealthCheckSpec {
  /** The target whose state this decides. */
  readonly target: string;
  readonly at: Endpoint;
  /** `tcp` connects, `tls` also completes the handshake, `http` and `https` request `path`. Certificates are not verified. */
  readonly protocol: "tcp" | "tls" | "http" | "https";
  readonly path?: string;
  /** Whether a status counts as healthy. Default: 200 for a classic ELB, 200 to 399 for an NLB. */
  readonly statuses?: (status: number) => boolean;
  readonly intervalMs: number;
  /** Interval until the first decision, so that a lab is ready soon. Default: `intervalMs`. */
  readonly firstIntervalMs?: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** Start as healthy, so that a lab is ready immediately. Default false. */
  readonly startHealthy?: boolean;
  /** Bytes to send first, such as a PROXY header. load-balancer.ts documents which load balancer sends one. */
  readonly preamble?: Buffer;
}

/** `initial`: registered, not yet checked often enough. It gets no traffic, like an unhealthy one. */
export type TargetState = "initial" | "healthy" | "unhealthy";

export interface HealthEvent {
  readonly target: string;
  readonly state: TargetState;
  /** The result that caused the change. */
  readonly why: string;
}

export interface HealthChecker {
  readonly state: TargetState;
  /** The result that caused the state; undefined: no check has ended yet. */
  readonly why: string | undefined;
  readonly checks: number;
  stop(): void;
}

/** How the checks of AWS load balancers differ. */
export interface HealthPolicy {
  readonly statuses: readonly [from: number, to: number];
  /** Results needed to leave `initial` as healthy; the spec's threshold when absent. */
  readonly firstHealthyThreshold?: number;
  readonly localAddress?: string;
}

/** Checks immediately and then every interval, until stopped. A check begins only after the previous one has ended. */
export function startHealthChecks(
  spec: HealthCheckSpec,
  policy: HealthPolicy,
  onChange: (event: HealthEvent) => void,
): HealthChecker {
  let state: TargetState = spec.startHealthy === true ? "healthy" : "initial";
  let checks = 0;
  let inRow = 0;
  let lastGood: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let why: string | undefined;

  const take = (failure: string | undefined) => {
    const good = failure === undefined;
    inRow = good === lastGood ? inRow + 1 : 1;
    lastGood = good;
    const first = state === "initial" ? policy.firstHealthyThreshold : undefined;
    const needed = good ? (first ?? spec.healthyThreshold) : spec.unhealthyThreshold;
    const wanted = good ? "healthy" : "unhealthy";
    if (state === wanted || inRow < needed) return;
    state = wanted;
    why = failure ?? "the check passed";
    onChange({ target: spec.target, state, why });
  };
  const run = async () => {
    const startedAt = performance.now();
    const failure = await check(spec, policy);
    if (stopped) return;
    checks += 1;
    take(failure);
    const intervalMs = state === "initial" ? (spec.firstIntervalMs ?? spec.intervalMs) : spec.intervalMs;
    timer = setTimeout(run, Math.max(0, intervalMs - (performance.now() - startedAt)));
  };
  run();
  return {
    get state() {
      return state;
    },
    get why() {
      return why;
    },
    get checks() {
      return checks;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Why the check failed; undefined when it passed. */
async function check(spec: HealthCheckSpec, policy: HealthPolicy): Promise<string | undefined> {
  const route = {
    to: spec.at,
    ...(policy.localAddress === undefined ? {} : { localAddress: policy.localAddress }),
    ...(spec.preamble === undefined ? {} : { preamble: spec.preamble }),
    ...(spec.protocol === "tls" || spec.protocol === "https" ? { tls: { verify: false } } : {}),
  };
  try {
    if (spec.protocol === "tcp" || spec.protocol === "tls") {
      const dialled = await dial(route, spec.timeoutMs);
      if (dialled.failed !== undefined) return dialled.message;
      dialled.socket.on("error", () => {});
      dialled.socket.end();
      dialled.socket.resume();
      return undefined;
    }
    return await checkHttp(spec, route, policy.statuses);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function checkHttp(
  spec: HealthCheckSpec,
  route: Parameters<typeof dial>[0],
  statuses: readonly [from: number, to: number],
): Promise<string | undefined> {
  const client = new LabClient({ keepAlive: false });
  const answer = await client.request({
    ...route,
    method: "GET",
    target: spec.path ?? "/",
    headers: [
      ["Host", `${spec.at.host}:${spec.at.port}`],
      ["User-Agent", "ELB-HealthChecker/2.0"],
      ["Connection", "close"],
    ],
    timeoutMs: spec.timeoutMs,
  });
  client.close();
  if (answer.failed !== undefined) return answer.message;
  const [from, to] = statuses;
  const healthy = spec.statuses?.(answer.status) ?? (answer.status >= from && answer.status <= to);
  return healthy ? undefined : `status ${answer.status}`;
}

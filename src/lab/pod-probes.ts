// Runs the kubelet's probes against HAProxy: a pod that never becomes ready gets no connection from any Service.
import type { Position } from "../findings/finding.ts";
import type { HaproxyWiring } from "../wiring/haproxy/wiring.ts";
import type { Container, HaproxyLayer, Probe } from "../wiring/wiring.ts";
import { placeText } from "./blocked.ts";
import { bindAt, type LabPlaces } from "./places.ts";
import { type HealthCheckSpec, type HealthEvent, startHealthChecks } from "./simulators/health-check.ts";

/** The result of a health check of some layer. */
export interface HealthReport {
  /** `readiness probe`, `load balancer aws_elb.app`. */
  readonly of: string;
  /** `GET :8405/ready`, `TCP:31001` */
  readonly check: string;
  readonly healthy: boolean;
  /** Why it fails: `answers 404`. */
  readonly why: string | null;
  readonly at: Position;
}

/** Until the first decision, instead of the probes' own periods, to keep the lab fast. */
export const FIRST_INTERVAL_MS = 10;

/**
 * Runs each probe of the container that runs HAProxy until its thresholds are reached. Probes that run a command in the
 * container, or use gRPC, are left out. The kubelet accepts 200 to 399 (Kubernetes, "Configure Liveness, Readiness and
 * Startup Probes").
 */
export async function runProbes(layer: HaproxyLayer, places: LabPlaces): Promise<readonly HealthReport[]> {
  const container = layer.runBy?.container;
  if (container === undefined) return [];
  const ran = Object.entries(container.probes).map(async ([name, probe]) =>
    probe === undefined || probe.port === undefined || probe.kind === "exec" || probe.kind === "grpc"
      ? []
      : [await runProbe(`${name} probe`, probe, layer.wiring, container, places)],
  );
  return (await Promise.all(ran)).flat();
}

/** Why no Service sends traffic to the pod; undefined: it is ready. */
export function notReady(reports: readonly HealthReport[]): string | undefined {
  const failed = reports.find(({ healthy }) => !healthy);
  if (failed === undefined) return undefined;
  const { of, check, why, at } = failed;
  return `no pod becomes ready: the ${of} ${check} ${why ?? "fails"}${placeText(at)}`;
}

async function runProbe(
  of: string,
  probe: Probe,
  wiring: HaproxyWiring,
  container: Container,
  places: LabPlaces,
): Promise<HealthReport> {
  const path = probe.path?.value ?? "/";
  const name = probe.port?.value ?? "";
  const check = probe.kind === "http" ? `GET :${name}${path}` : `TCP :${name}`;
  const report = { of, check, at: probe.at };
  const port = typeof name === "number" ? name : container.ports.find((one) => one.name === name)?.port.value;
  if (port === undefined)
    return { ...report, healthy: false, why: `has no port: the container has no port named ${name}` };
  const bind = bindAt(wiring, port);
  if (bind === undefined)
    return { ...report, healthy: false, why: `is refused: HAProxy binds no port ${port}` };
  const http = bind.ssl ? "https" : "http";
  const { state, why } = await decided({
    at: places.bindPlace(bind, port),
    protocol: probe.kind === "http" ? http : "tcp",
    path,
    timeoutMs: probe.timeoutS.value * 1000,
    healthyThreshold: probe.successes.value,
    unhealthyThreshold: probe.failures.value,
    from: places.from("inside"),
  });
  return { ...report, healthy: state === "healthy", why: state === "healthy" ? null : checkFailureText(why) };
}

/** `connect ECONNREFUSED 127.3.4.5:9000` → `is refused`; `status 404` → `answers 404`. */
export function checkFailureText(why: string): string {
  if (why.includes("ECONNREFUSED")) return "is refused";
  if (why.startsWith("status ")) return why.replace("status", "answers");
  return `fails: ${why}`;
}

function decided({
  from,
  ...check
}: Omit<HealthCheckSpec, "target" | "intervalMs"> & { readonly from: string }): Promise<HealthEvent> {
  return new Promise((resolve) => {
    const checker = startHealthChecks(
      { target: "pod", intervalMs: FIRST_INTERVAL_MS, ...check },
      { statuses: [200, 399], localAddress: from },
      (event) => {
        checker.stop();
        resolve(event);
      },
    );
  });
}

// The lab of a plan: every layer is rendered, read back, and run as it is.
import type { TextFile } from "../emit/file.ts";
import { emitLayers } from "../emit/layers.ts";
import type { Plan } from "../plan/plan.ts";
import { STAND_IN_VALUE } from "../wiring/environment.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import type { Wiring } from "../wiring/wiring.ts";
import { hostNames } from "./host-names.ts";
import type { LayersLab } from "./layers-lab.ts";
import { type LayersLabOptions, openLabOfLayers } from "./open-layers-lab.ts";

export interface LabOptions extends Pick<LayersLabOptions, "haproxy" | "onLog" | "trust"> {
  /** What to run instead of the rendered files: all layers, or the haproxy layer alone, and the other layers are the plan's. */
  readonly files?: readonly TextFile[];
}

export type Lab = LayersLab & { readonly plan: Plan };

/**
 * Starts HAProxy with what `plan` renders to, and the simulators and stubs that the rendered layers describe. Rejects with
 * HaproxyFailure, which carries HAProxy's messages, when it does not start. Close it when done: it holds a process and sockets.
 */
export async function openLabOf(plan: Plan, { files, ...options }: LabOptions): Promise<Lab> {
  const lab = await openLabOfLayers(await wiringOf(plan, files), {
    ...options,
    ...knownOf(plan),
    // A deployed configuration may use a secret that the plan does not have any more.
    env: { STATS_PASSWORD: STAND_IN_VALUE, STICKY_KEY: STAND_IN_VALUE },
  });
  return Object.assign(lab, { plan });
}

/** The wiring of a plan's rendered layers. `given`: all of them, or the haproxy layer. */
export function wiringOf(plan: Plan, given: readonly TextFile[] = []): Promise<Wiring> {
  const isWhole = given.some(({ path }) => !path.startsWith("haproxy/"));
  const files = isWhole ? given : emitLayers(plan, given.length === 0 ? {} : { haproxy: given });
  return readWiring(files.map(({ path, content }) => ({ file: path, text: content })));
}

/** Facts that no layer contains: the names of certificates, and the load balancer that the layers do not describe. */
export function knownOf(
  plan: Plan,
): Required<Pick<LayersLabOptions, "hosts" | "certificateHosts" | "externalLoadBalancers">> {
  const certificates = plan.listeners.flatMap(({ tls }) => tls?.certificates ?? []);
  return {
    hosts: hostNames(plan),
    certificateHosts: new Map(certificates.map(({ file, hosts }) => [file, hosts])),
    externalLoadBalancers: new Map(
      plan.loadBalancer.ports.map(({ port, nodePort, protocol, proxyProtocol }) => [
        port.value,
        {
          protocol,
          proxyProtocol,
          // No layer has its ports.
          ...(plan.loadBalancer.kind === "http"
            ? { nodePort: nodePort.value, idleTimeoutMs: plan.loadBalancer.idleTimeoutMs.value }
            : {}),
          // Ranges are rendered only for a provider that enforces them.
          ...(plan.loadBalancer.service === null ? {} : { sourceRanges: true as const }),
        },
      ]),
    ),
  };
}

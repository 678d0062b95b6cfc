// The health listener: readiness, liveness and Prometheus metrics, for the cluster.
import { PROBE_PATHS } from "../../plan/health.ts";
import { RESERVED } from "../../plan/limits.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import { explained, placeOf } from "../file.ts";
import { deny, ownLines } from "./context.ts";
import { group, haproxySection, line, type SectionText } from "./writing.ts";

function say(status: number, text: string, when: string): string {
  return `http-request return status ${status} content-type text/plain string ${text} if ${when}`;
}

/** For the load balancer only: no metrics, and readiness does not depend on DNS. Its PROXY header is LOCAL, so every source can be trusted. */
export function checkSection(plan: Plan): readonly SectionText[] {
  const check = plan.loadBalancer.healthCheck.http;
  if (check === null) return [];
  const ready = `{ path ${check.path} }`;
  const proxied = check.proxyProtocol.value !== "none";
  return [
    haproxySection(
      `frontend ${frontendName(plan, "load-balancer-check")} from base`,
      {
        ...partOf(plan, "public.loadBalancer"),
        because: `Health check of the load balancer → node port ${check.nodePort.value}; no client traffic.`,
      },
      [
        [
          line(`bind *:${check.port.value}${proxied ? " accept-proxy" : ""}`, {
            because: proxied ? explained(check.proxyProtocol).because : undefined,
            ...placeOf(check.port),
          }),
          ...ownLines(plan, RESERVED.check, "health checks"),
        ],
        [
          line(
            say(503, "stopping", `${ready} { stopping }`),
            "new connections go elsewhere; open ones can finish",
          ),
          line(say(200, "ready", ready)),
          deny(404, []),
        ],
      ],
    ),
  ];
}

/**
 * `/ready` fails while HAProxy is stopping and still serves, so that a load balancer that checks it sends traffic elsewhere first. `/live` and
 * `/metrics` depend only on HAProxy itself (manual sections 7.3.2 stopping, nbsrv; "prometheus-exporter" is a part of HAProxy).
 */
export function healthSection(plan: Plan): SectionText {
  const { health } = plan;
  const ready = `{ path ${PROBE_PATHS.ready} }`;
  return haproxySection(
    `frontend ${frontendName(plan, "probes")} from base`,
    "Probes and metrics, in-cluster only: not behind the load balancer.",
    [
      [line(`bind *:${health.port.value}`, health.port), ...ownLines(plan, RESERVED.probes, "probes")],
      [
        line(
          say(503, "stopping", `${ready} { stopping }`),
          "new requests go to other pods; HAProxy serves until `grace` ends",
        ),
      ],
      group(
        health.waitsFor.length === 0 ? undefined : health.nameResolutionS,
        health.waitsFor.length === 0
          ? []
          : [
              ...health.waitsFor.map((name) => line(`acl no_server_yet nbsrv(${name}) eq 0`)),
              line(`acl young date,sub(proc.started) lt ${health.nameResolutionS.value}`),
              line(say(503, "starting", `${ready} young no_server_yet`)),
            ],
      ),
      [
        line(say(200, "ready", ready)),
        line(say(200, "live", `{ path ${PROBE_PATHS.live} }`)),
        line("http-request use-service prometheus-exporter if { path /metrics }"),
        deny(404, []),
      ],
    ],
  );
}

// The health listener: readiness, liveness and Prometheus metrics, for the cluster.

import { RESERVED } from "../../plan/limits.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import { explained, placeOf } from "../file.ts";
import { ownLines } from "./context.ts";
import { group, line, type SectionText } from "./writing.ts";

const SAY = "content-type text/plain string";

/** For the load balancer only: no metrics, and readiness does not depend on DNS. Its PROXY header is LOCAL, so every source can be trusted. */
export function checkSection(plan: Plan): readonly SectionText[] {
  const check = plan.loadBalancer.healthCheck.http;
  if (check === null) return [];
  const asked = `if { path ${check.path} }`;
  const proxied = check.proxyProtocol.value !== "none";
  return [
    {
      head: `frontend ${frontendName(plan, "load-balancer-check")} from base`,
      ...partOf(plan, "public.loadBalancer"),
      about: `Health check of the load balancer → node port ${check.nodePort.value}; no client traffic.`,
      groups: [
        group(undefined, [
          line(`bind *:${check.port.value}${proxied ? " accept-proxy" : ""}`, {
            because: proxied ? explained(check.proxyProtocol).because : undefined,
            ...placeOf(check.port),
          }),
          ...ownLines(plan, RESERVED.check, "health checks"),
        ]),
        group(undefined, [
          line(
            `http-request return status 503 ${SAY} stopping ${asked} { stopping }`,
            "the pod is stopping: new connections go to other nodes, open ones can finish",
          ),
          line(`http-request return status 200 ${SAY} ready ${asked}`),
          line("http-request deny deny_status 404"),
        ]),
      ],
    },
  ];
}

/**
 * `/ready` fails while HAProxy is stopping and still serves, so that a load balancer that checks it sends traffic elsewhere first. `/live` and
 * `/metrics` depend only on HAProxy itself (manual sections 7.3.2 stopping, nbsrv; "prometheus-exporter" is a part of HAProxy).
 */
export function healthSection(plan: Plan): SectionText {
  const { health } = plan;
  const ready = "if { path /ready }";
  return {
    head: `frontend ${frontendName(plan, "probes")} from base`,
    about: "Probes and metrics, in-cluster only: not behind the load balancer.",
    groups: [
      group(undefined, [
        line(`bind *:${health.port.value}`, health.port),
        ...ownLines(plan, RESERVED.probes, "probes"),
      ]),
      group(undefined, [
        line(
          `http-request return status 503 ${SAY} stopping ${ready} { stopping }`,
          "not ready while stopping; HAProxy still serves until `grace` ends",
        ),
      ]),
      group(
        health.waitsFor.length === 0 ? undefined : health.settleS,
        health.waitsFor.length === 0
          ? []
          : [
              ...health.waitsFor.map((name) => line(`acl no_server_yet nbsrv(${name}) eq 0`)),
              line(`acl young date,sub(proc.started) lt ${health.settleS.value}`),
              line(`http-request return status 503 ${SAY} starting ${ready} young no_server_yet`),
            ],
      ),
      group(undefined, [
        line(`http-request return status 200 ${SAY} ready ${ready}`),
        line(`http-request return status 200 ${SAY} live if { path /live }`),
        line("http-request use-service prometheus-exporter if { path /metrics }"),
        line("http-request deny deny_status 404"),
      ]),
    ],
  };
}

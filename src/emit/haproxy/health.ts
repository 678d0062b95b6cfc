// The health listener: readiness, liveness and Prometheus metrics, for the cluster.

import { RESERVED } from "../../plan/limits.ts";
import type { Plan } from "../../plan/plan.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import { group, line, type SectionText } from "./writing.ts";

const SAY = "content-type text/plain string";

/** For the load balancer alone: no metrics, and no word on what is looked up. A PROXY header there says LOCAL, so that anyone's may be believed. */
export function checkSection(plan: Plan): readonly SectionText[] {
  const { loadBalancer, logs } = plan;
  const check = loadBalancer.healthCheck.http;
  if (check === null) return [];
  const asked = `if { path ${check.path} }`;
  const proxied = check.proxyProtocol.value !== "none";
  return [
    {
      head: `frontend ${frontendName(plan, "load-balancer-check")} from base`,
      about: `The load balancer's health check → node port ${check.nodePort.value}; it leads clients nowhere near.`,
      groups: [
        group(undefined, [
          line(
            `bind *:${check.port.value}${proxied ? " accept-proxy" : ""}`,
            proxied ? check.proxyProtocol : undefined,
          ),
          line(`maxconn ${RESERVED.check}`, "reserved: clients of other ports cannot use them"),
          ...(logs.format === "off" ? [] : [line("no log", "checks are no traffic")]),
        ]),
        group(undefined, [
          line(
            `http-request return status 503 ${SAY} stopping ${asked} { stopping }`,
            "this node's pod goes: new connections are for others, those it has may end",
          ),
          line(`http-request return status 200 ${SAY} ready ${asked}`),
          line("http-request deny deny_status 404"),
        ]),
      ],
    },
  ];
}

/**
 * `/ready` fails while HAProxy is stopping: it still serves then, so that a load balancer that asks can send elsewhere first. `/live` and `/metrics`
 * depend on nothing but HAProxy itself (manual sections 7.3.2 stopping, nbsrv; "prometheus-exporter" is a part of HAProxy).
 */
export function healthSection(plan: Plan): SectionText {
  const { health, logs } = plan;
  const ready = "if { path /ready }";
  return {
    head: `frontend ${frontendName(plan, "probes")} from base`,
    about: "Probes and metrics, for the cluster: no load balancer leads here.",
    groups: [
      group(undefined, [
        line(`bind *:${health.port.value}`, health.port),
        line(`maxconn ${RESERVED.probes}`, "reserved: clients of other ports cannot use them"),
        ...(logs.format === "off" ? [] : [line("no log", "probes are no traffic")]),
      ]),
      group(undefined, [
        line(
          `http-request return status 503 ${SAY} stopping ${ready} { stopping }`,
          "HAProxy goes on serving for as long as `grace` says",
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

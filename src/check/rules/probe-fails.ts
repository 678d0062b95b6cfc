// probe-fails: Kubernetes probe that fails at HAProxy.
import { countOf } from "../../findings/count.ts";
import { valueAt } from "../../source/data.ts";
import type { Container, Probe, Wiring, Workload } from "../../wiring/wiring.ts";
import { answerTo } from "../layers/answers.ts";
import { bindOf, namedPort, portsKnown } from "../layers/checked-port.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const probeFails: Rule = {
  code: "probe-fails",
  severity: "error",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload, container }) =>
      (["readiness", "liveness", "startup"] as const).flatMap((kind) => {
        const probe = container.probes[kind];
        return probe === undefined ? [] : (faultOf(wiring, { workload, container, kind, probe }) ?? []);
      }),
    ),
};

interface Probed {
  readonly workload: Workload;
  readonly container: Container;
  readonly kind: "readiness" | "liveness" | "startup";
  readonly probe: Probe;
}

function faultOf(wiring: Wiring, probed: Probed): RuleFinding | undefined {
  const { container, kind, probe } = probed;
  if (probe.port === undefined || (probe.kind !== "http" && probe.kind !== "tcp")) return undefined;
  const { value } = probe.port;
  const probePlace = noted(probe.port.at ?? probe.at, "probes this port");
  if (typeof value === "string" && namedPort(container, value) === undefined) {
    return {
      what: `the ${kind} probe uses the port \`${value}\`, and the container has no port of that name`,
      why: resultOf(probed),
      remedy: "Write the name of a container port, or its number.",
      at: [probePlace, ...container.ports.map(({ at }) => at)],
    };
  }
  const target = bindOf(wiring, container, value);
  const haproxy = wiring.haproxies.find(({ runBy }) => runBy?.container === container);
  if (target === undefined) {
    if (haproxy === undefined || !portsKnown(haproxy)) return undefined;
    return {
      what: `the ${kind} probe uses port ${value}, which HAProxy does not bind`,
      why: resultOf(probed),
      remedy: "Write a port that HAProxy binds.",
      at: [
        probePlace,
        ...haproxy.wiring.proxies.flatMap(({ binds }) =>
          binds.map(({ address }) => noted(address.at, "bound")),
        ),
      ],
    };
  }
  if (probe.kind !== "http") return undefined;
  const { bind, proxy } = target;
  const scheme = schemeOf(probed);
  if ((scheme === "HTTPS") !== bind.ssl) {
    return {
      what: `the ${kind} probe uses ${scheme} on a port ${bind.ssl ? "that expects TLS" : "without TLS"}`,
      why: resultOf(probed),
      remedy: `Write \`scheme: ${bind.ssl ? "HTTPS" : "HTTP"}\` in the probe.`,
      at: [probePlace, noted(bind.address.at, bind.ssl ? "expects TLS" : "no TLS")],
    };
  }
  const expects = expectationOf(proxy, bind);
  if (expects.when === "always") {
    return {
      what: `the ${kind} probe sends no PROXY header to a port that expects one`,
      why: `${resultOf(probed)} HAProxy resets the connection before it reads the request.`,
      remedy: "Use `tcpSocket`, or a port without `accept-proxy`.",
      at: [probePlace, noted(expects.at, "waits for a PROXY header")],
    };
  }
  const path = probe.path?.value ?? "/";
  const answer = answerTo({ config: target.haproxy.config, proxy, bind, path });
  // "Any code greater than or equal to 200 and less than 400 indicates success" (Kubernetes, configure probes).
  if (answer === undefined || (answer.status >= 200 && answer.status < 400)) return undefined;
  return {
    what: `the ${kind} probe requests ${path} and gets ${answer.status}`,
    why: resultOf(probed),
    remedy: `Write \`monitor-uri ${path}\` in \`${proxy.name}\`, so that HAProxy answers the probe itself.`,
    at: [
      noted(probe.path?.at ?? probe.at, "requests this path"),
      noted(answer.at, `answers ${answer.status}`),
    ],
  };
}

function resultOf({ kind, probe }: Probed): string {
  if (kind === "readiness") return "No pod becomes ready, and no Service sends traffic to one.";
  return `Kubernetes restarts every container after ${countOf(probe.failures.value, "failure")}, repeatedly.`;
}

function schemeOf({ workload, container, kind }: Probed): "HTTP" | "HTTPS" {
  const scheme = valueAt(workload.object.data, [...container.path, `${kind}Probe`, "httpGet", "scheme"]);
  return scheme === "HTTPS" ? "HTTPS" : "HTTP";
}

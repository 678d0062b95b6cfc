// health-check-fails: load balancer's health check fails while HAProxy is healthy.
import { isNlb, type LoadBalancer, type LoadBalancerHealthCheck, statusIn } from "../../wiring/cloud.ts";
import { isNodePort } from "../../wiring/kubernetes/node-ports.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { answerTo } from "../layers/answers.ts";
import { checkedPort, pathOfCheck, portsKnown } from "../layers/checked-port.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { type BalancedListener, listenersOf } from "../layers/listeners.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const healthCheckFails: Rule = {
  code: "health-check-fails",
  severity: "error",
  check(wiring) {
    const checks = listenersOf(wiring).flatMap((one) => {
      const check = one.listener.healthCheck;
      const port = check && checkedPort(check, one.listener);
      return check === undefined || port === undefined ? [] : [{ ...one, check, port }];
    });
    return onceEach(checks, ({ check, port }) => `${keyOf(check.at)} ${port}`).flatMap(
      (one) => faultOf(wiring, one) ?? [],
    );
  },
};

interface Checked extends BalancedListener {
  readonly check: LoadBalancerHealthCheck;
  readonly port: number;
}

/**
 * A classic ELB sends nothing to unhealthy nodes. An NLB and an ALB whose targets are all unhealthy send to all of them ("fails
 * open": AWS, health checks for target groups). What a cloud controller's load balancer does is not known.
 */
function outOfService(loadBalancer: LoadBalancer): string {
  const unhealthy = "The load balancer marks every node as unhealthy";
  if (loadBalancer.kind === "classic-elb") return `${unhealthy} and serves no requests`;
  if (loadBalancer.kind === "service" && !isNlb(loadBalancer))
    return `${unhealthy} and may serve no requests`;
  return `${unhealthy} and sends requests to all of them, failed nodes included`;
}

function faultOf(wiring: Wiring, checked: Checked): RuleFinding | undefined {
  const { check, port, listener } = checked;
  if (listener.to.kind === "nowhere") return undefined;
  const trafficPath = pathOfCheck(wiring, check, listener, port);
  if (trafficPath === undefined) return listener.to.kind === "pod" ? undefined : noService(wiring, checked);
  const { haproxy, proxy, bind, brokenAt } = trafficPath;
  if (haproxy !== undefined && brokenAt?.kind === "missing" && listener.to.kind === "pod")
    return notBound(checked, haproxy);
  if (haproxy === undefined || proxy === undefined || bind === undefined) return undefined;
  const protocol = knownValue(check.protocol);
  const places = (note: string) => [
    noted(check.port.at ?? check.at, `checks ${portText(checked)}`),
    noted(trafficPath.servicePort?.nodePort?.at, "forwards to the pods"),
    noted(bind.address.at, note),
  ];
  if ((protocol === "tls" || protocol === "https") && !bind.ssl) {
    return {
      what: "the health check uses TLS on a port without TLS",
      why: `${outOfService(checked.loadBalancer)}: its handshake fails at \`${bind.address.text}\` each time.`,
      remedy: `Check with ${protocol === "tls" ? "TCP" : "HTTP"}, or write \`ssl\` on the bind.`,
      at: places("no TLS here"),
    };
  }
  if (protocol === "http" && bind.ssl) {
    return {
      what: "the health check sends plain HTTP to a port that expects TLS",
      why: `${outOfService(checked.loadBalancer)}: HAProxy waits for a handshake, and closes the connection.`,
      remedy: "Check with HTTPS or TCP.",
      at: places("expects TLS"),
    };
  }
  if (protocol !== "http" && protocol !== "https") return undefined;
  const sends = headerSent(checked);
  const expects = expectationOf(proxy, bind);
  if (sends === false && expects.when === "always") {
    return {
      what: "the health check sends no PROXY header to a port that expects one",
      why: `${outOfService(checked.loadBalancer)}: HAProxy resets the connection before it reads the request.`,
      remedy: "Check with TCP, or check a port without `accept-proxy`.",
      at: [...places("its port"), noted(expects.at, "waits for a PROXY header")],
    };
  }
  if (sends === true && expects.when === "never") {
    return {
      what: "the health check starts with a PROXY header, and its port expects none",
      why: `${outOfService(checked.loadBalancer)}: an NLB with PROXY protocol sends the header on health checks too, and HAProxy answers it with 400.`,
      remedy:
        "Check with TCP, or accept PROXY headers from the load balancer's addresses on the checked port.",
      at: [...places("reads it as a request"), noted(listener.proxyProtocol.at, "PROXY protocol on")],
    };
  }
  return answered(checked, { config: haproxy.config, proxy, bind });
}

/** `node port 30080`, `port 8405` of pods; traffic goes to the Service's port otherwise. */
function portText({ check, listener, port }: Checked): string {
  const nodePort =
    listener.to.kind === "node" || (listener.to.kind === "service" && check.port.at !== undefined);
  return `${nodePort ? "node port" : "port"} ${port}`;
}

function notBound(checked: Checked, haproxy: HaproxyLayer): RuleFinding | undefined {
  const { check, port, loadBalancer } = checked;
  // The traffic itself goes there: another finding reports it.
  if (knownValue(check.port) === "traffic" || !portsKnown(haproxy)) return undefined;
  return {
    what: `the health check uses port ${port}, which HAProxy does not bind`,
    why: `${outOfService(loadBalancer)}: connections to that port are refused.`,
    remedy: "Check a port that HAProxy binds.",
    at: [
      noted(check.port.at ?? check.at, `checks port ${port}`),
      ...haproxy.wiring.proxies.flatMap(({ binds }) =>
        binds.map(({ address }) => noted(address.at, "bound")),
      ),
    ],
  };
}

/**
 * "The proxy protocol header is also included in health check connections" (AWS, Network Load Balancers, target groups, proxy
 * protocol), whatever port is checked (kubernetes/ingress-nginx issue 10982); a classic ELB sends none with HTTP checks. Of
 * others it is not known.
 */
function headerSent({ loadBalancer, listener }: Checked): boolean | undefined {
  const version = knownValue(listener.proxyProtocol);
  if (version === undefined) return undefined;
  if (version === "none" || loadBalancer.kind === "classic-elb") return false;
  return isNlb(loadBalancer) ? true : undefined;
}

function answered(
  checked: Checked,
  to: Omit<Parameters<typeof answerTo>[0], "path">,
): RuleFinding | undefined {
  const { check } = checked;
  const path = knownValue(check.path);
  if (path === undefined) return undefined;
  const answer = answerTo({ ...to, path });
  if (answer === undefined || isHealthy(checked, answer.status)) return undefined;
  return {
    what: `the health check requests ${path} and gets ${answer.status}`,
    why: `${outOfService(checked.loadBalancer)}: it expects ${statusesOf(checked)}.`,
    remedy: `Write \`monitor-uri ${path}\` in \`${to.proxy.name}\`, so that HAProxy answers the check itself, or check with TCP.`,
    at: [
      noted(
        check.path !== undefined && isKnown(check.path) ? (check.path.at ?? check.at) : check.at,
        portText(checked),
      ),
      noted(answer.at, `answers ${answer.status}`),
      noted(to.bind.address.at, "is checked"),
    ],
  };
}

/**
 * A classic ELB requires 200. An NLB accepts 200 to 399 and an ALB 200, unless a matcher changes it (AWS, target groups,
 * health check settings); of others it is not known.
 */
function statusesOf({ loadBalancer, check }: Checked): string | undefined {
  if (check.statuses !== undefined) return knownValue(check.statuses);
  if (isNlb(loadBalancer)) return "200-399";
  return loadBalancer.kind === "service" ? undefined : "200";
}

function isHealthy(checked: Checked, status: number): boolean {
  const statuses = statusesOf(checked);
  return statuses === undefined || statusIn(statuses, status) !== false;
}

/** A node port that no Service has; other ports may belong to another program on the node. */
function noService(wiring: Wiring, checked: Checked): RuleFinding | undefined {
  const { check, port } = checked;
  const services = wiring.services.filter(({ type }) => type === "NodePort" || type === "LoadBalancer");
  const isChosen = services.some(({ ports }) => ports.some(({ nodePort }) => nodePort === undefined));
  if (services.length === 0 || isChosen || !isNodePort(services, port)) return undefined;
  return {
    what: `the load balancer checks node port ${port}, which no Service has`,
    why: `${outOfService(checked.loadBalancer)}: connections to that port are refused.`,
    remedy: "Check a node port of a Service that forwards to the pods.",
    at: [
      noted(check.port.at ?? check.at, `checks node port ${port}`),
      ...services
        .flatMap(({ ports }) => ports.map(({ nodePort }) => nodePort?.at))
        .slice(0, 5)
        .map((place) => noted(place, "existing node port")),
    ],
  };
}

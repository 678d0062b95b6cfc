// The load balancer of a Service of type LoadBalancer, by its annotations and its provider's documentation.
import type { Position } from "../../findings/finding.ts";
import type {
  HealthCheckFact,
  HealthCheckTexts,
  Provider,
  Reading,
  ServiceText,
  Sourced,
  TrafficPolicy,
} from "../../providers/provider.ts";
import { providerOf } from "../../providers/providers.ts";
import { listAt, valueAt } from "../../source/data.ts";
import type { LoadBalancer, LoadBalancerHealthCheck, LoadBalancerListener } from "../cloud.ts";
import { unknownHealthCheck } from "../cloud.ts";
import type { Service, ServicePort } from "../wiring.ts";
import type { Known, Unknown, Written } from "../written.ts";
import { healthCheckFrom } from "./annotated-health-check.ts";

/** An annotation about a load balancer that Portico does not know. */
const ABOUT_LOAD_BALANCERS = /load-?balancer|proxy-?protocol/i;

interface Reader {
  readonly service: Service;
  readonly text: ServiceText;
  readonly provider?: Provider | undefined;
  /** An annotation that may configure the load balancer; undefined: there is none. */
  readonly untrusted?: string | undefined;
}

/** Call it for Services of type LoadBalancer. Never fails: values that are not known are Unknown, with the reason. */
export function readServiceLoadBalancer(service: Service): LoadBalancer {
  const text = textOf(service);
  const provider = providerOf(text);
  const untrusted =
    provider === undefined
      ? Object.keys(service.annotations).find((name) => ABOUT_LOAD_BALANCERS.test(name))
      : undefined;
  const reader: Reader = { service, text, provider, untrusted };
  return {
    kind: "service",
    provider: provider?.name,
    id: `Service ${service.namespace}/${service.name}`,
    name: unknown(reader, "the provider chooses the name of the load balancer"),
    internal: isInternal(reader),
    listeners: service.ports.map((port) => listenerOf(reader, port)),
    idleTimeoutS: idleTimeout(reader),
    crossZone: unknown(reader, "not set by the Service; the provider chooses"),
    drainingS: unknown(reader, "not set by the Service; the provider chooses"),
    securityGroups: [],
    accessLogs: unknown(reader, "not set by the Service; the provider chooses"),
    at: service.at,
  };
}

function isInternal(reader: Reader): Known<boolean> {
  const { provider, service } = reader;
  if (provider === undefined) return untold(reader, "whether the load balancer is internal");
  if (provider.internal === undefined)
    return unknown(reader, `${provider.title} documents no annotation for an internal load balancer`);
  return known(reader, provider.internal.read(service.annotations));
}

function textOf(service: Service): ServiceText {
  const [loadBalancerClass, checkPort] = ["loadBalancerClass", "healthCheckNodePort"].map((name) =>
    valueAt(service.object.data, ["spec", name]),
  );
  return {
    annotations: service.annotations,
    loadBalancerClass: typeof loadBalancerClass === "string" ? loadBalancerClass : undefined,
    externalTrafficPolicy: service.externalTrafficPolicy.value,
    healthCheckNodePort: typeof checkPort === "number" ? checkPort : undefined,
    ports: service.ports.map(({ name, port, nodePort }) => ({
      name,
      port: port.value,
      nodePort: nodePort?.value,
      appProtocol: appProtocolOf(service, port.value),
    })),
  };
}

function appProtocolOf({ object }: Service, port: number): string | undefined {
  const found = listAt(object.data, ["spec", "ports"]).find((one) => valueAt(one, ["port"]) === port);
  const protocol = valueAt(found, ["appProtocol"]);
  return typeof protocol === "string" ? protocol : undefined;
}

function listenerOf(reader: Reader, port: ServicePort): LoadBalancerListener {
  const { provider, text, service } = reader;
  const certificate = provider?.tls?.read(text, port.port.value);
  const protocol = port.protocol === "UDP" ? "udp" : "tcp";
  const targetsPods = provider?.targets(service.annotations) === "pod";
  return {
    port: port.port,
    protocol: clientProtocol(reader, port, certificate),
    to: {
      kind: targetsPods ? "pod" : "service",
      port: targetsPods ? targetPort(reader, port) : port.port,
    },
    targetProtocol: targetProtocol(reader, protocol),
    proxyProtocol: proxyProtocol(reader, port),
    keepsClientAddress: keepsClientAddress(reader, targetsPods),
    certificate: certificate && known(reader, certificate),
    redirectsToHttps: false,
    healthCheck: healthCheckOf(reader, port.port.value),
    at: port.at,
  };
}

function targetPort(reader: Reader, { targetPort: target }: ServicePort): Known<number> {
  return typeof target.value === "number"
    ? { value: target.value, at: target.at }
    : unknown(reader, `the pods' port has a name, ${target.value}`, target.at);
}

/** A Service is layer 4 unless an annotation makes its load balancer an HTTP proxy, of which Portico reads nothing more. */
function clientProtocol(
  reader: Reader,
  { protocol }: ServicePort,
  certificate: Reading<string> | undefined,
): LoadBalancerListener["protocol"] {
  if (protocol === "UDP") return { value: "udp" };
  const http = httpAnnotation(reader);
  if (http !== undefined) return unknown(reader, `${http} may make it an HTTP proxy`, place(reader, http));
  if (reader.untrusted !== undefined) return untold(reader, "its protocol");
  return certificate === undefined
    ? { value: "tcp" }
    : { value: "tls", at: certificate.by === undefined ? undefined : place(reader, certificate.by) };
}

function targetProtocol(reader: Reader, protocol: "tcp" | "udp"): LoadBalancerListener["targetProtocol"] {
  const http = httpAnnotation(reader);
  if (http !== undefined) return unknown(reader, `${http} may make it an HTTP proxy`, place(reader, http));
  return { value: protocol };
}

/** The annotation that makes the load balancer an HTTP proxy; undefined: there is none. */
function httpAnnotation({ service, provider }: Reader): string | undefined {
  const entry = Object.entries(service.annotations).find(([name, value]) =>
    provider?.httpAnnotations.some(([names, values]) => names.test(name) && values.test(value)),
  );
  return entry?.[0];
}

function proxyProtocol(reader: Reader, port: ServicePort): LoadBalancerListener["proxyProtocol"] {
  const { provider, text } = reader;
  if (provider === undefined)
    // No provider sends PROXY headers unless configured to (docs/clouds).
    return reader.untrusted === undefined ? { value: "none" } : untold(reader, "its PROXY protocol");
  if (provider.proxy === undefined) return { value: "none" };
  return known(reader, provider.proxy.read(text, port.port.value));
}

/** With `Cluster` a node forwards connections from its own address (Kubernetes, "Using Source IP"). */
function keepsClientAddress(reader: Reader, targetsPods: boolean): Known<boolean> {
  const { provider, service } = reader;
  const { externalTrafficPolicy: policy } = service;
  if (policy.value === "Cluster" && !targetsPods) return { value: false, at: policy.at };
  if (provider === undefined) return untold(reader, "the source address of connections");
  return known(reader, provider.readKeeps(service.annotations), policy.at);
}

function idleTimeout(reader: Reader): Known<number> {
  const { provider, service } = reader;
  if (provider === undefined) return untold(reader, "its idle timeout");
  if (provider.idleTimeout === undefined)
    return unknown(reader, `${provider.title} forwards packets; no idle timeout is documented`);
  return known(reader, provider.idleTimeout.read(service.annotations));
}

function healthCheckOf(reader: Reader, port: number): LoadBalancerHealthCheck {
  const { provider, service } = reader;
  const { externalTrafficPolicy: policy } = service;
  const nothing = (why: Unknown) => unknownHealthCheck(why, service.at);
  if (provider === undefined) return nothing(untold(reader, "its health check"));
  const texts = provider.readHealthCheck?.(reader.text, port) ?? {};
  const read = Object.values(texts).map((text) => text?.by);
  const own = Object.keys(service.annotations).find(
    (name) => provider.healthCheckAnnotations?.test(name) === true && !read.includes(name),
  );
  const unread = "changes the health check in a way that Portico does not read";
  if (own !== undefined) return nothing(unknown(reader, `${own} ${unread}`, place(reader, own)));
  const fact = provider.healthCheck[policy.value];
  if (fact !== undefined) return written(reader, checkOf(reader, fact, policy), texts);
  return nothing(
    unknown(reader, `${provider.title} does not document its health check with ${policy.value}`),
  );
}

/** The health check of a provider, with what the Service changes. */
function written(
  reader: Reader,
  usual: LoadBalancerHealthCheck,
  texts: HealthCheckTexts,
): LoadBalancerHealthCheck {
  const placed = (text: Sourced<string>): Written<string> => ({
    value: text.value,
    at: text.by === undefined ? undefined : place(reader, text.by),
  });
  const [first] = Object.values(texts).flatMap((text) => (text && placed(text).at) ?? []);
  if (Object.keys(texts).length === 0) return usual;
  return healthCheckFrom(
    usual,
    (field) => {
      const text = texts[field];
      return text && placed(text);
    },
    first ?? usual.at,
  );
}

function checkOf(
  reader: Reader,
  fact: HealthCheckFact,
  policy: Written<TrafficPolicy>,
): LoadBalancerHealthCheck {
  const by = <T>(value: T): Written<T> => ({ value, at: policy.at });
  const number = (value: number | undefined, what: string): Known<number> =>
    value === undefined ? unknown(reader, `${what} is not documented`) : { value };
  return {
    protocol: by(fact.protocol),
    port: fact.port === "healthCheckNodePort" ? healthCheckNodePort(reader) : by(fact.port),
    path: fact.path === undefined ? undefined : by(fact.path),
    intervalS: number(fact.intervalS, "the interval of health checks"),
    timeoutS: number(fact.timeoutS, "the timeout of health checks"),
    healthy: number(fact.healthy, "the healthy threshold"),
    unhealthy: number(fact.unhealthy, "the unhealthy threshold"),
    at: policy.at ?? reader.service.at,
  };
}

function healthCheckNodePort(reader: Reader): Known<number> {
  const { healthCheckNodePort: port } = reader.text;
  if (port === undefined) return unknown(reader, "Kubernetes chooses healthCheckNodePort");
  return { value: port, at: reader.service.object.place(["spec", "healthCheckNodePort"]) };
}

/** `otherwise`: the place of a value that another field of the Service decides, not an annotation. */
function known<T>(reader: Reader, reading: Reading<T>, otherwise?: Position): Known<T> {
  const at = reading.by === undefined ? otherwise : place(reader, reading.by);
  return "unknown" in reading ? unknown(reader, reading.unknown, at) : { value: reading.value, at };
}

function untold(reader: Reader, what: string): Unknown {
  const { untrusted } = reader;
  return untrusted === undefined
    ? unknown(reader, `no annotation identifies the provider of the load balancer, and so ${what}`)
    : unknown(
        reader,
        `${untrusted} is an annotation that Portico does not know, and may set ${what}`,
        place(reader, untrusted),
      );
}

function unknown(reader: Reader, why: string, at?: Position): Unknown {
  return { unknown: why, at: at ?? reader.service.at };
}

function place({ service }: Reader, annotation: string): Position {
  return service.object.place(["metadata", "annotations", annotation]) ?? service.at;
}

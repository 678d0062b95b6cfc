// Application Load Balancers that the AWS Load Balancer Controller creates for Ingresses.
import { ALB, ALB_CONTROLLER, ALB_DEFAULTS, ALB_HEALTH_CHECK } from "../../providers/aws/alb-ingress.ts";
import { attribute } from "../../providers/aws/annotations.ts";
import type { Path } from "../../source/data.ts";
import type { Position } from "../../source/position.ts";
import type {
  ListenerAnswer,
  LoadBalancer,
  LoadBalancerHealthCheck,
  LoadBalancerListener,
} from "../cloud.ts";
import type { KubernetesObject, LeftOut, Service } from "../wiring.ts";
import type { Known, Written } from "../written.ts";
import { type AlbAction, readAlbAction, redirectsToItself } from "./alb-actions.ts";
import { healthCheckFrom } from "./annotated-health-check.ts";
import { type Fields, fieldsOf, titleOf } from "./fields.ts";

export function readAlbIngresses(
  objects: readonly KubernetesObject[],
  services: readonly Service[],
  leftOut: LeftOut[],
): readonly LoadBalancer[] {
  const classes = new Set(
    objects
      .filter(
        ({ kind, data }) =>
          kind === "IngressClass" && JSON.stringify(data.spec ?? {}).includes(ALB_CONTROLLER),
      )
      .map(({ name }) => name),
  );
  return objects
    .filter(({ kind }) => kind === "Ingress")
    .flatMap((object) => {
      const ingress = ingressOf(object, services, leftOut);
      return isAlb(ingress, classes) ? [loadBalancerOf(ingress)] : [];
    });
}

interface Ingress {
  readonly object: KubernetesObject;
  readonly fields: Fields;
  readonly annotations: Readonly<Record<string, string>>;
  readonly services: readonly Service[];
  readonly leftOut: LeftOut[];
  readonly at: (annotation: string) => Position;
}

function ingressOf(object: KubernetesObject, services: readonly Service[], leftOut: LeftOut[]): Ingress {
  const fields = fieldsOf(object, leftOut);
  return {
    object,
    fields,
    annotations: fields.strings(["metadata", "annotations"]),
    services,
    leftOut,
    at: (annotation) => object.place(["metadata", "annotations", annotation]) ?? object.at,
  };
}

function isAlb({ fields, annotations }: Ingress, classes: ReadonlySet<string>): boolean {
  const name = fields.raw(["spec", "ingressClassName"]) ?? annotations["kubernetes.io/ingress.class"];
  return name === "alb" || (typeof name === "string" && classes.has(name));
}

function loadBalancerOf(ingress: Ingress): LoadBalancer {
  const { object, annotations, at } = ingress;
  const attributes = `${ALB}load-balancer-attributes`;
  const groups = `${ALB}target-group-attributes`;
  const idle = attribute(annotations, attributes, "idle_timeout.timeout_seconds");
  const draining = attribute(annotations, groups, "deregistration_delay.timeout_seconds");
  const seconds = (text: string | undefined, by: string, usual: number): Known<number> =>
    text === undefined ? { value: usual } : { value: Number(text), at: at(by) };
  const scheme = annotations[`${ALB}scheme`];
  return {
    kind: "alb",
    provider: "aws",
    id: titleOf(object),
    name: { unknown: "the controller chooses the name of the load balancer", at: object.at },
    internal:
      scheme === undefined
        ? { value: true }
        : { value: scheme !== "internet-facing", at: at(`${ALB}scheme`) },
    listeners: listenersOf(ingress),
    idleTimeoutS: seconds(idle, attributes, ALB_DEFAULTS.idleTimeoutS),
    crossZone: { value: true },
    drainingS: seconds(draining, groups, ALB_DEFAULTS.drainingS),
    securityGroups: [],
    accessLogs: { unknown: "not set by the Ingress; the controller chooses", at: object.at },
    at: object.at,
  };
}

interface Port {
  readonly protocol: "http" | "https";
  readonly port: number;
  readonly at?: Position | undefined;
}

/** Without the annotation: 443 where a certificate is named, else 80. */
function portsOf({ annotations, at }: Ingress): readonly Port[] {
  const name = `${ALB}listen-ports`;
  const written = annotations[name];
  if (written === undefined)
    return annotations[`${ALB}certificate-arn`] === undefined
      ? [{ protocol: "http", port: 80 }]
      : [{ protocol: "https", port: 443, at: at(`${ALB}certificate-arn`) }];
  return [...written.matchAll(/"?(HTTPS?)"?\s*:\s*(\d+)/g)].map(([, protocol, port]) => ({
    protocol: protocol === "HTTPS" ? "https" : "http",
    port: Number(port),
    at: at(name),
  }));
}

/** One for each port and Service: listeners of one port have several targets. */
function listenersOf(ingress: Ingress): readonly LoadBalancerListener[] {
  const { annotations, at, object } = ingress;
  const redirect = annotations[`${ALB}ssl-redirect`];
  const certificate = annotations[`${ALB}certificate-arn`]?.split(",")[0]?.trim();
  const policy = annotations[`${ALB}ssl-policy`];
  return portsOf(ingress).flatMap(({ protocol, port, at: portAt }) => {
    const front = {
      port: { value: port, at: portAt },
      protocol: { value: protocol, at: portAt },
      proxyProtocol: { value: "none" },
      keepsClientAddress: { value: false },
      certificate:
        protocol === "https" && certificate !== undefined
          ? { value: certificate, at: at(`${ALB}certificate-arn`) }
          : undefined,
      tlsPolicy: policy === undefined ? undefined : { value: policy, at: at(`${ALB}ssl-policy`) },
      at: portAt ?? object.at,
    } as const;
    if (redirect !== undefined && protocol === "http")
      return [redirecting(front, redirect, at(`${ALB}ssl-redirect`))];
    const rules = rulesOf(ingress, protocol, port);
    const [first] = rules;
    if (first?.action?.kind === "answer" && first.all)
      return [answering(front, first.action.answer, first.at)];
    return backendsIn(rules).map((backend) => ({
      ...front,
      redirectsToHttps: false,
      ...towards(ingress, backend),
    }));
  });
}

type Front = Omit<LoadBalancerListener, "to" | "targetProtocol" | "redirectsToHttps" | "healthCheck">;

function redirecting(front: Front, to: string, at: Position): LoadBalancerListener {
  const all = { host: "#{host}", path: "/#{path}", query: "#{query}" };
  return answering(front, { kind: "redirect", status: 301, protocol: "HTTPS", port: to, ...all }, at);
}

function answering(front: Front, answer: ListenerAnswer, at: Position): LoadBalancerListener {
  const itself = { unknown: "the load balancer answers itself", at };
  return {
    ...front,
    to: { kind: "nowhere", port: itself },
    targetProtocol: itself,
    redirectsToHttps: answer.kind === "redirect" && answer.protocol.toUpperCase() === "HTTPS",
    answer: { value: answer, at },
  };
}

interface Backend {
  readonly name: string;
  readonly port: number | string;
  readonly at: Position;
}

interface Rule extends Backend {
  /** Whether it applies to every request that no earlier rule took. */
  readonly all: boolean;
  /** undefined: a Service. */
  readonly action?: AlbAction | undefined;
}

/** In order, up to the first rule for all requests; of `networking.k8s.io/v1` and older versions. */
function rulesOf(ingress: Ingress, protocol: string, port: number): readonly Rule[] {
  const { fields, annotations } = ingress;
  const paths = fields
    .items(["spec", "rules"])
    .flatMap((rule) =>
      fields
        .items([...rule, "http", "paths"])
        .map((path) => ({ path: [...path, "backend"], all: isForAll(fields, rule, path) })),
    );
  const defaults = [
    ["spec", "defaultBackend"],
    ["spec", "backend"],
  ].map((path) => ({ path, all: true }));
  const rules: Rule[] = [];
  for (const { path, all } of [...paths, ...defaults]) {
    const backend = backendAt(fields, path);
    if (backend === undefined) continue;
    const written = annotations[`${ALB}actions.${backend.name}`];
    const action =
      backend.port === "use-annotation" && written !== undefined ? readAlbAction(written) : undefined;
    if (backend.port === "use-annotation" && action === undefined) {
      note(ingress, backend, false);
      continue;
    }
    if (action?.kind === "answer" && redirectsToItself(action.answer, protocol, port)) continue;
    if (action?.kind === "answer" && !all) note(ingress, backend, true);
    rules.push({ ...backend, all, action });
    if (all) break;
  }
  return rules;
}

function isForAll(fields: Fields, rule: Path, path: Path): boolean {
  const written = fields.raw([...path, "path"]) ?? "/*";
  const host = fields.raw([...rule, "host"]) ?? "";
  if (host !== "") return false;
  return written === "/*" || (written === "/" && fields.raw([...path, "pathType"]) === "Prefix");
}

function note({ leftOut }: Ingress, { name, at }: Backend, isKnown: boolean): void {
  const what = `the action ${name} of the load balancer ${isKnown ? "applies to only some of the requests" : "is not known"}`;
  const why = isKnown
    ? "`portico test` sends these requests to the Services of the other paths."
    : `No annotation \`${ALB}actions.${name}\` describes it, or the annotation has a form that Portico does not read. Requests that the action handles are not tested.`;
  if (!leftOut.some((one) => one.what === what)) leftOut.push({ what, why, severity: "note", at });
}

function backendAt(fields: Fields, path: Path): Backend | undefined {
  const name = fields.raw([...path, "service", "name"]) ?? fields.raw([...path, "serviceName"]);
  const port =
    fields.raw([...path, "service", "port", "number"]) ??
    fields.raw([...path, "service", "port", "name"]) ??
    fields.raw([...path, "servicePort"]);
  if (typeof name !== "string" || (typeof port !== "number" && typeof port !== "string")) return undefined;
  return { name, port, at: fields.at(path) };
}

/** Each Service once. */
function backendsIn(rules: readonly Rule[]): readonly Backend[] {
  const all = rules.flatMap(({ name, port, at, action }): readonly Backend[] => {
    if (action === undefined) return [{ name, port, at }];
    return action.kind === "forward" ? action.services.map((service) => ({ ...service, at })) : [];
  });
  return [...new Map(all.map((one) => [`${one.name} ${one.port}`, one])).values()];
}

function towards(
  ingress: Ingress,
  backend: Backend,
): Pick<LoadBalancerListener, "to" | "targetProtocol" | "healthCheck"> {
  const { object, services } = ingress;
  const service = services.find(
    ({ name, namespace }) => name === backend.name && namespace === object.namespace,
  );
  const text = (name: string): Written<string> | undefined => annotated(ingress, service, name);
  const kind = text(`${ALB}target-type`)?.value === "ip" ? "pod" : "service";
  const servicePort = service?.ports.find((port) =>
    typeof backend.port === "number" ? port.port.value === backend.port : port.name === backend.port,
  );
  const protocol = text(`${ALB}backend-protocol`);
  return {
    to: {
      kind,
      port: targetOf(kind, servicePort, backend),
      service: { namespace: object.namespace, name: backend.name, port: backend.port },
    },
    targetProtocol: { value: protocol?.value.toLowerCase() === "https" ? "https" : "http", at: protocol?.at },
    healthCheck: healthCheckFrom(
      usualCheck(object.at, protocol?.value.toLowerCase() === "https"),
      (field) => text(ALB_HEALTH_CHECK[field]),
      Object.values(ALB_HEALTH_CHECK).flatMap((name) => text(name)?.at ?? [])[0] ?? object.at,
    ),
  };
}

function targetOf(
  kind: "pod" | "service",
  servicePort: Service["ports"][number] | undefined,
  { port, at }: Backend,
): Known<number> {
  if (kind === "service")
    return servicePort === undefined && typeof port === "string"
      ? { unknown: `the port ${port} is not known`, at }
      : { value: servicePort?.port.value ?? Number(port), at };
  const target = servicePort?.targetPort;
  if (typeof target?.value === "number") return { value: target.value, at: target.at };
  return { unknown: "the port of the pods is not known", at };
}

/** An annotation of the Service takes precedence over that of the Ingress. */
function annotated(
  ingress: Ingress,
  service: Service | undefined,
  name: string,
): Written<string> | undefined {
  const own = service?.annotations[name];
  if (own !== undefined) return { value: own, at: service?.object.place(["metadata", "annotations", name]) };
  const value = ingress.annotations[name];
  return value === undefined ? undefined : { value, at: ingress.at(name) };
}

function usualCheck(at: Position, https: boolean): LoadBalancerHealthCheck {
  const { path, intervalS, timeoutS, healthy, unhealthy } = ALB_DEFAULTS;
  return {
    protocol: { value: https ? "https" : "http" },
    port: { value: "traffic" },
    path: { value: path },
    intervalS: { value: intervalS },
    timeoutS: { value: timeoutS },
    healthy: { value: healthy },
    unhealthy: { value: unhealthy },
    at,
  };
}

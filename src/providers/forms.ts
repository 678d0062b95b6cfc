// Formats of annotations that several providers share, each written and read by the same code.
import type {
  Annotation,
  Annotations,
  HealthCheckFields,
  IdleTimeoutFact,
  InternalFact,
  PortAsked,
  Provider,
  ProxyFact,
  ProxyVersion,
  Reading,
  ServiceText,
  TlsFact,
} from "./provider.ts";

/** A health check of HAProxy's own port: a connection. */
export const CONNECTION = {
  answeredBy: "haproxy",
  protocol: "tcp",
  port: "traffic",
  withProxy: false,
} as const;

/** kube-proxy's answer on spec.healthCheckNodePort: whether this node has a ready pod (Kubernetes, "Source IP"). */
export const LOCAL_PODS = {
  ...CONNECTION,
  answeredBy: "kube-proxy",
  protocol: "http",
  port: "healthCheckNodePort",
  path: "/healthz",
} as const;

/** kube-proxy's answer about itself: every node on which it runs. */
export const KUBE_PROXY = { ...LOCAL_PODS, port: 10256 } as const;

/** Defaults of a provider without further documentation, whose connections go to the Service. */
export const USUAL = {
  always: () => [],
  httpAnnotations: [],
  targets: () => "service",
} satisfies Partial<Provider>;

/** One annotation for each value. */
export function healthCheckIn(fields: HealthCheckFields): NonNullable<Provider["readHealthCheck"]> {
  return ({ annotations }) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, by]) => {
        const value = annotations[by];
        return value === undefined ? [] : [[field, { value, by }]];
      }),
    );
}

/** Recognised by the prefix of an annotation's name. */
export function ownsByPrefix(...prefixes: readonly string[]): Provider["owns"] {
  return ({ annotations }) =>
    Object.keys(annotations).some((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}

/** One annotation for all ports. The first word of a version is written, all are read. */
export function proxyForAll(
  name: string,
  words: Partial<Readonly<Record<ProxyVersion, readonly [string, ...string[]]>>>,
  off: readonly string[] = ["false"],
): Omit<ProxyFact, "versions"> {
  return {
    perPort: false,
    write: (ports) => {
      const proxy = ports.find((port) => port.proxy !== "none")?.proxy ?? "none";
      const value = proxy === "none" ? undefined : words[proxy]?.[0];
      return value === undefined ? [] : [{ name, value, because: PROXY_REASON }];
    },
    read: ({ annotations }) => {
      const value = annotations[name];
      if (value === undefined || value === "" || off.includes(value))
        return fromAnnotation(annotations, name, "none");
      const version = (["v1", "v2"] as const).find((one) => words[one]?.includes(value));
      return version === undefined ? notUnderstood(name, value) : { value: version, by: name };
    },
  };
}

export const PROXY_REASON = "PROXY header with the client address, which HAProxy expects";

/** An annotation that is `true` or `false`. */
export function flag(name: string, because: string): InternalFact {
  return {
    write: [{ name, value: "true", because }],
    read: (annotations) => {
      const value = annotations[name];
      if (value === "true") return { value: true, by: name };
      return value === undefined || value === "false"
        ? fromAnnotation(annotations, name, false)
        : notUnderstood(name, value);
    },
  };
}

/** A certificate in one annotation, and the ports where it serves in another. */
export function certificateAndPorts(
  certificate: string,
  names: { readonly certificate: string; readonly ports: string },
  allWithoutPorts: boolean,
  more: readonly Annotation[] = [],
): TlsFact {
  return {
    certificate,
    write: (ports) => {
      const ending = ports.filter((port) => port.certificate !== undefined);
      const [first] = ending;
      if (first === undefined) return [];
      return [
        {
          name: names.certificate,
          value: first.certificate ?? "",
          because: "TLS terminated at the load balancer",
        },
        {
          name: names.ports,
          value: ending.map(({ port }) => port).join(","),
          because: "on this port only",
        },
        ...more,
      ];
    },
    read: ({ annotations, ports }, port) => {
      const value = annotations[names.certificate];
      if (value === undefined || value === "") return undefined;
      const list = annotations[names.ports];
      const ends = list === undefined || list === "*" ? allWithoutPorts : inList(list, port, { ports });
      return ends ? { value, by: names.certificate } : undefined;
    },
  };
}

/** `80, 443` or names of the Service's ports. */
export function inList(list: string, port: number, service: Pick<ServiceText, "ports">): boolean {
  const name = service.ports.find((one) => one.port === port)?.name;
  return list
    .split(",")
    .map((word) => word.trim())
    .some((word) => word === String(port) || (name !== undefined && word === name));
}

/** Whole seconds times `unit`, as in minutes: 60, milliseconds: 0.001. */
export function idleSeconds(
  names: readonly [string, ...string[]],
  defaultS: number | undefined,
  form: {
    readonly unitS?: number;
    readonly suffix?: string;
    readonly range?: { readonly leastS: number; readonly mostS: number };
  } = {},
): IdleTimeoutFact {
  const { unitS = 1, suffix = "", range } = form;
  return {
    defaultS,
    range,
    stepS: Math.max(1, unitS),
    write: (seconds) =>
      names.map((name) => ({
        name,
        value: `${Math.round(seconds / unitS)}${suffix}`,
        because: "closes idle connections after this time",
      })),
    read: (annotations) => {
      const [name] = names;
      const text = annotations[name];
      if (text === undefined)
        return defaultS === undefined
          ? { unknown: "the provider does not document its idle timeout" }
          : { value: defaultS };
      const seconds = suffix === "" ? Number(text) * unitS : goSeconds(text);
      return Number.isFinite(seconds) && text.trim() !== ""
        ? { value: Math.round(seconds * 1000) / 1000, by: name }
        : notUnderstood(name, text);
    },
  };
}

/** An idle timeout that no annotation changes. */
export function fixedIdle(defaultS?: number): IdleTimeoutFact {
  return {
    defaultS,
    stepS: 1,
    read: () =>
      defaultS === undefined
        ? { unknown: "the provider does not document its idle timeout" }
        : { value: defaultS },
  };
}

/** Go's durations: `90s`, `1m30s`, `500ms`; NaN for others. */
function goSeconds(text: string): number {
  const units = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, µs: 1e-6, ns: 1e-9 } as const;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return Number.NaN;
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit as keyof typeof units] ?? Number.NaN),
    0,
  );
}

export function notUnderstood(name: string, value: string): Reading<never> {
  return { unknown: `${name} has a value that Portico does not know: ${JSON.stringify(value)}`, by: name };
}

/** From the annotation if it exists, else from the provider's default. */
export function fromAnnotation<T>(annotations: Annotations, name: string, value: T): Reading<T> {
  return { value, by: annotations[name] === undefined ? undefined : name };
}

/** Ports with a protocol version, as a list. */
export function portsWith(ports: readonly PortAsked[], version: ProxyVersion): string {
  return ports
    .filter(({ proxy }) => proxy === version)
    .map(({ port }) => port)
    .join(",");
}

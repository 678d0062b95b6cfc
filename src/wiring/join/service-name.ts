// Names of Services in server lines: `app.web.svc.cluster.local`, one of its pods, or one of its ports.

export interface ServiceName {
  readonly service: string;
  /** undefined: the namespace of the client's own pod. */
  readonly namespace?: string | undefined;
  /** One pod of a headless Service: `app-0`. */
  readonly pod?: string | undefined;
  /** An SRV name, `_http._tcp.…`. */
  readonly port?: { readonly name: string; readonly protocol: "TCP" | "UDP" } | undefined;
  /** After `svc`: `cluster.local`. */
  readonly domain?: string | undefined;
  /** Whether it resolves without the search list of resolv.conf. */
  readonly isComplete: boolean;
}

/** undefined: a name outside of the cluster. Kubernetes, "DNS for Services and Pods"; `inPod`: the search list of a pod completes it. */
export function serviceNameOf(host: string, { inPod }: { readonly inPod: boolean }): ServiceName | undefined {
  const isRooted = host.endsWith(".");
  const labels = host.toLowerCase().replace(/\.$/, "").split(".");
  const [, name, protocol] = /^_([^.]+)\._(tcp|udp)\./.exec(labels.join(".")) ?? [];
  const rest = name === undefined ? labels : labels.slice(2);
  const port =
    name === undefined
      ? undefined
      : { name, protocol: protocol === "udp" ? ("UDP" as const) : ("TCP" as const) };
  const at = rest.indexOf("svc");
  if (at === 2 || at === 3) {
    const [service = "", namespace = ""] = rest.slice(at - 2, at);
    const pod = at === 3 ? rest[0] : undefined;
    const domain = rest.slice(at + 1).join(".");
    const isComplete = isRooted || domain !== "";
    return { service, namespace, pod, port, domain: domain === "" ? undefined : domain, isComplete };
  }
  // `app` and `app.web`: the latter may also be a name outside of the cluster.
  if (!inPod || isRooted || rest.length > 2 || host === "localhost") return undefined;
  const [service = "", namespace] = rest;
  return { service, namespace, port, isComplete: false };
}

// Services of type LoadBalancer as each provider documents them, and the resulting load balancer.

import { describe, expect, test } from "vitest";
import { isMap, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { Position } from "../../../src/findings/finding.ts";
import { PROVIDERS } from "../../../src/providers/providers.ts";
import type { LoadBalancer } from "../../../src/wiring/cloud.ts";
import { readServiceLoadBalancer } from "../../../src/wiring/kubernetes/load-balancer-service.ts";
import type { Service } from "../../../src/wiring/wiring.ts";
import type { Known } from "../../../src/wiring/written.ts";

interface Manifest {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly externalTrafficPolicy?: "Cluster" | "Local";
    readonly ports: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort?: number | string;
      readonly protocol?: string;
    }[];
  };
}

/** Provider, annotations as its users write them, PROXY protocol. */
const AS_DOCUMENTED = [
  ["aws-in-tree", `service.beta.kubernetes.io/aws-load-balancer-proxy-protocol: "*"`, "v1"],
  [
    "aws-in-tree",
    `service.beta.kubernetes.io/aws-load-balancer-type: nlb\n    service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled=false,proxy_protocol_v2.enabled=true`,
    "v2",
  ],
  [
    "aws-nlb-controller",
    `service.beta.kubernetes.io/aws-load-balancer-type: external\n    service.beta.kubernetes.io/aws-load-balancer-proxy-protocol: "*"`,
    "v2",
  ],
  [
    "aws-nlb-controller",
    `service.beta.kubernetes.io/aws-load-balancer-type: external\n    service.beta.kubernetes.io/aws-load-balancer-proxy-protocol-per-target-group: "80, https"`,
    "v2",
  ],
  [
    "aws-nlb-controller",
    `service.beta.kubernetes.io/aws-load-balancer-type: external\n    service.beta.kubernetes.io/aws-load-balancer-proxy-protocol-per-target-group: "22"`,
    "none",
  ],
  ["google", `cloud.google.com/l4-rbs: "enabled"`, "none"],
  ["azure", `service.beta.kubernetes.io/azure-load-balancer-internal: "true"`, "none"],
  ["digitalocean", `service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol: "true"`, "v1"],
  ["hetzner", `load-balancer.hetzner.cloud/uses-proxyprotocol: "true"`, "v1"],
  ["scaleway", `service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2: "80,443"`, "v2"],
  ["scaleway", `service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1: "*"`, "v1"],
  ["scaleway", `service.beta.kubernetes.io/scw-loadbalancer-send-proxy-v2: "true"`, "v2"],
  ["openstack", `loadbalancer.openstack.org/proxy-protocol: "true"`, "v1"],
  ["openstack", `loadbalancer.openstack.org/proxy-protocol: v2`, "v2"],
  [
    "ovh",
    `loadbalancer.ovhcloud.com/class: octavia\n    loadbalancer.openstack.org/proxy-protocol: "true"`,
    "v1",
  ],
  ["linode", `service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol: v2`, "v2"],
  [
    "linode",
    `service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol: v2\n    service.beta.kubernetes.io/linode-loadbalancer-port-443: '{"protocol": "tcp", "proxy-protocol": "v1"}'`,
    "v1",
  ],
  ["oracle", `service.beta.kubernetes.io/oci-load-balancer-connection-proxy-protocol-version: "2"`, "v2"],
  [
    "oracle",
    `oci.oraclecloud.com/load-balancer-type: nlb\n    oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled: "true"`,
    "v2",
  ],
  ["civo", `kubernetes.civo.com/loadbalancer-enable-proxy-protocol: send-proxy-v2`, "v2"],
  ["ibm", `service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type: private`, "none"],
  // IBM does not document the version.
  [
    "ibm",
    `service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features: proxy-protocol`,
    undefined,
  ],
  ["metallb", `metallb.io/address-pool: production-public-ips`, "none"],
] as const;

test("every provider has an example", () => {
  const shown: readonly string[] = AS_DOCUMENTED.map(([provider]) => provider);
  expect(PROVIDERS.map(({ name }) => name).filter((name) => !shown.includes(name))).toEqual([]);
});

describe("recognised, with PROXY as in each provider's documentation", () => {
  test.each(AS_DOCUMENTED)("%s: %s", (provider, annotations, proxy) => {
    const found = read(annotations);
    expect(found.provider).toBe(provider);
    expect(value(found.listeners.at(-1)?.proxyProtocol)).toBe(proxy);
  });
});

describe("a Service without annotations", () => {
  const found = read("");

  test("load balancer of an unknown provider, TCP to its ports, without PROXY", () => {
    expect(found).toMatchObject({ kind: "service", id: "Service web/edge" });
    expect(found.provider).toBeUndefined();
    expect(
      found.listeners.map(({ port, protocol, to, proxyProtocol }) => [
        value(port),
        value(protocol),
        to.kind,
        value(to.port),
        value(proxyProtocol),
      ]),
    ).toEqual([
      [80, "tcp", "service", 80, "none"],
      [443, "tcp", "service", 443, "none"],
    ]);
  });

  test("with the policy Cluster a node hides the client address, with any provider", () => {
    expect(found.listeners[0]?.keepsClientAddress).toMatchObject({ value: false });
  });

  test("settings that depend on the provider are unknown", () => {
    expect([found.idleTimeoutS, found.internal, found.listeners[0]?.healthCheck?.protocol].map(why)).toEqual([
      "no annotation identifies the provider of the load balancer, and so its idle timeout",
      "no annotation identifies the provider of the load balancer, and so whether the load balancer is internal",
      "no annotation identifies the provider of the load balancer, and so its health check",
    ]);
    expect(why(read("", "Local").listeners[0]?.keepsClientAddress)).toMatch(/^no annotation identifies/);
  });
});

test("unrelated annotations have no effect", () => {
  const found = read(`external-dns.alpha.kubernetes.io/hostname: shop.example.com`);
  expect(value(found.listeners[0]?.proxyProtocol)).toBe("none");
});

test("an unknown annotation of a load balancer makes the affected values unknown", () => {
  const found = read(`service.beta.kubernetes.io/alibaba-cloud-loadbalancer-proxy-protocol: "on"`);
  expect(found.provider).toBeUndefined();
  expect(why(found.listeners[0]?.proxyProtocol)).toBe(
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-proxy-protocol is an annotation that Portico does not know, and may set its PROXY protocol",
  );
  expect(found.listeners[0]?.proxyProtocol.at).toMatchObject({ line: 7 });
});

describe("values", () => {
  test("have the position of their annotation", () => {
    const found = read(`load-balancer.hetzner.cloud/uses-proxyprotocol: "true"`);
    expect(found.listeners[0]?.proxyProtocol.at).toEqual({
      file: "service.yaml",
      line: 7,
      column: 53,
      length: 6,
    });
  });

  test("that cannot be parsed are unknown, with their position", () => {
    const found = read(`loadbalancer.openstack.org/proxy-protocol: v3`);
    expect(why(found.listeners[0]?.proxyProtocol)).toBe(
      'loadbalancer.openstack.org/proxy-protocol has a value that Portico does not know: "v3"',
    );
  });

  test("a version that IBM does not document is unknown", () => {
    const found = read(
      `service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features: "proxy-protocol"`,
    );
    expect(found.provider).toBe("ibm");
    expect(why(found.listeners[0]?.proxyProtocol)).toMatch(/does not document the version/);
  });

  test.each([
    [`service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout: "120"`, 120],
    [`service.beta.kubernetes.io/aws-load-balancer-internal: "true"`, 60],
    [`service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout: "5"`, 300],
    [`loadbalancer.openstack.org/timeout-client-data: "75000"`, 75],
    [`kubernetes.civo.com/client-timeout: 2m30s`, 150],
    [`service.beta.kubernetes.io/aws-load-balancer-scheme: internal`, 350],
    [
      `service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-80: tcp.idle_timeout.seconds=400`,
      400,
    ],
  ])("the idle timeout of %s", (annotation, seconds) => {
    expect(value(read(annotation).idleTimeoutS)).toBe(seconds);
  });

  test("an invalid time is unknown", () => {
    expect(why(read(`kubernetes.civo.com/client-timeout: soon`).idleTimeoutS)).toMatch(
      /does not know: "soon"/,
    );
  });

  test.each([
    [`service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing`, false],
    [`service.beta.kubernetes.io/aws-load-balancer-type: external`, true],
    [`networking.gke.io/load-balancer-type: "Internal"`, true],
    [`service.beta.kubernetes.io/openstack-internal-load-balancer: "true"`, true],
    [`service.beta.kubernetes.io/azure-pip-name: mine`, false],
  ])("internal by %s", (annotation, internal) => {
    expect(value(read(annotation).internal)).toBe(internal);
  });
});

describe("TLS", () => {
  test("is terminated on the listed ports, with the certificate", () => {
    const [http, https] = read(
      `service.beta.kubernetes.io/aws-load-balancer-ssl-cert: arn:aws:acm:us-east-1:111122223333:certificate/a\n    service.beta.kubernetes.io/aws-load-balancer-ssl-ports: "https"`,
    ).listeners;
    expect([value(http?.protocol), http?.certificate]).toEqual(["tcp", undefined]);
    expect([value(https?.protocol), value(https?.certificate)]).toEqual([
      "tls",
      "arn:aws:acm:us-east-1:111122223333:certificate/a",
    ]);
  });

  test("of Scaleway, by port", () => {
    const [http, https] = read(
      `service.beta.kubernetes.io/scw-loadbalancer-certificate-ids: "443:c1,c2;8443:c3"`,
    ).listeners;
    expect(http?.certificate).toBeUndefined();
    expect(value(https?.certificate)).toBe("c1,c2");
  });

  test("of an HTTP proxy is not read further", () => {
    const [, https] = read(`service.beta.kubernetes.io/do-loadbalancer-tls-ports: "443"`).listeners;
    expect(why(https?.protocol)).toBe(
      "service.beta.kubernetes.io/do-loadbalancer-tls-ports may make it an HTTP proxy",
    );
  });
});

describe("the source address that arrives", () => {
  test.each([
    [`cloud.google.com/l4-rbs: "enabled"`, "Local", true],
    [`cloud.google.com/l4-rbs: "enabled"`, "Cluster", false],
    [`metallb.io/address-pool: public`, "Local", true],
    [`load-balancer.hetzner.cloud/location: fsn1`, "Local", false],
    [`service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: instance`, "Local", true],
    [`service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip`, "Cluster", false],
    [
      `service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip\n    service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled=true`,
      "Cluster",
      true,
    ],
  ] as const)("%s, %s", (annotations, policy, keeps) => {
    expect(value(read(annotations, policy).listeners[0]?.keepsClientAddress)).toBe(keeps);
  });
});

describe("health checks", () => {
  test.each([
    [`load-balancer.hetzner.cloud/location: fsn1`, "Cluster", "tcp", "traffic"],
    [`service.beta.kubernetes.io/do-loadbalancer-type: REGIONAL`, "Cluster", "http", 10256],
    [`cloud.google.com/l4-rbs: "enabled"`, "Cluster", "http", 10256],
    [`cloud.google.com/l4-rbs: "enabled"`, "Local", "http", 32000],
    [`service.beta.kubernetes.io/aws-load-balancer-type: external`, "Local", "http", 32000],
    [`service.beta.kubernetes.io/aws-load-balancer-type: external`, "Cluster", "tcp", "traffic"],
  ] as const)("%s, %s", (annotations, policy, protocol, port) => {
    const check = read(annotations, policy, "healthCheckNodePort: 32000").listeners[0]?.healthCheck;
    expect([value(check?.protocol), value(check?.port)]).toEqual([protocol, port]);
  });

  test("a port that Kubernetes chooses is unknown", () => {
    const check = read(`cloud.google.com/l4-rbs: "enabled"`, "Local").listeners[0]?.healthCheck;
    expect(why(check?.port)).toBe("Kubernetes chooses healthCheckNodePort");
  });

  test("are unknown if an unread annotation changes them", () => {
    const check = read(`load-balancer.hetzner.cloud/health-check-protocol: http`).listeners[0]?.healthCheck;
    expect(why(check?.protocol)).toMatch(/^load-balancer.hetzner.cloud\/health-check-protocol changes/);
  });
});

test("pod targets use the target port", () => {
  const { to } = read(`service.beta.kubernetes.io/aws-load-balancer-type: nlb-ip`).listeners[0] ?? {};
  expect([to?.kind, value(to?.port)]).toEqual(["pod", 8080]);
});

/** The load balancer of a Service with these annotations. */
function read(annotations: string, policy: "Cluster" | "Local" = "Cluster", more = ""): LoadBalancer {
  return readServiceLoadBalancer(
    serviceOf(`apiVersion: v1
kind: Service
metadata:
  name: edge
  namespace: web
  annotations:
    ${annotations === "" ? "unrelated: word" : annotations}
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${policy}
  ${more}
  ports:
    - { name: http, port: 80, targetPort: 8080 }
    - { name: https, port: 443, targetPort: 8443 }
`),
  );
}

/** As read from Kubernetes YAML. */
function serviceOf(text: string): Service {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const data: Manifest & Record<string, unknown> = document.toJS();
  const place = (path: readonly (string | number)[]): Position | undefined => {
    const parent = document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
      : undefined;
    const node = pair?.value;
    if (!isScalar(node) || node.range == null) return undefined;
    const { line, col } = lines.linePos(node.range[0]);
    return { file: "service.yaml", line, column: col, length: node.range[1] - node.range[0] };
  };
  const at = { file: "service.yaml", line: 2, column: 7 };
  return {
    object: { apiVersion: "v1", kind: "Service", namespace: "web", name: "edge", data, place, at },
    name: data.metadata.name,
    namespace: "web",
    type: "LoadBalancer",
    headless: false,
    publishesNotReady: false,
    sourceRanges: [],
    selector: { app: "edge" },
    ports: data.spec.ports.map(({ name, port, targetPort, protocol }) => ({
      name,
      protocol: protocol ?? "TCP",
      port: { value: port, at },
      targetPort: { value: targetPort ?? port, at },
      at,
    })),
    externalTrafficPolicy: {
      value: data.spec.externalTrafficPolicy ?? "Cluster",
      at: place(["spec", "externalTrafficPolicy"]),
    },
    annotations: data.metadata.annotations ?? {},
    at,
  };
}

function value<T>(known: Known<T> | undefined): T | undefined {
  return known !== undefined && "value" in known ? known.value : undefined;
}

function why(known: Known<unknown> | undefined): string | undefined {
  return known !== undefined && "unknown" in known ? known.unknown : undefined;
}

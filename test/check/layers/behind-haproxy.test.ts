// Faults between HAProxy and the pods of its servers: one change of a correct edge each, and a correct variant of it.
import { describe, expect, test } from "vitest";
import {
  type Change,
  codesWith,
  findingsWith,
  inServer,
  inService,
  NAME,
  PORTS,
  policy,
  SERVER,
  SERVICE,
} from "./edge-with-servers.ts";

const HEADLESS: Change = inService("{ selector", "{ clusterIP: None, selector");
const CONTAINERS =
  'containers: [{ name: api, image: "registry.example.com/api:1", ports: [{ name: http, containerPort: 8080 }] }]';
const SIDECAR: readonly [string, string] = [
  CONTAINERS,
  `initContainers: [{ name: proxy, image: "registry.example.com/proxy:1", restartPolicy: Always, ports: [{ name: proxy, containerPort: 9090 }] }], ${CONTAINERS}`,
];
const inContainers = (before: string, after: string): Change => [
  CONTAINERS,
  CONTAINERS.replace(before, after),
];
const WORKLOAD = `kind: Deployment
metadata: { name: api, namespace: web }
spec:
  replicas: 2`;
const STATEFUL: Change = [
  WORKLOAD,
  WORKLOAD.replace("Deployment", "StatefulSet").replace("spec:", "spec:\n  serviceName: api"),
];

function namespace(name: string, labels: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }`;
}

const EDGE_OUT = "podSelector: { matchLabels: { app: edge } }, policyTypes: [Egress]";
const API_IN = "podSelector: { matchLabels: { app: api } }, policyTypes: [Ingress]";
const DNS = "{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: UDP }] }";
const TO_API = "{ to: [{ podSelector: { matchLabels: { app: api } } }] }";

test("the edge itself has no finding", async () => {
  expect(await codesWith()).toEqual([]);
});

const KUBELET =
  "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDomain: k8s.example.com";
const COREDNS = `apiVersion: v1
kind: ConfigMap
metadata: { name: coredns, namespace: kube-system }
data:
  Corefile: |
    .:53 {
        kubernetes cluster.local in-addr.arpa ip6.arpa {
           ttl 30
        }
        forward . /etc/resolv.conf
    }
    west.example.com:53 {
        forward . 10.1.0.10
    }`;

/** NodeLocal DNSCache: placeholders, and no plugin that knows the domain. */
const NODE_LOCAL = COREDNS.replace(/ {8}kubernetes [^}]*}\n/, "").replace(
  "west.example.com",
  "__PILLAR__DNS__DOMAIN__",
);

const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: other
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/healthcheck-interval-seconds: "10"
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS":443}]'
spec:
  ingressClassName: other
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: a, port: { number: 80 } } } }] } }]`;

const FOUND: readonly (readonly [code: string, what: string, ...changes: Change[]])[] = [
  ["server-port-missing error", "a port that the Service lacks", inServer("8080", "8081")],
  [
    "server-port-missing error",
    "the target port instead of the port",
    [PORTS, "ports: [{ port: 80, targetPort: 8080 }] }"],
  ],
  [
    "server-port-missing error",
    "a port for UDP only",
    [
      PORTS,
      "ports: [{ port: 8080, targetPort: 8080, protocol: UDP }, { name: b, port: 80, targetPort: 8080 }] }",
    ],
  ],
  [
    "server-port-missing error",
    "an SRV name of another port",
    [SERVER, "server-template api 3 _web._tcp.api.web.svc.cluster.local"],
    HEADLESS,
  ],
  [
    "server-port-missing error",
    "the Service's own address",
    [SERVER, "server api 10.96.0.20:8081"],
    inService("{ selector", "{ clusterIP: 10.96.0.20, selector"),
  ],
  ["server-service-missing warning", "a misspelled name", inServer("api.web", "apis.web")],
  [
    "server-service-missing warning",
    "a Service of another namespace",
    inServer("api.web", "api.shop"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\ndata: { a: b }",
  ],
  ["server-without-pods error", "a selector of other labels", inService("app: api", "app: apis")],
  [
    "server-without-pods error",
    "pods of another namespace",
    [WORKLOAD, WORKLOAD.replace("namespace: web", "namespace: apis")],
  ],
  ["server-without-pods error", "no replica", [WORKLOAD, WORKLOAD.replace("2", "0")]],
  [
    "server-without-pods error",
    "a readiness probe that never passes",
    inContainers("ports:", "readinessProbe: { httpGet: { port: web } }, ports:"),
  ],
  [
    "server-without-pods error",
    "a pod that the StatefulSet does not have",
    inServer("api.web", "api-2.api.web"),
    HEADLESS,
    STATEFUL,
  ],
  ["server-without-pods error", "a pod of a Deployment", inServer("api.web", "api-0.api.web"), HEADLESS],
  [
    "server-without-pods error",
    "an EndpointSlice of another port",
    inService("selector: { app: api }, ", ""),
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: api-1, namespace: web, labels: { "kubernetes.io/service-name": api } }\naddressType: IPv4\nports: [{ name: web, port: 8080 }]\nendpoints: [{ addresses: ["10.1.2.3"] }]',
  ],
  [
    "server-without-pods error",
    "Endpoints without an address",
    inService("selector: { app: api }, ", ""),
    "apiVersion: v1\nkind: Endpoints\nmetadata: { name: api, namespace: web }\nsubsets: [{ ports: [{ name: http, port: 8080 }] }]",
  ],
  [
    "pod-port-missing error",
    "a headless Service with another target port",
    inServer("8080", "80"),
    [SERVICE, "spec: { clusterIP: None, selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }] }"],
  ],
  [
    "pod-port-missing error",
    "a headless Service with a target port by name",
    inServer("8080", "80"),
    [SERVICE, "spec: { clusterIP: None, selector: { app: api }, ports: [{ port: 80, targetPort: http }] }"],
  ],
  ["pod-port-undeclared warning", "a headless Service without the port", inServer("8080", "9090"), HEADLESS],
  [
    "pod-port-missing error",
    "a target port of no container",
    inService("targetPort: 8080", "targetPort: web"),
  ],
  [
    "pod-port-missing error",
    "an alias whose target port is another",
    [
      SERVICE,
      "spec: { type: ExternalName, externalName: db.example.com, ports: [{ port: 8080, targetPort: 5432 }] }",
    ],
  ],
  [
    "pod-port-undeclared warning",
    "a target port that is not listed",
    inService("targetPort: 8080", "targetPort: 8081"),
  ],
  [
    "pod-port-missing error",
    "a target port of an init container that ends",
    inService("targetPort: 8080", "targetPort: proxy"),
    [SIDECAR[0], SIDECAR[1].replace(", restartPolicy: Always", "")],
  ],
  [
    "network-policy-blocks-servers error",
    "a target port that is not listed, and a policy",
    inService("targetPort: 8080", "targetPort: 8081"),
    policy(`{ ${API_IN}, ingress: [{ ports: [{ port: 8080 }] }] }`),
  ],
  [
    "server-without-pods error",
    "a sidecar whose readiness probe never passes",
    [SIDECAR[0], SIDECAR[1].replace("Always,", "Always, readinessProbe: { httpGet: { port: web } },")],
  ],
  [
    "server-port-missing error",
    "an alias of a Service without the port",
    [SERVICE, "spec: { type: ExternalName, externalName: real.web.svc.cluster.local }"],
    "apiVersion: v1\nkind: Service\nmetadata: { name: real, namespace: web }\nspec: { selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }] }",
  ],
  ["network-policy-blocks-dns error", "no egress at all", policy(`{ ${EDGE_OUT}, egress: [] }`)],
  [
    "network-policy-blocks-dns error",
    "egress to the servers alone",
    policy(`{ ${EDGE_OUT}, egress: [${TO_API}] }`),
  ],
  [
    "network-policy-blocks-dns error",
    "a policy of the whole namespace",
    policy("{ podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}] }"),
  ],
  [
    "network-policy-blocks-dns error",
    "DNS to a namespace without DNS",
    policy(
      `{ ${EDGE_OUT}, egress: [${TO_API}, { to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }], ports: [{ port: 53, protocol: UDP }] }] }`,
    ),
  ],
  ["network-policy-blocks-servers error", "egress to DNS alone", policy(`{ ${EDGE_OUT}, egress: [${DNS}] }`)],
  [
    "network-policy-blocks-servers error",
    "egress to the port of the Service",
    inServer("8080", "80"),
    [PORTS, "ports: [{ port: 80, targetPort: 8080 }] }"],
    policy(`{ ${EDGE_OUT}, egress: [${DNS}, { ports: [{ port: 80 }] }] }`),
  ],
  [
    "network-policy-blocks-servers error",
    "egress to the internet alone",
    policy(`{ ${EDGE_OUT}, egress: [${DNS}, { to: [{ ipBlock: { cidr: 203.0.113.0/24 } }] }] }`),
  ],
  ["network-policy-blocks-servers error", "ingress of the server from nothing", policy(`{ ${API_IN} }`)],
  [
    "network-policy-blocks-servers error",
    "ingress of the server from other labels",
    policy(`{ ${API_IN}, ingress: [{ from: [{ podSelector: { matchLabels: { app: ingress } } }] }] }`),
  ],
  [
    "network-policy-blocks-servers error",
    "ingress of the server from a namespace by labels that it does not have",
    namespace("web", "team: edge"),
    policy(`{ ${API_IN}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: api } } }] }] }`),
  ],
  [
    "network-policy-blocks-servers error",
    "ingress of the server by an expression",
    policy(
      `{ ${API_IN}, ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: app, operator: NotIn, values: [edge] }] } }] }] }`,
    ),
  ],
  [
    "resolver-answer-truncated warning",
    "100 servers and the default size",
    inServer("server api", "server-template api 100"),
    ["      accepted_payload_size 8192\n", ""],
    HEADLESS,
  ],
  [
    "resolver-answer-truncated warning",
    "a range of servers and a size that is too small",
    inServer("server api", "server-template api 1-80"),
    ["accepted_payload_size 8192", "accepted_payload_size 1232"],
    HEADLESS,
  ],
  [
    "address-family-mismatch error",
    "a source address of the other family than the server's Service",
    [SERVER, `source 10.0.0.9\n      ${SERVER}`],
    inService("{ selector", "{ ipFamilies: [IPv6], selector"),
  ],
  [
    "address-family-mismatch error",
    "a source address of the family that is not preferred, of a dual-stack Service",
    [SERVER, `source fd00::9\n      ${SERVER}`],
    inService("{ selector", "{ ipFamilies: [IPv4, IPv6], selector"),
  ],
  [
    "address-family-mismatch error",
    "an IPv4 source address, and IPv6 preferred by default",
    [" resolve-prefer ipv4", ""],
    [SERVER, `source 10.0.0.9\n      ${SERVER}`],
    inService("{ selector", "{ ipFamilyPolicy: RequireDualStack, selector"),
  ],
  [
    "address-family-mismatch error",
    "a Service of a family that HAProxy does not query",
    ["global\n", "global\n      dns-accept-family ipv4\n"],
    inService("{ selector", "{ ipFamilies: [IPv6], selector"),
  ],
  [
    "api-version-unknown error",
    "a Deployment in the core group",
    [`apiVersion: apps/v1\n${WORKLOAD}`, `apiVersion: v1\n${WORKLOAD}`],
  ],
  [
    "api-version-unknown error",
    "a version that its group does not have",
    ["apiVersion: policy/v1", "apiVersion: policy/v2"],
  ],
  [
    "image-reference-invalid error",
    "an upper-case letter in the image of a server",
    inContainers("example.com/api", "example.com/Api"),
  ],
  ["ingress-value-invalid error", "a number with a unit", INGRESS.replace('"10"', '"10s"')],
  ["ingress-value-invalid error", "a path type in lower case", INGRESS.replace("Prefix", "prefix")],
  ["server-name-in-other-domain error", "a name in the default domain, and kubelet's own", KUBELET],
  [
    "server-name-in-other-domain error",
    "a name in a domain that CoreDNS does not have",
    inServer("cluster.local", "k8s.local"),
    COREDNS,
  ],
  [
    "server-name-in-other-domain error",
    "an alias in another domain",
    inService("selector: { app: api }, ", "type: ExternalName, externalName: app.shop.svc.other.local, "),
    COREDNS,
  ],
  [
    "cluster-domains-differ warning",
    "two servers in two domains",
    [SERVER, `${SERVER} backup\n      server b api.web.svc.k8s.example.com:8080`],
  ],
  [
    "cluster-domains-differ warning",
    "backends in two domains",
    ["default_backend api", "use_backend b if { path_beg /b }\n      default_backend api"],
    [SERVER, `${SERVER}\n    backend b\n      server b api.web.svc.cluster:8080`],
  ],
];

describe("is found", () => {
  test.each(FOUND)("%s: %s", async (code, _, ...changes) => {
    expect(await codesWith(...changes)).toEqual([code]);
  });
});

const RIGHT: readonly (readonly [what: string, ...changes: Change[]])[] = [
  ["a headless Service, and the port of its pods", HEADLESS],
  ["an Ingress of an ALB", INGRESS],
  [
    "a kind of another API with the same name",
    "apiVersion: config.openshift.io/v1\nkind: Ingress\nmetadata: { name: cluster }\nspec: { domain: apps.example.com }",
  ],
  [
    "a Service of the family that is not preferred",
    inService("{ selector", "{ ipFamilies: [IPv6], selector"),
  ],
  [
    "a dual-stack Service, and a source address of the preferred family",
    [SERVER, `source 10.0.0.9\n      ${SERVER}`],
    inService("{ selector", "{ ipFamilies: [IPv6, IPv4], selector"),
  ],
  ["a name in the cluster's own domain", inServer("cluster.local", "k8s.example.com"), KUBELET],
  [
    "a name in a zone that CoreDNS forwards",
    [SERVER, `${SERVER} backup\n      server b api.web.svc.west.example.com:8080`],
    COREDNS,
  ],
  ["a placeholder as a zone of NodeLocal DNSCache", NODE_LOCAL],
  [
    "a name that CoreDNS rewrites",
    inServer("cluster.local", "old.local"),
    COREDNS.replace("forward .", "rewrite name suffix .old.local .cluster.local\n        forward ."),
  ],
  [
    "a name that a DNS server outside of the cluster may resolve",
    inServer("cluster.local", "k8s.example.com"),
    COREDNS,
  ],
  [
    "an Ingress with codes of gRPC, and listeners in one map",
    INGRESS.replace('[{"HTTP": 80}, {"HTTPS":443}]', '[{"HTTP": 80, "HTTPS": 443}]').replace(
      "  annotations:",
      '  annotations:\n    alb.ingress.kubernetes.io/success-codes: "0-5"',
    ),
  ],
  [
    "a name of the Multi-Cluster Services API",
    [SERVER, `${SERVER} backup\n      server b api.web.svc.clusterset.local:8080`],
    COREDNS,
  ],
  [
    "a headless Service whose ports are not listed",
    [SERVICE, "spec: { clusterIP: None, selector: { app: api } }"],
  ],
  ["an SRV name", [SERVER, "server-template api 3 _http._tcp.api.web.svc.cluster.local"], HEADLESS],
  ["a pod of a StatefulSet", inServer("api.web", "api-1.api.web"), HEADLESS, STATEFUL],
  [
    "a port that the container does not list, where it lists none",
    inContainers(", ports: [{ name: http, containerPort: 8080 }]", ""),
  ],
  [
    "a port that only a probe shows",
    inService("targetPort: 8080", "targetPort: 8081"),
    inContainers("ports:", "readinessProbe: { tcpSocket: { port: 8081 } }, ports:"),
  ],
  ["a target port by name", inService("targetPort: 8080", "targetPort: http")],
  ["a target port of a sidecar", inService("targetPort: 8080", "targetPort: proxy"), SIDECAR],
  ["a port that a sidecar lists", inService("targetPort: 8080", "targetPort: 9090"), SIDECAR],
  [
    "pods that are not ready, and are published",
    inService("{ selector", "{ publishNotReadyAddresses: true, selector"),
    inContainers("ports:", "readinessProbe: { httpGet: { port: web } }, ports:"),
  ],
  [
    "an EndpointSlice with the port",
    inService("selector: { app: api }, ", ""),
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: api-1, namespace: web, labels: { "kubernetes.io/service-name": api } }\naddressType: IPv4\nports: [{ name: http, port: 9000 }]\nendpoints: [{ addresses: ["10.1.2.3"] }]',
  ],
  ["an alias of a name outside", [SERVICE, "spec: { type: ExternalName, externalName: db.example.com }"]],
  [
    "no replica, and a ScaledObject",
    [WORKLOAD, WORKLOAD.replace("2", "0")],
    "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: { name: api, namespace: web }\nspec: { scaleTargetRef: { name: api } }",
  ],
  ["egress to DNS and the servers", policy(`{ ${EDGE_OUT}, egress: [${DNS}, ${TO_API}] }`)],
  [
    "egress to every private address",
    policy(`{ ${EDGE_OUT}, egress: [${DNS}, { to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }`),
  ],
  [
    "two policies that allow together",
    policy(`{ ${EDGE_OUT}, egress: [${DNS}] }`),
    policy(`{ ${EDGE_OUT}, egress: [${TO_API}] }`, { name: "q" }),
  ],
  [
    "a namespace by labels that the files do not contain",
    policy(`{ ${API_IN}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: edge } } }] }] }`),
  ],
  [
    "a namespace by its own name",
    policy(
      `{ ${API_IN}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: web } } }], ports: [{ port: http }] }] }`,
    ),
  ],
  [
    "a policy of other pods",
    policy("{ podSelector: { matchLabels: { app: other } }, policyTypes: [Ingress, Egress] }"),
  ],
];

describe("is right", () => {
  test.each(RIGHT)("%s", async (_, ...changes) => {
    expect(await codesWith(...changes)).toEqual([]);
  });
});

test("one cause is one finding, with every backend", async () => {
  const other = NAME.replace("8080", "8081");
  const found = await findingsWith(
    ["default_backend api", "use_backend other if { path_beg /other/ }\n      default_backend api"],
    [SERVER, `server api ${other}\n      server api2 ${other}\n    backend other\n      server api ${other}`],
  );
  expect(found.map(({ why }) => why)).toEqual([
    expect.stringContaining("requests to `api` and `other` get 503"),
  ]);
});

describe("is a note, once", () => {
  test("of a namespace that no object has", async () => {
    const found = await findingsWith([
      SERVER,
      "server api api.shop.svc.cluster.local:8080\n      server api2 api2.shop.svc.cluster.local:8080",
    ]);
    expect(found.map(({ code, severity }) => `${code} ${severity}`)).toEqual(["layer-not-understood note"]);
    expect(found[0]?.why).toMatch(/^No object of an application in the namespace shop is here\. /);
  });

  test.each([
    ["a placeholder as target port", inService("targetPort: 8080", 'targetPort: "${PORT}"')],
    ["a Service without a selector", inService("selector: { app: api }, ", "")],
    ["pods of an operator", [WORKLOAD, WORKLOAD.replace("Deployment", "Application")] as const],
  ])("of %s", async (_, change) => {
    expect(await codesWith(change)).toEqual(["layer-not-understood note"]);
  });

  test("of a placeholder as port of a container", async () => {
    const found = await findingsWith(inService("targetPort: 8080", "targetPort: http"), [
      "containerPort: 8080 }",
      'containerPort: "${PORT}" }',
    ]);
    expect(found.map(({ severity, why }) => `${severity} ${why}`)).toEqual([
      "note Its value is not known here: no rule about it was applied.",
      expect.stringMatching(/^note The ports of Deployment web\/api are not known\. /),
    ]);
  });
});

// Faults between HAProxy and the pods of its servers: one change of a correct edge each, and a correct variant of it.
import { describe, expect, test } from "vitest";
import { type Change, codesWith, findingsWith } from "./edge-with-servers.ts";

const NAME = "api.web.svc.cluster.local:8080";
const SERVER = `server api ${NAME}`;
const NODE_PORTS = "type: NodePort, selector: { app: edge }";
const NLB_PRESERVES: Change = ["  preserve_client_ip = false\n", ""];
const LOCAL: Change = [NODE_PORTS, `externalTrafficPolicy: Local, ${NODE_PORTS}`];
const GRACE: Change = ["grace 31s\n      hard-stop-after 50s", "grace 61s\n      hard-stop-after 80s"];
const STOP: Change = ["terminationGracePeriodSeconds: 90", "terminationGracePeriodSeconds: 180"];
const V6: Change = [NODE_PORTS, `ipFamilies: [IPv6], ${NODE_PORTS}`];
const V6_TARGETS: Change = [
  'protocol           = "TCP"',
  'protocol           = "TCP"\n  ip_address_type    = "ipv6"',
];
/** An ALB instead of the NLB, whose requests HAProxy gets without PROXY headers. */
const HTTP: readonly Change[] = [
  ['load_balancer_type = "network"', 'load_balancer_type = "application"'],
  ['  protocol           = "TCP"', '  protocol           = "HTTP"'],
  ["  proxy_protocol_v2  = true\n  preserve_client_ip = false\n", ""],
  ['protocol          = "TLS"', 'protocol          = "HTTPS"'],
  ["      tcp-request connection reject if !{ src 10.0.0.0/16 }\n", ""],
  ["      tcp-request connection expect-proxy layer4 if { src 10.0.0.0/16 }\n", ""],
  ["      http-request set-header X-Forwarded-For %[src]\n", ""],
  ["timeout client 30s", "timeout client 70s"],
  ["timeout http-request 10s", "timeout http-request 10s\n      timeout http-keep-alive 70s"],
];
const PORTS = "ports: [{ name: http, port: 8080, targetPort: 8080 }] }";
const SERVICE = `spec: { selector: { app: api }, ${PORTS}`;
const HEADLESS: Change = [SERVICE, SERVICE.replace("{ selector", "{ clusterIP: None, selector")];
const CONTAINERS =
  'containers: [{ name: api, image: "registry.example.com/api:1", ports: [{ name: http, containerPort: 8080 }] }]';
const SIDECAR: readonly [string, string] = [
  CONTAINERS,
  `initContainers: [{ name: proxy, image: "registry.example.com/proxy:1", restartPolicy: Always, ports: [{ name: proxy, containerPort: 9090 }] }], ${CONTAINERS}`,
];
const WORKLOAD = `kind: Deployment
metadata: { name: api, namespace: web }
spec:
  replicas: 2`;
const STATEFUL: Change = [
  WORKLOAD,
  WORKLOAD.replace("Deployment", "StatefulSet").replace("spec:", "spec:\n  serviceName: api"),
];

function policy(spec: string, { name = "p", namespace = "web" } = {}): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}`;
}

function namespace(name: string, labels: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }`;
}

const EDGE_OUT = "podSelector: { matchLabels: { app: edge } }, policyTypes: [Egress]";
const EDGE_IN = "podSelector: { matchLabels: { app: edge } }, policyTypes: [Ingress]";
const API_IN = "podSelector: { matchLabels: { app: api } }, policyTypes: [Ingress]";
const DNS = "{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: UDP }] }";
const TO_API = "{ to: [{ podSelector: { matchLabels: { app: api } } }] }";

test("the edge itself has no finding", async () => {
  expect(await codesWith()).toEqual([]);
});

const FOUND: readonly (readonly [code: string, what: string, ...changes: Change[]])[] = [
  ["server-port-missing error", "a port that the Service lacks", [SERVER, SERVER.replace("8080", "8081")]],
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
    [SERVICE, SERVICE.replace("{ selector", "{ clusterIP: 10.96.0.20, selector")],
  ],
  ["server-service-missing warning", "a misspelled name", [SERVER, SERVER.replace("api.web", "apis.web")]],
  [
    "server-service-missing warning",
    "a Service of another namespace",
    [SERVER, SERVER.replace("api.web", "api.shop")],
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\ndata: { a: b }",
  ],
  [
    "server-without-pods error",
    "a selector of other labels",
    [SERVICE, SERVICE.replace("app: api", "app: apis")],
  ],
  [
    "server-without-pods error",
    "pods of another namespace",
    [WORKLOAD, WORKLOAD.replace("namespace: web", "namespace: apis")],
  ],
  ["server-without-pods error", "no replica", [WORKLOAD, WORKLOAD.replace("2", "0")]],
  [
    "server-without-pods error",
    "a readiness probe that never passes",
    [CONTAINERS, CONTAINERS.replace("ports:", "readinessProbe: { httpGet: { port: web } }, ports:")],
  ],
  [
    "server-without-pods error",
    "a pod that the StatefulSet does not have",
    [SERVER, SERVER.replace("api.web", "api-2.api.web")],
    HEADLESS,
    STATEFUL,
  ],
  [
    "server-without-pods error",
    "a pod of a Deployment",
    [SERVER, SERVER.replace("api.web", "api-0.api.web")],
    HEADLESS,
  ],
  [
    "server-without-pods error",
    "an EndpointSlice of another port",
    [SERVICE, SERVICE.replace("selector: { app: api }, ", "")],
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: api-1, namespace: web, labels: { "kubernetes.io/service-name": api } }\naddressType: IPv4\nports: [{ name: web, port: 8080 }]\nendpoints: [{ addresses: ["10.1.2.3"] }]',
  ],
  [
    "server-without-pods error",
    "Endpoints without an address",
    [SERVICE, SERVICE.replace("selector: { app: api }, ", "")],
    "apiVersion: v1\nkind: Endpoints\nmetadata: { name: api, namespace: web }\nsubsets: [{ ports: [{ name: http, port: 8080 }] }]",
  ],
  [
    "pod-port-missing error",
    "a headless Service with another target port",
    [SERVER, SERVER.replace("8080", "80")],
    [SERVICE, "spec: { clusterIP: None, selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }] }"],
  ],
  [
    "pod-port-missing error",
    "a headless Service with a target port by name",
    [SERVER, SERVER.replace("8080", "80")],
    [SERVICE, "spec: { clusterIP: None, selector: { app: api }, ports: [{ port: 80, targetPort: http }] }"],
  ],
  [
    "pod-port-undeclared warning",
    "a headless Service without the port",
    [SERVER, SERVER.replace("8080", "9090")],
    HEADLESS,
  ],
  [
    "pod-port-missing error",
    "a target port of no container",
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: web")],
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
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: 8081")],
  ],
  [
    "pod-port-missing error",
    "a target port of an init container that ends",
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: proxy")],
    [SIDECAR[0], SIDECAR[1].replace(", restartPolicy: Always", "")],
  ],
  [
    "network-policy-blocks-servers error",
    "a target port that is not listed, and a policy",
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: 8081")],
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
    [SERVER, SERVER.replace("8080", "80")],
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
    [SERVER, SERVER.replace("server api", "server-template api 100")],
    ["      accepted_payload_size 8192\n", ""],
    HEADLESS,
  ],
  [
    "resolver-answer-truncated warning",
    "a range of servers and a size that is too small",
    [SERVER, SERVER.replace("server api", "server-template api 1-80")],
    ["accepted_payload_size 8192", "accepted_payload_size 1232"],
    HEADLESS,
  ],
  [
    "access-list-sees-load-balancer error",
    "a list of clients behind an HTTP load balancer",
    ...HTTP,
    ["default_backend api", "http-request deny if { src 198.51.100.0/24 }\n      default_backend api"],
  ],
  [
    "access-list-sees-load-balancer error",
    "a named ACL of clients, for a backend",
    ...HTTP,
    [
      "default_backend api",
      "acl partner src 198.51.100.0/24 203.0.113.9\n      use_backend api if partner\n      default_backend api",
    ],
  ],
  [
    "forwarded-header-first-entry warning",
    "set-src from the first entry",
    ...HTTP,
    ["default_backend api", "http-request set-src hdr(x-forwarded-for,1)\n      default_backend api"],
  ],
  [
    "forwarded-header-first-entry warning",
    "the first word of the header in a condition",
    ...HTTP,
    [
      "default_backend api",
      'http-request deny if { req.fhdr(x-forwarded-for),word(1,",") -m ip 198.51.100.0/24 }\n      default_backend api',
    ],
  ],
  [
    "forwarded-header-first-entry warning",
    "the first entry in a header for the servers",
    ...HTTP,
    [
      "default_backend api",
      "http-request set-header X-Real-IP %[req.hdr(x-forwarded-for,1)]\n      default_backend api",
    ],
  ],
  ["address-family-mismatch error", "an IPv6-only Service", V6],
  [
    "address-family-mismatch error",
    "an IPv6-only Service and IPv6 targets, with an IPv4 bind",
    V6,
    V6_TARGETS,
  ],
  [
    "address-family-mismatch error",
    "an IPv6-only bind",
    ["bind *:8443", "bind :::8443 v6only"],
    [NODE_PORTS, `ipFamilies: [IPv4], ${NODE_PORTS}`],
  ],
  [
    "address-family-mismatch error",
    "IPv6 targets of an IPv4-only Service",
    V6_TARGETS,
    [NODE_PORTS, `ipFamilies: [IPv4], ${NODE_PORTS}`],
  ],
  [
    "address-family-mismatch error",
    "a source address of the other family than the server's Service",
    [SERVER, `source 10.0.0.9\n      ${SERVER}`],
    [SERVICE, SERVICE.replace("{ selector", "{ ipFamilies: [IPv6], selector")],
  ],
  [
    "bind-without-ipv6 warning",
    "a dual-stack Service and an IPv4 bind",
    [NODE_PORTS, `ipFamilyPolicy: RequireDualStack, ${NODE_PORTS}`],
  ],
  [
    "source-filter-refuses-clients error",
    "IPv4 sources of an IPv6-only Service",
    V6,
    V6_TARGETS,
    ["bind *:8443", "bind :::8443 v4v6"],
  ],
  [
    "source-filter-refuses-clients error",
    "an NLB that keeps client addresses by default",
    NLB_PRESERVES,
    LOCAL,
    GRACE,
    STOP,
  ],
  [
    "source-filter-refuses-clients error",
    "an NLB that keeps client addresses, and pods as its targets",
    ["preserve_client_ip = false", 'preserve_client_ip = true\n  target_type        = "ip"'],
    ["port               = 31001", "port               = 8443"],
  ],
  [
    "source-filter-refuses-clients error",
    "a named ACL of private sources",
    NLB_PRESERVES,
    LOCAL,
    GRACE,
    STOP,
    [
      "tcp-request connection reject if !{ src 10.0.0.0/16 }",
      "acl lb src 10.0.0.0/16 172.16.0.0/12\n      tcp-request connection reject if !lb",
    ],
    ["expect-proxy layer4 if { src 10.0.0.0/16 }", "expect-proxy layer4 if lb"],
  ],
  [
    "network-policy-blocks-clients error",
    "ingress of HAProxy at the port of the Service",
    policy(`{ ${EDGE_IN}, ingress: [{ ports: [{ port: 443 }] }] }`),
  ],
  [
    "network-policy-blocks-clients error",
    "ingress of HAProxy from pods alone",
    policy(`{ ${EDGE_IN}, ingress: [{ from: [{ namespaceSelector: {} }] }] }`),
  ],
];

describe("is found", () => {
  test.each(FOUND)("%s: %s", async (code, _, ...changes) => {
    expect(await codesWith(...changes)).toEqual([code]);
  });
});

const RIGHT: readonly (readonly [what: string, ...changes: Change[]])[] = [
  ["a headless Service, and the port of its pods", HEADLESS],
  [
    "a headless Service whose ports are not listed",
    [SERVICE, "spec: { clusterIP: None, selector: { app: api } }"],
  ],
  ["an SRV name", [SERVER, "server-template api 3 _http._tcp.api.web.svc.cluster.local"], HEADLESS],
  ["a pod of a StatefulSet", [SERVER, SERVER.replace("api.web", "api-1.api.web")], HEADLESS, STATEFUL],
  [
    "a port that the container does not list, where it lists none",
    [CONTAINERS, CONTAINERS.replace(", ports: [{ name: http, containerPort: 8080 }]", "")],
  ],
  [
    "a port that only a probe shows",
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: 8081")],
    [CONTAINERS, CONTAINERS.replace("ports:", "readinessProbe: { tcpSocket: { port: 8081 } }, ports:")],
  ],
  ["a target port by name", [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: http")]],
  [
    "a target port of a sidecar",
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: proxy")],
    SIDECAR,
  ],
  [
    "a port that a sidecar lists",
    [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: 9090")],
    SIDECAR,
  ],
  [
    "pods that are not ready, and are published",
    [SERVICE, SERVICE.replace("{ selector", "{ publishNotReadyAddresses: true, selector")],
    [CONTAINERS, CONTAINERS.replace("ports:", "readinessProbe: { httpGet: { port: web } }, ports:")],
  ],
  [
    "an EndpointSlice with the port",
    [SERVICE, SERVICE.replace("selector: { app: api }, ", "")],
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
  [
    "ingress of HAProxy at the port of its pods",
    policy(`{ ${EDGE_IN}, ingress: [{ ports: [{ port: 8443 }] }] }`),
  ],
  [
    "ingress of HAProxy from the nodes",
    policy(`{ ${EDGE_IN}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/16 } }] }] }`),
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
    [
      "a placeholder as target port",
      [SERVICE, SERVICE.replace("targetPort: 8080", 'targetPort: "${PORT}"')] as const,
    ],
    ["a Service without a selector", [SERVICE, SERVICE.replace("selector: { app: api }, ", "")] as const],
    ["pods of an operator", [WORKLOAD, WORKLOAD.replace("Deployment", "Application")] as const],
  ])("of %s", async (_, change) => {
    expect(await codesWith(change)).toEqual(["layer-not-understood note"]);
  });

  test("of a placeholder as port of a container", async () => {
    const found = await findingsWith(
      [SERVICE, SERVICE.replace("targetPort: 8080", "targetPort: http")],
      ["containerPort: 8080 }", 'containerPort: "${PORT}" }'],
    );
    expect(found.map(({ severity, why }) => `${severity} ${why}`)).toEqual([
      expect.stringMatching(/^note The ports of Deployment web\/api are not known\. /),
      "note Its value is not known here: no rule about it was applied.",
    ]);
  });
});

describe("a liveness probe", () => {
  const HEALTH = "http-request return status 200 if !{ stopping }";
  const LIVENESS = "livenessProbe: { tcpSocket: { port: 8405 } }";
  const http: Change = [LIVENESS, "livenessProbe: { httpGet: { path: /live, port: 8405 } }"];

  test.each<readonly [string, ...Change[]]>([
    [
      "with monitor fail by nbsrv",
      http,
      [HEALTH, `monitor-uri /live\n      monitor fail if { nbsrv(api) lt 1 }\n      ${HEALTH}`],
    ],
    [
      "with monitor fail by a named ACL",
      http,
      [
        HEALTH,
        `monitor-uri /live\n      acl down srv_is_up(api/api) -m bool false\n      monitor fail if down\n      ${HEALTH}`,
      ],
    ],
    [
      "that returns 503 without servers",
      http,
      [HEALTH, `http-request return status 503 if { nbsrv(api) eq 0 }\n      ${HEALTH}`],
    ],
    [
      "of a startup that is forwarded to a server",
      [LIVENESS, `${LIVENESS}\n          startupProbe: { httpGet: { path: /ok, port: 8406 } }`],
      [
        "frontend health",
        "frontend probed\n      bind *:8406\n      http-request set-header X-Forwarded-For %[src]\n      default_backend api\n    frontend health",
      ],
    ],
  ])("depends on servers %s", async (_, ...changes) => {
    expect(await codesWith(...changes)).toEqual(["liveness-probe-checks-servers error"]);
  });

  test.each<readonly [string, ...Change[]]>([
    ["with monitor-uri alone", http, [HEALTH, `monitor-uri /live\n      ${HEALTH}`]],
    [
      "while a readiness probe compares servers",
      ["path: /, port: 8405", "path: /ready, port: 8405"],
      [HEALTH, `monitor-uri /ready\n      monitor fail if { nbsrv(api) lt 1 }\n      ${HEALTH}`],
    ],
    [
      "of another path than the one that compares servers",
      http,
      [HEALTH, `http-request return status 503 if { path /ready } { nbsrv(api) eq 0 }\n      ${HEALTH}`],
    ],
  ])("is right %s", async (_, ...changes) => {
    expect(await codesWith(...changes)).toEqual([]);
  });
});

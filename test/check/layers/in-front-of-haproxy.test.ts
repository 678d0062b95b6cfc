// Faults between clients and HAProxy, and of its probes: one change of a correct edge each, and a correct variant of it.
import { describe, expect, test } from "vitest";
import { type Change, codesWith, policy } from "./edge-with-servers.ts";

const NODE_PORTS = "type: NodePort, selector: { app: edge }";
const NLB_PRESERVES: Change = ["  preserve_client_ip = false\n", ""];
const INTERNAL: Change = [
  'load_balancer_type = "network"',
  'load_balancer_type = "network"\n  internal           = true',
];
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
const EDGE_IN = "podSelector: { matchLabels: { app: edge } }, policyTypes: [Ingress]";

const FOUND: readonly (readonly [code: string, what: string, ...changes: Change[]])[] = [
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
    "load-balancer-hairpin note",
    "an internal NLB with the default of its target group",
    INTERNAL,
    NLB_PRESERVES,
  ],
  [
    "load-balancer-hairpin note",
    "an internal NLB that is told to keep client addresses",
    INTERNAL,
    ["preserve_client_ip = false", "preserve_client_ip = true"],
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
  ["an internal NLB that does not keep client addresses", INTERNAL],
  ["an NLB of the internet that keeps client addresses", NLB_PRESERVES],
  [
    "an internal NLB whose targets are pods",
    INTERNAL,
    ["preserve_client_ip = false", 'target_type        = "ip"'],
    ["port               = 31001", "port               = 8443"],
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

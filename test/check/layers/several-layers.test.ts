// Faults of haproxy.cfg that depend on other layers: on the pod that runs it, or on the load balancer in front.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const POD = `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, namespace: web }
spec:
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec: { containers: [{ name: haproxy, image: "haproxy:3.2.4", ports: [{ containerPort: 8404 }] }] }
`;
const SERVICE =
  "apiVersion: v1\nkind: Service\nmetadata: { name: edge, namespace: web }\nspec: { type: NodePort, selector: { app: edge }, ports: [{ port: 8404, nodePort: 30404 }] }\n---\n";

async function codesOf(config: string, manifests: string, terraform = ""): Promise<readonly string[]> {
  const wiring = await readWiring([
    { file: "haproxy.cfg", text: `defaults\n  mode http\n${config}` },
    { file: "edge.yaml", text: manifests },
    { file: "main.tf", text: terraform },
  ]);
  return checkLayers(wiring).map(({ code }) => code);
}

describe("server-name-without-domain", () => {
  const server = (line: string) =>
    `frontend web\n  bind :8404\n  default_backend app\nbackend app\n  server a ${line}\nresolvers dns\n  parse-resolv-conf\n`;
  test.each([
    ["one label", "app:80 resolvers dns", POD, true],
    ["a Service without the domain", "app.web.svc:80 resolvers dns", POD, true],
    ["the complete name", "app.web.svc.cluster.local:80 resolvers dns", POD, false],
    ["another domain", "app.example.com:80 resolvers dns", POD, false],
    ["the system's resolver, with its search list", "app:80", POD, false],
    ["an address", "10.0.0.7:80 resolvers dns", POD, false],
    ["the machine itself", "localhost:80 resolvers dns", POD, false],
    ["outside of Kubernetes, where the name server may know it", "app:80 resolvers dns", "", false],
  ])("%s", async (_, line, manifests, found) => {
    expect((await codesOf(server(line), manifests)).includes("server-name-without-domain")).toBe(found);
  });
});

describe("names in a pod", () => {
  const HOST = "app.web.svc.cluster.local";
  const edge = (server: string, resolvers = "parse-resolv-conf") =>
    `frontend web\n  bind :8404\n  default_backend app\nbackend app\n  ${server}\nresolvers dns\n  ${resolvers}\n`;
  const pod = (fields: string) => POD.replace("spec: { containers", `spec: { ${fields}, containers`);
  const SERVICE_APP =
    "apiVersion: v1\nkind: Service\nmetadata: { name: app, namespace: shop }\nspec: { ports: [{ port: 80 }] }\n---\n";
  const one = `server a ${HOST}:80 resolvers dns`;
  const template = (slots: string, host = HOST) => `server-template a ${slots} ${host}:80 resolvers dns`;
  test.each([
    [
      "a Service with its namespace alone",
      edge("server a app.shop:80 resolvers dns"),
      `${SERVICE_APP}${POD}`,
      "server-name-without-domain",
    ],
    ["the node's network", edge(one), pod("hostNetwork: true"), "cluster-dns-not-used"],
    [
      "the node's network, without resolvers",
      edge(`server a ${HOST}:80`),
      pod("hostNetwork: true"),
      "cluster-dns-not-used",
    ],
    ["dnsPolicy Default", edge(one), pod("dnsPolicy: Default"), "cluster-dns-not-used"],
    [
      "the node's network with the cluster's DNS",
      edge(one),
      pod("hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet"),
      undefined,
    ],
    [
      "the node's network with a name server",
      edge(one, "nameserver a 10.96.0.10:53"),
      pod("hostNetwork: true"),
      undefined,
    ],
    [
      "the node's network and a public name",
      edge("server a app.example.com:80 resolvers dns"),
      pod("hostNetwork: true"),
      undefined,
    ],
    ["a template of 100", edge(template("100")), POD, "resolver-answer-truncated"],
    ["a template of 1-40", edge(template("1-40")), POD, "resolver-answer-truncated"],
    ["SRV records of 10", edge(template("10", `_http._tcp.${HOST}`)), POD, "resolver-answer-truncated"],
    ["a template of 20", edge(template("20")), POD, undefined],
    [
      "a larger answer",
      edge(template("100"), "parse-resolv-conf\n  accepted_payload_size 8192"),
      POD,
      undefined,
    ],
    [
      "an answer that is not large enough",
      edge(template("100"), "parse-resolv-conf\n  accepted_payload_size 1232"),
      POD,
      "resolver-answer-truncated",
    ],
    ["answers over TCP", edge(template("100"), "nameserver a tcp@10.96.0.10:53"), POD, undefined],
    ["hold timeout", edge(one, "parse-resolv-conf\n  hold timeout 2s"), POD, "hold-time-too-short"],
    [
      "hold other and refused",
      edge(one, "parse-resolv-conf\n  hold other 500ms\n  hold refused 5s"),
      POD,
      "hold-time-too-short",
    ],
    ["a long hold time", edge(one, "parse-resolv-conf\n  hold timeout 1m"), POD, undefined],
    ["hold nx", edge(one, "parse-resolv-conf\n  hold nx 1s"), POD, undefined],
    ["hold valid", edge(one, "parse-resolv-conf\n  hold valid 1s"), POD, undefined],
  ])("%s", async (_, config, manifests, code) => {
    const codes = [
      "server-name-without-domain",
      "cluster-dns-not-used",
      "resolver-answer-truncated",
      "hold-time-too-short",
    ];
    const found = (await codesOf(config, manifests)).filter((one) => codes.includes(one));
    expect(found).toEqual(code === undefined ? [] : [code]);
  });
});

describe("stats-password-in-plain-text", () => {
  const stats = (bind = "bind :8404", auth = "stats auth ops:kEq9vT2m") =>
    `frontend stats\n  ${bind}\n  stats enable\n  stats uri /\n  ${auth}\n`;
  const elb = (protocol: string, internal = "false") => `resource "aws_elb" "edge" {
  internal = ${internal}
  listener {
    lb_port           = 8404
    lb_protocol       = "${protocol}"
    instance_port     = 30404
    instance_protocol = "tcp"
  }
}
`;
  test.each([
    ["TCP", stats(), elb("tcp"), true],
    ["HTTP", stats(), elb("http"), true],
    ["TLS at the load balancer", stats(), elb("ssl"), false],
    ["TLS at HAProxy", stats("bind :8404 ssl crt a.pem"), elb("tcp"), false],
    ["an internal load balancer", stats(), elb("tcp", "true"), true],
    ["no password", stats("bind :8404", "stats refresh 5s"), elb("tcp"), false],
    ["no load balancer", stats(), "", false],
  ])("%s", async (_, config, terraform, found) => {
    const codes = await codesOf(config, `${SERVICE}${POD}`, terraform);
    expect(codes.includes("stats-password-in-plain-text")).toBe(found);
  });
});

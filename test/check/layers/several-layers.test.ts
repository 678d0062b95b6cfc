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

// A correct edge with one Service behind HAProxy, for tests that change one line of it.
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import type { Finding } from "../../../src/findings/finding.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const CONFIG = `global
  log stdout format raw local0
  maxconn 1000
  grace 31s
  hard-stop-after 50s
resolvers cluster
  parse-resolv-conf
  accepted_payload_size 8192
defaults
  mode http
  log global
  option idle-close-on-response
  timeout client 30s
  timeout server 30s
  timeout connect 2s
  timeout http-request 10s
  default-server check init-addr none resolvers cluster resolve-prefer ipv4
frontend https
  bind *:8443
  tcp-request connection reject if !{ src 10.0.0.0/16 }
  tcp-request connection expect-proxy layer4 if { src 10.0.0.0/16 }
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
  default_backend api
frontend health
  bind *:8405
  http-request return status 200 if !{ stopping }
  http-request return status 503
backend api
  server api api.web.svc.cluster.local:8080
`;

const OBJECTS = `apiVersion: v1
kind: ConfigMap
metadata: { name: haproxy, namespace: web }
data:
  haproxy.cfg: |
${CONFIG.replace(/^(?=.)/gm, "    ")}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, namespace: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      terminationGracePeriodSeconds: 90
      containers:
        - name: haproxy
          image: haproxy:3.0.12
          ports: [{ containerPort: 8443 }, { containerPort: 8405 }]
          readinessProbe: { httpGet: { path: /, port: 8405 } }
          livenessProbe: { tcpSocket: { port: 8405 } }
          resources: { limits: { memory: 256Mi } }
          securityContext: { runAsNonRoot: true, runAsUser: 99, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: config, mountPath: /usr/local/etc/haproxy }]
      volumes: [{ name: config, configMap: { name: haproxy } }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: edge, namespace: web }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: edge } } }
---
apiVersion: v1
kind: Service
metadata: { name: edge, namespace: web }
spec: { type: NodePort, selector: { app: edge }, ports: [{ port: 443, targetPort: 8443, nodePort: 31001 }] }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: web }
spec: { selector: { app: api }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: api, image: "registry.example.com/api:1", ports: [{ name: http, containerPort: 8080 }] }] }
`;

const BALANCER = `resource "aws_lb" "edge" {
  name               = "edge"
  load_balancer_type = "network"
  subnets            = ["subnet-0a1b2c3d"]
}
resource "aws_lb_target_group" "edge" {
  name               = "edge"
  port               = 31001
  protocol           = "TCP"
  vpc_id             = "vpc-0a1b2c3d"
  proxy_protocol_v2  = true
  preserve_client_ip = false
}
resource "aws_lb_listener" "edge" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 443
  protocol          = "TLS"
  certificate_arn   = "arn:aws:acm:us-east-1:111122223333:certificate/abc"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.edge.arn
  }
}
resource "aws_autoscaling_attachment" "edge" {
  autoscaling_group_name = "workers"
  lb_target_group_arn    = aws_lb_target_group.edge.arn
}
`;

/** Text of one of the files and what replaces it, or an object to add. */
export type Change = readonly [before: string, after: string] | string;

/** The files with these changes; throws where a text to replace is missing. */
export function edgeWith(
  ...changes: readonly Change[]
): readonly { readonly file: string; readonly text: string }[] {
  let [objects, balancer] = [OBJECTS, BALANCER];
  for (const change of changes) {
    if (typeof change === "string") {
      objects += `---\n${change}\n`;
      continue;
    }
    const [before, after] = change;
    if (!objects.includes(before) && !balancer.includes(before)) throw new Error(`no such text: ${before}`);
    objects = objects.replace(before, () => after);
    balancer = balancer.replace(before, () => after);
  }
  return [
    { file: "edge.yaml", text: objects },
    { file: "nlb.tf", text: balancer },
  ];
}

export async function findingsWith(...changes: readonly Change[]): Promise<readonly Finding[]> {
  return checkLayers(await readWiring(edgeWith(...changes)));
}

/** `CODE severity` of each finding. */
export async function codesWith(...changes: readonly Change[]): Promise<readonly string[]> {
  const found = await findingsWith(...changes);
  return found.map(({ code, severity }) => `${code} ${severity}`);
}

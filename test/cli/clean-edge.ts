// A small edge written by hand without findings, for tests that change one thing: NLB → NodePort Service → HAProxy pods → Service.
import { folderWith, portico } from "./portico.ts";

export const GLOBAL = `global
  log stdout format raw local0
  maxconn 1000
  grace 20s
  hard-stop-after 40s
resolvers cluster
  parse-resolv-conf
defaults
  mode http
  log global
  option idle-close-on-response
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout http-request 10s
  default-server check init-addr none resolvers cluster resolve-prefer ipv4
`;

export const FRONTENDS = `frontend public
  bind :9443
  tcp-request connection reject unless { src 10.1.0.0/16 }
  tcp-request connection expect-proxy layer4 if { src 10.1.0.0/16 }
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
  default_backend shop
frontend health
  bind :9405
  http-request return status 200 if !{ stopping }
  http-request return status 503
`;

export const BACKENDS = `backend shop
  server shop shop.store.svc.cluster.local:8000
`;

export const CONFIG = GLOBAL + FRONTENDS + BACKENDS;

/** The lines of a configuration as a block of a ConfigMap. */
function block(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}

export function configMap(files: Readonly<Record<string, string>>, name = "edge"): string {
  const data = Object.entries(files).map(([key, text]) => `  ${key}: |\n${block(text)}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: store }\ndata:\n${data.join("")}`;
}

export const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, namespace: store }
spec:
  replicas: 3
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: haproxy
          image: haproxy:3.0.12
          ports: [{ containerPort: 9443 }, { containerPort: 9405 }]
          readinessProbe: { httpGet: { path: /, port: 9405 } }
          livenessProbe: { tcpSocket: { port: 9405 } }
          resources: { limits: { memory: 256Mi } }
          securityContext: { runAsNonRoot: true, runAsUser: 99, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: edge, mountPath: /usr/local/etc/haproxy }]
      volumes: [{ name: edge, configMap: { name: edge } }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: edge, namespace: store }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: edge } } }
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: edge, namespace: store }
spec:
  type: NodePort
  selector: { app: edge }
  ports: [{ port: 443, targetPort: 9443, nodePort: 31443 }]
`;

const SHOP = `apiVersion: v1
kind: Service
metadata: { name: shop, namespace: store }
spec: { selector: { app: shop }, ports: [{ port: 8000, targetPort: 8000 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: store }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: shop, image: "registry.example.com/shop:1", ports: [{ containerPort: 8000 }] }] }
`;

const NLB = `resource "aws_lb" "edge" {
  name               = "edge"
  load_balancer_type = "network"
  subnets            = ["subnet-11111111"]
}
resource "aws_lb_target_group" "edge" {
  name               = "edge"
  port               = 31443
  protocol           = "TCP"
  vpc_id             = "vpc-11111111"
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

export type Files = Readonly<Record<string, string>>;

/** The clean edge; with `changed`, some of its files replaced or added, or with an empty text removed. */
export function edge(changed: Files = {}): Files {
  const files = {
    "config.yaml": configMap({ "haproxy.cfg": CONFIG }),
    "edge.yaml": DEPLOYMENT,
    "service.yaml": SERVICE,
    "shop.yaml": SHOP,
    "nlb.tf": NLB,
    ...changed,
  };
  return Object.fromEntries(Object.entries(files).filter(([, text]) => text !== ""));
}

/** `error probe-fails what`: all that `check --layers` finds. */
export async function findingsOf(files: Files, folder = ""): Promise<readonly string[]> {
  const { stdout, stderr } = await portico(["check", "--layers", folder || ".", "--json"], {
    cwd: folderWith(files),
  });
  if (stdout === "") throw new Error(stderr);
  const { findings } = JSON.parse(stdout) as {
    findings: readonly { severity: string; code: string; what: string }[];
  };
  return findings.map(({ severity, code, what }) => `${severity} ${code} ${what}`);
}

/** What `test --layers` prints for requests; by default one that reaches the shop. */
export async function testOf(
  files: Files,
  expectations = '- { get: "https://shop.example.com/x", status: 200, backend: shop }\n',
): Promise<{ readonly status: number | null; readonly stdout: string }> {
  const cwd = folderWith({ ...files, "expect.yaml": expectations });
  const { status, stdout, stderr } = await portico(["test", "--layers", ".", "--expect", "expect.yaml"], {
    cwd,
  });
  return { status, stdout: stdout + stderr };
}

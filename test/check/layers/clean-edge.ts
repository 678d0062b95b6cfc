// A small edge written by hand without findings, for tests that change one thing: NLB → NodePort Service → HAProxy pods → Service.

export const GLOBAL = `global
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
`;

export const FRONTENDS = `frontend https
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
`;

export const BACKENDS = `backend api
  server api api.web.svc.cluster.local:8080
`;

export const CONFIG = GLOBAL + FRONTENDS + BACKENDS;

/** For an HTTP load balancer instead of the NLB. */
export const HTTP_CONFIG = CONFIG.replace(/ {2}tcp-request .*\n/g, "")
  .replace(/ {2}http-request set-header .*\n/g, "")
  .replace("timeout client 30s\n", "timeout client 30s\n  timeout http-keep-alive 75s\n");

/** Each text as a block of a ConfigMap. */
export function configMap(files: Readonly<Record<string, string>>, name = "edge"): string {
  const data = Object.entries(files).map(
    ([key, text]) => `  ${key}: |\n${text.trimEnd().replace(/^/gm, "    ")}\n`,
  );
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: web }\ndata:\n${data.join("")}`;
}

export const DEPLOYMENT = `apiVersion: apps/v1
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
          volumeMounts: [{ name: edge, mountPath: /usr/local/etc/haproxy }]
      volumes: [{ name: edge, configMap: { name: edge } }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: edge, namespace: web }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: edge } } }
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: edge, namespace: web }
spec: { type: NodePort, selector: { app: edge }, ports: [{ port: 443, targetPort: 8443, nodePort: 31001 }] }
`;

const API = `apiVersion: v1
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

const NLB = `resource "aws_lb" "edge" {
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

export type Files = Readonly<Record<string, string>>;

/** The clean edge; with `changed`, some of its files replaced or added, or with an empty text removed. */
export function edge(changed: Files = {}): Files {
  const files = {
    "config.yaml": configMap({ "haproxy.cfg": CONFIG }),
    "edge.yaml": DEPLOYMENT,
    "service.yaml": SERVICE,
    "api.yaml": API,
    "nlb.tf": NLB,
    ...changed,
  };
  return Object.fromEntries(Object.entries(files).filter(([, text]) => text !== ""));
}

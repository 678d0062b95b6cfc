// Defaults that do not depend on other fields: the plan takes them, and the descriptions of the fields name them.

/** Where the description has them and in its notation. A default that HAProxy itself has is the same. */
export const DEFAULTS = {
  namespace: "default",
  clusterDomain: "cluster.local",
  paths: "normal",
  /** The default ports of the schemes, and of the load balancer. */
  ports: { http: 80, https: 443 },
  loadBalancer: {
    proxyProtocol: { "aws-classic-elb": "v1", http: "none", "aws-nlb": "v2", service: "none", none: "none" },
    /** Documented for a classic ELB, an ALB and an NLB; `service` is what a provider has at least. */
    idleTimeout: { "aws-classic-elb": "60s", http: "60s", "aws-nlb": "350s", service: "60s", none: "60s" },
    healthCheck: { interval: "10s", timeout: "5s", healthy: 2, unhealthy: 2 },
    accessLogs: { interval: "60m" },
    alpn: "HTTP2Preferred",
  },
  tls: { minVersion: "1.2" },
  backend: {
    endpoints: "service",
    headless: 10,
    retries: 3,
    health: { method: "GET", status: "200-399", interval: "2s", rise: 2, fall: 3 },
    caKey: "ca.crt",
    serverWeight: 1,
  },
  redirect: { status: 302 },
  httpsRedirect: { status: 301 },
  respond: { contentType: "text/plain; charset=utf-8" },
  maxBody: { unknownLength: "refuse" },
  timeouts: {
    client: "30s",
    handshake: "10s",
    server: "30s",
    connect: "2s",
    request: "10s",
    keepAlive: "30s",
    queue: "10s",
    check: "1s",
  },
  limits: { maxConnections: 8000 },
  logs: { to: "stdout", format: "json", facility: "local0", level: "info" },
  stats: { port: 8404 },
  haproxy: { ports: { http: 8080, https: 8443, internal: 8081, health: 8405, check: 8406 } },
  image: { base: "debian", logs: "stdout", config: "configMap" },
  kubernetes: {
    replicas: 3,
    autoscalerCpu: 70,
    nodePorts: { http: 30080, https: 30443, stats: 30404, check: 30406 },
    readiness: "health",
    cpu: "500m",
    /** `gracePeriod` is longer than what it covers by `margin`. */
    drain: { detection: "10s", margin: "5s" },
  },
  expectation: { through: "public", from: "203.0.113.7" },
} as const;

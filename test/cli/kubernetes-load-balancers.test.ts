// Load balancers that Kubernetes creates: ALB Ingresses, and health checks by annotations of the AWS Load Balancer Controller.
import { describe, expect, test } from "vitest";
import { CONFIG, configMap, DEPLOYMENT, edge, type Files, HTTP_CONFIG } from "../check/layers/clean-edge.ts";
import { findingsOf, testOf } from "./edge-commands.ts";

const ingress = (
  annotations: Readonly<Record<string, string>> = {},
): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: edge
  namespace: web
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-east-1:111122223333:certificate/abc
${Object.entries(annotations)
  .map(([name, value]) => `    alb.ingress.kubernetes.io/${name}: '${value}'\n`)
  .join("")}spec:
  ingressClassName: alb
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: edge, port: { number: 443 } } } }] }
`;

const alb = (annotations?: Readonly<Record<string, string>>, changed: Files = {}): Files =>
  edge({
    "nlb.tf": "",
    "config.yaml": configMap({ "haproxy.cfg": HTTP_CONFIG }),
    "ingress.yaml": ingress(annotations),
    ...changed,
  });

describe("an ALB Ingress", () => {
  test.each<readonly [string, Files]>([
    ["to node ports", alb()],
    [
      "to pods, with a health check of another port",
      alb({ "target-type": "ip", "healthcheck-port": "8405" }),
    ],
    [
      "with a redirect of port 80",
      alb({ "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "ssl-redirect": "443" }),
    ],
  ])("%s has no error, and requests arrive", async (_, files) => {
    expect((await findingsOf(files)).filter((one) => one.startsWith("error"))).toEqual([]);
    const { status, stdout } = await testOf(files);
    expect(stdout).toContain("load balancer 443 https");
    expect(stdout).toContain("1 of 1 expectation as expected");
    expect(status).toBe(0);
  });

  test.each<readonly [string, Files, string, RegExp]>([
    [
      "a health check path that HAProxy answers with 404",
      alb(
        { "healthcheck-path": "/nope" },
        {
          "config.yaml": configMap({
            "haproxy.cfg": HTTP_CONFIG.replace(
              "  default_backend",
              "  http-request return status 404 if { path /nope }\n  default_backend",
            ),
          }),
        },
      ),
      "error health-check-fails the health check requests /nope and gets 404",
      /health check of Ingress web\/edge .* answers 404/,
    ],
    [
      "statuses that the check does not accept",
      alb(
        { "target-type": "ip", "healthcheck-port": "8405", "success-codes": "201-299" },
        {
          "config.yaml": configMap({
            "haproxy.cfg": HTTP_CONFIG.replace(
              "  http-request return status 200 if !{ stopping }\n",
              "  monitor-uri /\n",
            ),
          }),
        },
      ),
      "error health-check-fails the health check requests / and gets 200",
      /health check of Ingress web\/edge HTTP:8405\/ answers 200/,
    ],
    [
      "a port of the pods that HAProxy does not bind",
      alb({ "target-type": "ip", "healthcheck-port": "8406" }),
      "error health-check-fails the health check uses port 8406, which HAProxy does not bind",
      /HAProxy binds no port 8406/,
    ],
    [
      "a port that the Service does not have",
      alb({}, { "ingress.yaml": ingress().replace("number: 443", "number: 444") }),
      "error port-mismatch Service web/edge has no port 444",
      /Service web\/edge has no port 444/,
    ],
    [
      "a HAProxy that expects PROXY headers",
      alb({}, { "config.yaml": configMap({ "haproxy.cfg": CONFIG }) }),
      "error proxy-protocol-one-sided HAProxy expects PROXY headers that the load balancer does not send",
      /which expects a PROXY header/,
    ],
  ])("%s", async (_, files, finding, failure) => {
    expect(await findingsOf(files)).toContain(finding);
    expect(await testOf(files)).toEqual({ status: 1, stdout: expect.stringMatching(failure) });
  });
});

const controlled = (annotations: Readonly<Record<string, string>>): Files =>
  edge({
    "nlb.tf": "",
    "service.yaml": `apiVersion: v1
kind: Service
metadata:
  name: edge
  namespace: web
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-type: external
    service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip
    service.beta.kubernetes.io/aws-load-balancer-ssl-cert: arn:aws:acm:us-east-1:111122223333:certificate/abc
    service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: proxy_protocol_v2.enabled=true,preserve_client_ip.enabled=false
${Object.entries(annotations)
  .map(
    ([name, value]) => `    service.beta.kubernetes.io/aws-load-balancer-healthcheck-${name}: "${value}"\n`,
  )
  .join("")}spec: { type: LoadBalancer, selector: { app: edge }, ports: [{ port: 443, targetPort: 8443 }] }
`,
  });

describe("health checks of a Service's Network Load Balancer", () => {
  test.each<readonly [string, Readonly<Record<string, string>>]>([
    ["none is written", {}],
    ["a connection to another port", { port: "8405", protocol: "tcp" }],
    ["a shorter interval", { interval: "5", "healthy-threshold": "2" }],
  ])("%s: no finding", async (_, annotations) => {
    expect(await findingsOf(controlled(annotations))).toEqual([]);
    expect((await testOf(controlled(annotations))).stdout).toContain("1 of 1 expectation as expected");
  });

  test.each<readonly [string, Readonly<Record<string, string>>, string, RegExp]>([
    [
      "HTTP to a port that expects no PROXY header",
      { port: "8405", protocol: "http", path: "/" },
      "error health-check-fails the health check starts with a PROXY header, and its port expects none",
      /health check of Service web\/edge port 443 HTTP:8405\/ answers 400/,
    ],
    [
      "a port that nothing binds",
      { port: "9410" },
      "error health-check-fails the health check uses port 9410, which HAProxy does not bind",
      /TCP:9410 reaches nothing: HAProxy binds no port 9410/,
    ],
    [
      "HTTPS to a port without TLS",
      { port: "8443", protocol: "https" },
      "error health-check-fails the health check uses TLS on a port without TLS",
      /HTTPS:8443/,
    ],
  ])("%s", async (_, annotations, finding, failure) => {
    const files = controlled(annotations);
    expect(await findingsOf(files)).toContain(finding);
    expect((await testOf(files)).stdout).toMatch(failure);
  });
});

const azure = (
  annotations: Readonly<Record<string, string>>,
  ports = "{ name: https, port: 443, targetPort: 8443, nodePort: 31443 }",
): Files =>
  edge({
    "nlb.tf": "",
    "config.yaml": configMap({
      "haproxy.cfg": HTTP_CONFIG.replace("bind *:8443", "bind *:8443 ssl crt /etc/certs/site.pem"),
    }),
    "edge.yaml": DEPLOYMENT.replace(
      "volumeMounts: [",
      "volumeMounts: [{ name: certificates, mountPath: /etc/certs }, ",
    ).replace("volumes: [", "volumes: [{ name: certificates, secret: { secretName: site } }, "),
    "service.yaml": `apiVersion: v1
kind: Service
metadata:
  name: edge
  namespace: web
  annotations:
    service.beta.kubernetes.io/azure-load-balancer-internal: "false"
${Object.entries(annotations)
  .map(([name, value]) => `    service.beta.kubernetes.io/${name}: "${value}"\n`)
  .join("")}spec: { type: LoadBalancer, selector: { app: edge }, ports: [${ports}] }
`,
  });

const HEALTH_PORT =
  "{ name: https, port: 443, targetPort: 8443, nodePort: 31443 }, { name: health, port: 8405, targetPort: 8405, nodePort: 31405 }";

describe("health checks of an Azure Load Balancer", () => {
  test.each<readonly [string, Files, string]>([
    ["a connection to the port", azure({}), "TCP:443"],
    [
      "HTTPS with its path",
      azure({ "port_443_health-probe_protocol": "https", "port_443_health-probe_request-path": "/x" }),
      "HTTPS:443/x",
    ],
    [
      "the node port of another port",
      azure(
        {
          "port_443_health-probe_port": "health",
          "azure-load-balancer-health-probe-protocol": "http",
          "azure-load-balancer-health-probe-interval": "10",
        },
        HEALTH_PORT,
      ),
      "HTTP:31405/",
    ],
    [
      "a port by its number",
      azure({ "port_443_health-probe_port": "8405", "port_443_health-probe_num-of-probe": "3" }, HEALTH_PORT),
      "TCP:31405",
    ],
    [
      "the protocol of a port before that of all ports",
      azure({
        "port_443_health-probe_protocol": "tcp",
        "azure-load-balancer-health-probe-protocol": "http",
        "azure-load-balancer-health-probe-request-path": "/nope",
      }),
      "TCP:443",
    ],
  ])("%s passes", async (_, files, check) => {
    expect((await findingsOf(files)).filter((one) => one.includes("health-check"))).toEqual([]);
    expect((await testOf(files)).stdout).toContain(`health check of Service web/edge ${check} passes`);
  });

  test.each<readonly [string, Files, string, RegExp]>([
    [
      "HTTP on a port that expects TLS",
      azure({}, "{ port: 443, targetPort: 8443, appProtocol: http }"),
      "error health-check-fails the health check sends plain HTTP to a port that expects TLS",
      /health check of Service web\/edge HTTP:443\/ fails/,
    ],
    [
      "a port that nothing binds",
      azure({ "port_443_health-probe_port": "30999" }),
      "error health-check-fails the load balancer checks node port 30999, which no Service has",
      /TCP:30999 reaches nothing/,
    ],
  ])("%s", async (_, files, finding, failure) => {
    const found = await findingsOf(files);
    expect(found).toContain(finding);
    expect((await testOf(files)).stdout).toMatch(failure);
  });
});

const binding = (spec: string, changed: Files = {}): Files => {
  const files = edge();
  const [terraform = "", service = ""] = [files["nlb.tf"], files["service.yaml"]];
  return {
    ...files,
    "nlb.tf": terraform
      .replace(/resource "aws_autoscaling_attachment".*/s, "")
      .replace("port               = 31001", 'port               = 80\n  target_type        = "ip"'),
    "service.yaml": service.replace("type: NodePort, ", "").replace(", nodePort: 31001", ""),
    "binding.yaml": `apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: { name: edge, namespace: web }
spec: ${spec}
`,
    ...changed,
  };
};
const ARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup";

describe("a TargetGroupBinding", () => {
  test.each([
    ["the group's name", "{ serviceRef: { name: edge, port: 443 }, targetGroupName: edge, targetType: ip }"],
    ["its ARN", `{ serviceRef: { name: edge, port: 443 }, targetGroupARN: "${ARN}/edge/0123456789abcdef" }`],
    [
      "an ARN that another tool writes",
      '{ serviceRef: { name: edge, port: 443 }, targetGroupARN: "${ARN}" }',
    ],
  ])("%s: requests arrive at the pods of its Service", async (_, spec) => {
    expect(await findingsOf(binding(spec))).toEqual([]);
    const { stdout } = await testOf(binding(spec));
    expect(stdout).toContain("load balancer 443 tls, PROXY v2 → pod port 8443 → bind *:8443");
    expect(stdout).toContain("1 of 1 expectation as expected");
  });

  test("a port that the Service does not have", async () => {
    const files = binding("{ serviceRef: { name: edge, port: 8443 }, targetGroupName: edge }");
    expect(await findingsOf(files)).toContain("error port-mismatch Service web/edge has no port 8443");
    expect((await testOf(files)).stdout).toContain("✗ Service web/edge has no port 8443");
  });

  test("another group", async () => {
    const files = binding(
      `{ serviceRef: { name: edge, port: 443 }, targetGroupARN: "${ARN}/other/0123456789abcdef" }`,
    );
    expect((await findingsOf(files)).join("\n")).toContain("load-balancer-without-nodes");
  });
});

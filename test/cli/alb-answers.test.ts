// Responses that an Application Load Balancer sends itself: redirects and fixed responses.
import { expect, test } from "vitest";
import { answerText } from "../../src/lab/simulators/listener-answer.ts";
import { configMap, edge, type Files, HTTP_CONFIG } from "../check/layers/clean-edge.ts";
import { findingsOf, testOf } from "./edge-commands.ts";

const alb = (action: string): Files =>
  edge({
    "config.yaml": configMap({ "haproxy.cfg": HTTP_CONFIG }),
    "nlb.tf": `resource "aws_lb" "edge" {
  name    = "edge"
  subnets = ["subnet-11111111", "subnet-22222222"]
}
resource "aws_lb_target_group" "edge" {
  name     = "edge"
  port     = 31001
  protocol = "HTTP"
  vpc_id   = "vpc-11111111"
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:us-east-1:111122223333:certificate/abc"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.edge.arn
  }
}
resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
${action}
  }
}
`,
  });

const REDIRECT = `    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }`;
const FIXED = `    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "use https"
      status_code  = "426"
    }`;

test.each([
  [
    "redirect",
    REDIRECT,
    '{ get: "http://app.example.com/a?b=c", status: 301, location: "https://app.example.com:443/a?b=c" }',
  ],
  ["fixed-response", FIXED, '{ get: "http://app.example.com/a", status: 426 }'],
])("a %s action answers, and no rule reports its listener", async (kind, action, expectation) => {
  const files = alb(action);
  expect((await findingsOf(files)).filter((one) => one.startsWith("error"))).toEqual([]);
  const { status, stdout } = await testOf(
    files,
    `- ${expectation}\n- { get: "https://app.example.com/x", status: 200, backend: api }\n`,
  );
  expect(stdout).toContain("2 of 2 expectations as expected");
  expect(stdout).toContain(`the load balancer answers with a ${kind} itself`);
  expect(status).toBe(0);
});

test("a redirect to another host and port fails an expectation", async () => {
  const { status, stdout } = await testOf(
    alb(REDIRECT.replace('"443"', '"8443"')),
    '- { get: "http://app.example.com/a", status: 301, location: "https://app.example.com:443/a" }\n',
  );
  expect(stdout).toContain("https://app.example.com:8443/a");
  expect(status).toBe(1);
});

test("parts of a redirect are those of the request", () => {
  const text = answerText(
    { method: "GET", target: "/a/b?x=1", headers: [["Host", "example.com:8080"]] },
    {
      is: {
        kind: "redirect",
        status: 302,
        protocol: "#{protocol}",
        host: "www.#{host}",
        port: "#{port}",
        path: "/new/#{path}",
        query: "from=#{query}",
      },
      port: 8080,
    },
    "http",
  );
  expect(text).toContain("HTTP/1.1 302 Found\r\n");
  expect(text).toContain("Location: http://www.example.com:8080/new/a/b?from=x=1\r\n");
});

const ingress = (paths: string, actions: Readonly<Record<string, unknown>>): Files =>
  edge({
    "nlb.tf": "",
    "config.yaml": configMap({ "haproxy.cfg": HTTP_CONFIG }),
    "ingress.yaml": `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: edge
  namespace: web
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-east-1:111122223333:certificate/abc
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'
${Object.entries(actions)
  .map(([name, action]) => `    alb.ingress.kubernetes.io/actions.${name}: '${JSON.stringify(action)}'\n`)
  .join("")}spec:
  ingressClassName: alb
  rules: [{ http: { paths: [${paths}] } }]
`,
  });

const to = (name: string, port: string, path = "/"): string =>
  `{ path: ${path}, pathType: Prefix, backend: { service: { name: ${name}, port: { ${port} } } } }`;
const action = (name: string, path?: string): string => to(name, "name: use-annotation", path);
const EDGE = to("edge", "number: 443");

test.each([
  [
    "a redirect to https, which the https listener leaves out",
    ingress(`${action("ssl")}, ${EDGE}`, {
      ssl: { type: "redirect", redirectConfig: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
    }),
    '- { get: "http://app.example.com/a?b=c", status: 301, location: "https://app.example.com:443/a?b=c" }\n- { get: "https://app.example.com/a", backend: api }\n',
  ],
  [
    "keys with a capital letter, and a fixed response",
    ingress(action("gone"), {
      gone: {
        Type: "fixed-response",
        FixedResponseConfig: { ContentType: "text/plain", StatusCode: "410", MessageBody: "gone" },
      },
    }),
    '- { get: "https://app.example.com/a", status: 410 }\n- { get: "http://app.example.com/a", status: 410 }\n',
  ],
  [
    "a redirect to another host",
    ingress(action("moved"), {
      moved: {
        type: "redirect",
        redirectConfig: { host: "new.example.com", path: "/n/#{path}", statusCode: "HTTP_302" },
      },
    }),
    '- { get: "https://app.example.com/a", status: 302, location: "https://new.example.com:443/n/a" }\n',
  ],
  [
    "target groups of Services",
    ingress(action("both"), {
      both: {
        type: "forward",
        forwardConfig: { targetGroups: [{ serviceName: "edge", servicePort: "443", weight: 1 }] },
      },
    }),
    '- { get: "https://app.example.com/a", backend: api }\n',
  ],
])("an action of an Ingress: %s", async (_, files, expectations) => {
  expect((await findingsOf(files)).filter((one) => one.startsWith("error"))).toEqual([]);
  const { status, stdout } = await testOf(files, expectations);
  expect(stdout).toMatch(/(\d) of \1 expectations? as expected/);
  expect(status).toBe(0);
});

test("actions that are not simulated are named", async () => {
  const files = ingress(`${action("one", "/old")}, ${action("none", "/none")}, ${EDGE}`, {
    one: { type: "fixed-response", fixedResponseConfig: { statusCode: "404" } },
  });
  expect(await findingsOf(files)).toEqual(
    expect.arrayContaining([
      "note layer-not-understood the action one of the load balancer applies to only some of the requests",
      "note layer-not-understood the action none of the load balancer is not known",
    ]),
  );
});

// The cost of rules: on four times as many routes, backends and Services, a rule takes about four times as many steps.
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PLAN_RULES } from "../../src/check/check-plan.ts";
import { applyRule, type CheckContext, type Rule } from "../../src/check/rule.ts";
import { RULES } from "../../src/check/rules/index.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { described } from "./described.ts";

const FEW = 60;
const MANY = 4 * FEW;
/** Comparing each pair gives 16. V8 misses some steps of optimised code, at most a third. */
const MOST_GROWTH = 7;
const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

const session = new Session();

beforeAll(async () => {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
});

afterAll(() => session.disconnect());

const layers = [await wiringOf(FEW), await wiringOf(MANY)] as const;
const contexts = [await contextOf(FEW), await contextOf(MANY)] as const;

test.each(RULES)("$code over layers", async (rule) => {
  expect(await growth(rule, layers)).toBeLessThan(MOST_GROWTH);
});

test.each(PLAN_RULES)("$code over a plan", async (rule) => {
  expect(await growth(rule, contexts)).toBeLessThan(MOST_GROWTH);
});

async function growth<Input>(rule: Rule<Input>, [few, many]: readonly [Input, Input]): Promise<number> {
  const least = await stepsOf(() => applyRule(rule, few));
  return (await stepsOf(() => applyRule(rule, many))) / Math.max(least, FEW);
}

/** How often blocks of this project's sources run, loops and callbacks included. */
async function stepsOf(run: () => unknown): Promise<number> {
  await session.post("Profiler.takePreciseCoverage");
  run();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  return result
    .filter(({ url }) => url.includes(SOURCES))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
    .reduce((sum, count) => sum + count, 0);
}

async function wiringOf(count: number): Promise<Wiring> {
  const each = (text: (name: string) => string) =>
    Array.from({ length: count }, (_, index) => text(`n${index}`)).join("");
  const haproxy = `defaults
  mode http
frontend web
  bind *:8080
  bind *:8443 accept-proxy
${each((name) => `  acl ${name} path_beg /${name}\n  http-request deny if { path /x/${name} } !{ src 10.0.0.0/8 }\n  use_backend ${name} if ${name}\n`)}
${each((name) => `frontend ${name}-front\n  bind *:1${name.slice(1).padStart(4, "0")}\n  http-request redirect scheme https if { hdr(host) ${name}.example.com }\n  default_backend ${name}\n`)}
${each((name) => `frontend ${name}-tls\n  bind *:2${name.slice(1).padStart(4, "0")} ssl crt a.pem # HSTS\n  http-response set-header Strict-Transport-Security max-age=1\n  http-request track-sc0 src\n  http-request deny if { sc_http_req_rate(1) gt 5 }\n  default_backend ${name}\n`)}
${each((name) => `backend ${name}\n  option httpchk\n  cookie S insert\n  server a ${name}.web.svc.cluster.local:80\n  server b 10.0.0.1:80 cookie b\n`)}`;
  const service = (name: string) => `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: web }
spec: { type: NodePort, selector: { app: ${name} }, ports: [{ port: 80, targetPort: 8080, nodePort: 3${name.slice(1).padStart(4, "0")} }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: haproxy, image: "haproxy:2.6", ports: [{ containerPort: 8080 }] }] }
`;
  const terraform = (name: string) => `resource "aws_elb" "${name}" {
  listener {
    lb_port           = 80
    lb_protocol       = "tcp"
    instance_port     = 3${name.slice(1).padStart(4, "0")}
    instance_protocol = "tcp"
  }
  health_check {
    target = "TCP:3${name.slice(1).padStart(4, "0")}"
  }
}
`;
  return readWiring([
    { file: "haproxy.cfg", text: haproxy },
    { file: "services.yaml", text: each(service) },
    { file: "main.tf", text: each(terraform) },
  ]);
}

async function contextOf(count: number): Promise<CheckContext> {
  const each = (text: (name: string) => string) =>
    Array.from({ length: count }, (_, index) => text(`n${index}`)).join("");
  const { plan, description } = await described(`edge: shop
public: { loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] }, allow: [203.0.113.0/24] }
sites:
  - host: shop.example.com
    routes:
${each((name) => `      - { path: /${name}, header: { x-a: ${name} }, allow: [203.0.113.0/25], to: ${name} }\n`)}
${each((name) => `  - { host: ${name}.example.com, redirect: { to: "https://shop.example.com/${name}" } }\n`)}
backends:
${each((name) => `  ${name}: { service: ${name}, port: 80 }\n`)}`);
  return {
    plan,
    edge: description.edge,
    at: (path, options) => description.positionOf(path, options),
  };
}

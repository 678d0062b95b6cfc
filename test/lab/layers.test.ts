// Each rendered layer with one edit: the lab runs the rendered files, and a failure names the hop.
import { describe, expect, test } from "vitest";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import { findHaproxy, type Haproxy } from "../../src/haproxy/find.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { knownOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";

const { value: haproxy } = await findHaproxy();

const plan = planOf({
  edge: "app",
  public: {
    loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] },
    tls: { terminatedAt: "loadBalancer", certificate: "arn:aws:acm:us-east-1:111122223333:certificate/abc" },
  },
  internal: { hosts: ["inside"] },
  sites: [{ host: "app.example.com", routes: [{ to: "app" }] }],
  backends: { app: { service: "app", port: 9000, health: { path: "/health" } } },
  expect: [
    { get: "http://app.example.com/a", status: 301, location: "https://app.example.com/a" },
    {
      get: "https://app.example.com/a",
      status: 200,
      backend: "app",
      seen: { headers: { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" } },
    },
    { get: "http://inside/a", through: "internal", status: 200, backend: "app" },
    { get: "https://app.example.com/", through: "untrusted", refused: true },
  ],
});

interface Edit {
  readonly file: RegExp;
  readonly from: string | RegExp;
  readonly to: string;
  /** The text of the failure. */
  readonly expected: RegExp;
}

const edits: Readonly<Record<string, Edit>> = {
  "the Service's node port": {
    file: /service-public/,
    from: "nodePort: 30443",
    to: "nodePort: 30444",
    expected: /no Service has the node port 30443/,
  },
  "the Service's target port": {
    file: /service-public/,
    from: "targetPort: https",
    to: "targetPort: http",
    expected: /pod port 8080 → bind \*:8080/,
  },
  "the name of the Service's target port": {
    file: /service-public/,
    from: "targetPort: https",
    to: "targetPort: tls",
    expected: /tls/,
  },
  "the name of the container's port": {
    file: /deployment/,
    from: /name: https$/m,
    to: "name: tls",
    expected: /https/,
  },
  "the number of the container's port": {
    file: /deployment/,
    from: "containerPort: 8443",
    to: "containerPort: 8444",
    expected: /8444/,
  },
  "the load balancer's instance port": {
    file: /main\.tf/,
    from: /instance_port( *)= 30443/,
    to: "instance_port$1= 30449",
    expected: /no Service has the node port 30449/,
  },
  "the load balancer's port": {
    file: /main\.tf/,
    from: /lb_port( *)= 443/,
    to: "lb_port$1= 444",
    expected: /no port 443/,
  },
  "the load balancer's protocol": {
    file: /main\.tf/,
    from: /lb_protocol( *)= "ssl"/,
    to: 'lb_protocol$1= "tcp"',
    expected: /tls/,
  },
  "the PROXY policy": {
    file: /main\.tf/,
    from: '["30080", "30443"]',
    to: '["30080"]',
    expected: /bind \*:8443, which expects a PROXY header/,
  },
  "the health check's port": {
    file: /main\.tf/,
    from: /"TCP:30443"/,
    to: '"TCP:30445"',
    expected: /no healthy node: TCP:30445 reaches nothing/,
  },
  "the health check's protocol": {
    file: /main\.tf/,
    from: /"TCP:30443"/,
    to: '"HTTP:30443/nothing"',
    expected: /no healthy node: HTTP:30443\/nothing/,
  },
  "ingress rules of the security group": {
    file: /security-groups\.tf/,
    from: /(ingress \{[^}]*?)443([^}]*?)443/,
    to: "$1444$2444",
    expected: /has no rule that allows port 443/,
  },
  "egress rules of the security group": {
    file: /security-groups\.tf/,
    from: /(egress \{[^}]*?)30443([^}]*?)30443/,
    to: "$130444$230444",
    expected: /allows the load balancer to reach port 30443/,
  },
  "the nodes' security group": {
    file: /security-groups\.tf/,
    from: /(nodes_https"[\s\S]*?)30443([\s\S]*?)30443/,
    to: "$130444$230444",
    expected: /var\.node_security_group_id has no rule that allows the load balancer to reach port 30443/,
  },
  "the bind's port": {
    file: /configmap|haproxy\.cfg/,
    from: "bind *:8443",
    to: "bind *:8448",
    expected: /8443/,
  },
  "PROXY at the bind": {
    file: /configmap|haproxy\.cfg/,
    from: /(?<=bind \*:8443\n(?:.*\n){1,3}.*)tcp-request connection expect-proxy layer4 if from_load_balancer/,
    to: "tcp-request connection accept",
    expected: /which reads the PROXY header as a request/,
  },
  "the health listener's port": {
    file: /configmap|haproxy\.cfg/,
    from: "bind *:8405",
    to: "bind *:8406",
    expected:
      /no pod becomes ready: the readiness probe GET :health\/ready is refused: HAProxy binds no port 8405/,
  },
  "the readiness probe's path": {
    file: /deployment/,
    from: "path: /ready",
    to: "path: /redy",
    expected: /no pod becomes ready: the readiness probe GET :health\/redy answers 404/,
  },
  "the internal Service's port": {
    file: /service\.yaml/,
    from: "port: 80 ",
    to: "port: 81 ",
    expected: /the Service default\/inside has no port 80/,
  },
  "the Service's selector": {
    file: /service-public/,
    from: /(selector:\n(?:.*\n)*? *app\.kubernetes\.io\/instance: )app-edge/,
    to: "$1other-edge",
    expected: /selects/,
  },
  "the NetworkPolicy's port": {
    file: /networkpolicy/,
    from: /port: (https|8443)/,
    to: "port: 8999",
    expected:
      /NetworkPolicy app-edge allows no connection from a load balancer or node to port 8443 of Deployment app-edge/,
  },
};

describe("rendered files are tested", () => {
  const files = emitLayers(plan);

  test("unchanged", async () => {
    expect(await failures(files, present(haproxy))).toEqual([]);
  });

  test("with more connections than this machine has file descriptors for", async () => {
    const changed = files.map((one) => ({
      ...one,
      content: one.content.replace(/\bmaxconn \d+/, "maxconn 50000000"),
    }));
    expect(changed).not.toEqual(files);
    expect(await failures(changed, present(haproxy))).toEqual([]);
  });

  test.each(Object.entries(edits))("with another %s", async (_, { file, from, to, expected }) => {
    const changed = files.map((one) =>
      file.test(one.path) ? { ...one, content: one.content.replace(from, to) } : one,
    );
    expect(changed).not.toEqual(files);
    const found = await failures(changed, present(haproxy));
    expect(found.join("\n")).toMatch(expected);
  });
});

/** One line per difference, with the path of the request. */
async function failures(files: readonly EmittedFile[], on: Haproxy): Promise<readonly string[]> {
  const wiring = await readWiring(files.map(({ path, content }) => ({ file: path, text: content })));
  const lab = await openLabOfLayers(wiring, { haproxy: on, ...knownOf(plan) });
  try {
    const result = await runExpectations(lab, plan.expectations);
    return [
      ...result.flatMap(({ answer, differences, expectation }) =>
        differences.map(
          ({ what, expected, got }) =>
            `${expectation.request.url} ${what}: expected ${expected}, got ${got}, by ${answer.path ?? "no path"}`,
        ),
      ),
      ...lab.health.flatMap(({ of, check, healthy, why }) => (healthy ? [] : [`${of} ${check} ${why}`])),
    ];
  } finally {
    await lab.close();
  }
}

function planOf(description: Parameters<typeof planEdge>[0]): Plan {
  const { value, findings } = planEdge(description);
  if (value === undefined) throw new Error(findings.map(({ what }) => what).join("\n"));
  return value;
}

function present(found: Haproxy | undefined): Haproxy {
  if (found === undefined) throw new Error("there is no HAProxy");
  return found;
}

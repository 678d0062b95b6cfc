// One edge for the tests of deploy and status: its description, its backends, and the command line run where nodes are reachable.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { loadDescription } from "../../src/description/load.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { folderWith } from "../cli/portico.ts";
import { edgeImage } from "../disturbances/images.ts";
import { kubectl, kubectlWith, startNearNodes } from "../disturbances/kubectl.ts";

const root = resolve(import.meta.dirname, "../..");

export interface EdgeWish {
  readonly namespace: string;
  readonly ports: { readonly http: number; readonly https: number };
  /** Lines of `sites[0].routes`. */
  readonly routes?: readonly string[];
  /** Lines of `backends`. */
  readonly backends?: readonly string[];
  readonly expect?: readonly string[];
  /** Lines at the end, at the top level. */
  readonly more?: readonly string[];
  readonly replicas?: number;
  /** CPU request of each pod. */
  readonly cpu?: string;
  /** Lines of `kubernetes`. */
  readonly kubernetes?: readonly string[];
}

const ROUTES = ["{ path: /api, to: api }", "{ to: app }"];
const BACKENDS = ["app: { service: app, port: 9000 }", "api: { service: api, port: 8080 }"];

export const EXPECTATIONS = [
  '{ get: "http://app.example.com/a?b=1", status: 301, location: "https://app.example.com/a?b=1" }',
  '{ get: "https://app.example.com/", status: 200, backend: app }',
  '{ get: "https://app.example.com/a", from: 198.51.100.77, backend: app, seen: { headers: { x-forwarded-for: 198.51.100.77 } } }',
  '{ get: "https://app.example.com/api/x", status: 200, backend: api }',
  '{ get: "https://app.example.com/", through: untrusted, refused: true }',
  '{ get: "https://other.example.com/a", status: 301, location: "https://www.example.com/" }',
  '{ get: "http://haproxy-service/api/x", through: internal, status: 200, backend: api }',
  '{ request: "POST https://app.example.com/api/orders", body: "{}", backend: api }',
  '{ get: "http://haproxy-service:8404/", through: internal, status: 200 }',
  '{ get: "http://app.example.com:8404/", refused: true }',
];

/** A portico.yaml; its networks are the documentation networks, those of the test cluster, and every private one. */
function described(wish: EdgeWish): string {
  const lines = (list: readonly string[], sign: string) => list.map((line) => `${sign}${line}`).join("\n");
  return `edge: app
namespace: ${wish.namespace}
public:
  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 198.51.100.0/24] }
  tls: { terminatedAt: loadBalancer, certificate: "arn:aws:acm:us-east-1:111122223333:certificate/abc" }
internal:
  hosts: [haproxy-service]
sites:
  - host: app.example.com
    hsts: { maxAge: 180d }
    routes:
${lines(wish.routes ?? ROUTES, "      - ")}
  - host: "*"
    redirect: { to: https://www.example.com/, status: 301 }
backends:
${lines(wish.backends ?? BACKENDS, "  ")}
kubernetes:
  replicas: ${wish.replicas ?? 2}
  nodePorts: { http: ${wish.ports.http}, https: ${wish.ports.https} }
  resources: { cpu: ${wish.cpu ?? "20m"}, memory: 64MiB }
  drain: { detection: 1s, hardStop: 2s, gracePeriod: 5s }
${lines(wish.kubernetes ?? [], "  ")}
limits: { maxConnections: 500 }
timeouts: { client: 1s, server: 1s }
expect:
${lines(wish.expect ?? EXPECTATIONS, "  - ")}
${lines(wish.more ?? [], "")}
`;
}

/** A folder with the description in it. */
export function edgeFolder(wish: EdgeWish): string {
  return folderWith({ "portico.yaml": described(wish) });
}

async function planOf(wish: EdgeWish): Promise<Plan> {
  const { value } = await loadDescription(edgeFolder(wish), { cwd: "/" });
  const plan = value === undefined ? undefined : planEdge(value.edge, value.positionOf).value;
  if (plan === undefined) throw new Error("the description does not plan");
  return plan;
}

/** The edge's image on every node, and its name, which is the same for all descriptions here. */
export async function imageOf(wish: EdgeWish): Promise<string> {
  return edgeImage(await planOf(wish));
}

/** A new namespace with the backends in it: HAProxy that answers 200 with the path, and 404 below /none. */
export async function openNamespace(namespace: string, image: string): Promise<void> {
  await closeNamespace(namespace);
  await kubectl("create", "namespace", namespace);
  await kubectlWith(JSON.stringify(backends(image)), "apply", "--namespace", namespace);
  await kubectl("rollout", "status", "deployment/backends", "--namespace", namespace, "--timeout=120s");
}

export async function closeNamespace(namespace: string): Promise<void> {
  await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait");
}

export interface CommandOutput {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs bin/portico where the nodes are reachable. */
export async function portico(...args: readonly string[]): Promise<CommandOutput> {
  const errors = folderWith({ stderr: "" });
  // stderr goes to a file: `in` connects only stdin and stdout.
  const line = `exec "$0" "$@" 2>'${errors}/stderr'`;
  const child = startNearNodes("env", ["NO_COLOR=1", "sh", "-c", line, join(root, "bin/portico"), ...args]);
  child.stdin?.end();
  const [stdout, status] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }),
  ]);
  return { status, stdout, stderr: readFileSync(join(errors, "stderr"), "utf8") };
}

/** The fields of `--json` that the tests read. */
export interface Report {
  readonly state: string;
  readonly changes: readonly { readonly kind: string; readonly name: string; readonly change: string }[];
  readonly behaviour: {
    readonly changed: readonly { readonly request: { readonly url: string } }[];
  } | null;
  readonly verified: {
    readonly through: string;
    readonly passed: number;
    readonly inPart: number;
    readonly failed: number;
    readonly unseen: number;
  } | null;
  readonly rolledBack: {
    readonly restored: readonly string[];
    readonly removed: readonly string[];
    readonly left: readonly string[];
  } | null;
  readonly cleared: readonly string[];
  readonly findings: readonly { readonly code: string; readonly what: string; readonly why: string }[];
}

/** Deploys with --json; the image is on the nodes already. */
export async function deploy(
  folder: string,
  ...options: readonly string[]
): Promise<Report & { readonly status: number | null }> {
  const { status, stdout, stderr } = await portico(
    "deploy",
    folder,
    "--yes",
    "--no-build",
    "--json",
    ...options,
  );
  if (stdout === "") throw new Error(`no report, status ${status}: ${stderr}`);
  return { status, ...(JSON.parse(stdout) as Report) };
}

/** Names of one kind in a namespace, in order. */
export async function namesOf(kind: string, namespace: string, selector = ""): Promise<readonly string[]> {
  const only = selector === "" ? [] : [`--selector=${selector}`];
  const found = await kubectl("get", kind, "--namespace", namespace, "--output=name", ...only);
  return found
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^.*\//, ""))
    .sort();
}

export async function fieldOf(what: string, namespace: string, path: string): Promise<string> {
  return kubectl("get", what, "--namespace", namespace, `--output=jsonpath={${path}}`);
}

function backends(image: string): object {
  const labels = { app: "backends" };
  const config = `global
  log stdout format raw local0
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 1s
frontend all
  bind *:8000
  http-request return status 404 if { path_beg /none }
  http-request return status 200 content-type text/plain lf-string "%[path]\\n"
`;
  const service = (name: string, port: number) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: labels, ports: [{ port, targetPort: 8000 }] },
  });
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "backends" },
        data: { "haproxy.cfg": config },
      },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "backends" },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              automountServiceAccountToken: false,
              terminationGracePeriodSeconds: 1,
              containers: [
                {
                  name: "haproxy",
                  image,
                  readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 },
                  resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
                  volumeMounts: [{ name: "config", mountPath: "/etc/haproxy" }],
                },
              ],
              volumes: [{ name: "config", configMap: { name: "backends" } }],
            },
          },
        },
      },
      service("app", 9000),
      service("api", 8080),
    ],
  };
}

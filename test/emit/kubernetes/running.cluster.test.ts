// The objects on a real cluster: pods become ready, every entrance answers, and the NetworkPolicy admits only the described traffic.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { edgeImage } from "../../disturbances/images.ts";
import { kubectl, kubectlWith, nodeAddresses } from "../../disturbances/kubectl.ts";
import { type Rendered, render } from "../../hostile/rendered.ts";

const NAMESPACE = "emit-k8s";
const BACKENDS = "emit-k8s-backend";
const CLIENTS = "emit-k8s-clients";
const PORTS = { http: 31100, https: 31101 };
/** A port of HAProxy that no rule of the NetworkPolicy names. */
const UNNAMED = 9999;
const SERVER_PORT = 8000;
/** There is no event for an enforced NetworkPolicy or a resolved server: time limit for polling. */
const WITHIN_MS = 180_000;

const run = promisify(execFile);
const nodes: string[] = [];
const edgePods: { readonly name: string; readonly address: string }[] = [];

beforeAll(async () => {
  nodes.push(...(await nodeAddresses()));
  const { plan, files } = rendered();
  const image = await edgeImage(plan);
  for (const namespace of [NAMESPACE, BACKENDS, CLIENTS]) {
    await kubectl("create", "namespace", namespace);
    await kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
  }
  const objects = files
    .filter(({ path }) => path.startsWith("kubernetes/") && !path.endsWith("/kustomization.yaml"))
    .map(({ content }) => content);
  await kubectlWith(objects.join("---\n"), "apply", "--server-side");
  await kubectlWith(JSON.stringify(others(image)), "apply", "--server-side");
  for (const namespace of [BACKENDS, CLIENTS])
    await kubectl(
      "wait",
      "pod",
      "--all",
      "--for=condition=Ready",
      "--namespace",
      namespace,
      "--timeout=180s",
    );
  await kubectl("rollout", "status", "deployment/app-edge", "--namespace", NAMESPACE, "--timeout=180s");
  const pods = ["pods", "--selector=app.kubernetes.io/instance=app-edge", "--namespace", NAMESPACE];
  const described = "--output=jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{'\\n'}{end}";
  for (const line of (await kubectl("get", ...pods, described)).trim().split("\n")) {
    const [name = "", address = ""] = line.split(" ");
    edgePods.push({ name, address });
  }
  for (const { name, address } of edgePods)
    for (const [backend, path] of [
      ["app", "/"],
      ["api", "/api"],
    ] as const)
      await until(`${name} has an answer of ${backend}`, async () =>
        (await responseFrom(address, 8081, request(path, "app.example.com"))).endsWith(backend),
      );
});

afterAll(() => kubectl("delete", "namespace", NAMESPACE, BACKENDS, CLIENTS));

describe("entrances", () => {
  test("the health listener reports the pod as ready, and serves metrics", async () => {
    expect(await responseFrom(`app-edge-pods.${NAMESPACE}`, 8405, request("/ready"))).toMatch(
      /^HTTP\/1.1 200 .*ready$/s,
    );
    expect(await responseFrom(`app-edge-pods.${NAMESPACE}`, 8405, request("/metrics"))).toContain(
      "haproxy_process_current_connections",
    );
  });

  test("in-cluster clients reach the edge under the Service's name, port 80", async () => {
    const answer = await responseFrom(
      `haproxy-service.${NAMESPACE}`,
      80,
      request("/api/x", "haproxy-service"),
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 .*api$/s);
  });

  test("in-cluster clients reach the stats page on HAProxy's own port", async () => {
    expect(await responseFrom(`haproxy-service.${NAMESPACE}`, 8404, request("/"))).toContain(
      "Statistics Report",
    );
  });

  test("the load balancer reaches plain HTTP and HTTPS through every node", async () => {
    const [address = ""] = nodes;
    const proxy = "PROXY TCP4 203.0.113.7 192.0.2.1 40000 443\r\n";
    for (const node of nodes)
      expect(await responseFrom(node, PORTS.http, proxy + request("/a", "app.example.com"))).toMatch(
        /^HTTP\/1.1 301 .*location: https:\/\/app.example.com\/a\r/is,
      );
    expect(await responseFrom(address, PORTS.https, proxy + request("/a", "app.example.com"))).toMatch(
      /^HTTP\/1.1 200 .*app$/s,
    );
  });
});

describe("the NetworkPolicy", () => {
  test("blocks pods from ports that it does not name", async () => {
    expect(edgePods).toHaveLength(2);
    for (const { name, address } of edgePods) {
      expect(await opens([name, NAMESPACE], address, UNNAMED)).toBe(true);
      expect(await opens(CLIENT, address, 8405)).toBe(true);
      await closes(CLIENT, address, UNNAMED);
    }
  });

  test("lets HAProxy reach DNS and its backends' namespaces", async () => {
    for (const { name } of edgePods) {
      expect(await opens([name, NAMESPACE], `app.${NAMESPACE}.svc.cluster.local`, 9000)).toBe(true);
      expect(await opens([name, NAMESPACE], `api.${BACKENDS}.svc.cluster.local`, 8080)).toBe(true);
    }
  });

  test("blocks HAProxy from other namespaces and the API server", async () => {
    for (const [host, port] of [
      [`other.${CLIENTS}.svc.cluster.local`, 80],
      ["kubernetes.default.svc.cluster.local", 443],
    ] as const) {
      expect(await opens(CLIENT, host, port)).toBe(true);
      for (const { name } of edgePods) await closes([name, NAMESPACE], host, port);
    }
  });
});

type Place = readonly [pod: string, namespace: string];
const CLIENT: Place = ["caller", CLIENTS];

function rendered(): Rendered {
  const file = join(import.meta.dirname, "../../golden/kubernetes-elb-classic/description.yaml");
  const description = parse(readFileSync(file, "utf8"));
  description.namespace = NAMESPACE;
  description.public.loadBalancer = { kind: "aws-classic-elb", sources: ["10.0.0.0/8", ...nodes] };
  description.public.raw = [`bind *:${UNNAMED}`];
  description.backends.api.service = `api.${BACKENDS}`;
  description.kubernetes = { nodePorts: PORTS, replicas: 2, resources: { cpu: "50m" } };
  const outcome = render(description);
  if ("refused" in outcome) throw new Error(JSON.stringify(outcome.refused));
  return outcome;
}

/** Servers that return their name, and a client pod. */
function others(image: string): object {
  const items = [
    ...server("app", NAMESPACE, 9000, image),
    ...server("api", BACKENDS, 8080, image),
    ...server("other", CLIENTS, 80, image),
    pod("caller", CLIENTS, { name: "caller", image, command: ["sleep", "infinity"] }, []),
  ];
  return { apiVersion: "v1", kind: "List", items };
}

function server(name: string, namespace: string, port: number, image: string): readonly object[] {
  const config = [
    "defaults",
    "  mode http",
    "  timeout client 30s",
    "  timeout http-request 30s",
    "frontend all",
    `  bind *:${SERVER_PORT}`,
    `  http-request return status 200 content-type text/plain string ${name}`,
    "",
  ].join("\n");
  const container = {
    name: "server",
    image,
    command: ["haproxy", "-db", "-f", "/config/haproxy.cfg"],
    ports: [{ name: "http", containerPort: SERVER_PORT }],
    readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 1 },
    volumeMounts: [{ name: "config", mountPath: "/config" }],
  };
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace },
      data: { "haproxy.cfg": config },
    },
    pod(name, namespace, container, [{ name: "config", configMap: { name } }]),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { selector: { server: name }, ports: [{ port, targetPort: "http" }] },
    },
  ];
}

function pod(name: string, namespace: string, container: object, volumes: readonly object[]): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { server: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 99, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          ...container,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
      volumes,
    },
  };
}

function request(path: string, host = "x"): string {
  return `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
}

/** The response when the client pod opens a connection and sends this. */
async function responseFrom(host: string, port: number, text: string): Promise<string> {
  const script = 'exec 3<>/dev/tcp/$0/$1; printf %s "$2" >&3; cat <&3';
  return await inPod(CLIENT, script, [host, String(port), text]);
}

async function opens(place: Place, host: string, port: number): Promise<boolean> {
  try {
    await inPod(place, "exec 3<>/dev/tcp/$0/$1", [host, String(port)]);
    return true;
  } catch (error) {
    // Exit statuses of timeout and bash for no answer and for a refused connection.
    if (error instanceof Error && /exit code (124|1)\b/.test(error.message)) return false;
    throw error;
  }
}

async function closes(place: Place, host: string, port: number): Promise<void> {
  await until(`${place[0]} no longer reaches ${host}:${port}`, async () => !(await opens(place, host, port)));
}

/** Rejects when the condition does not become true. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await holds())) if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
}

async function inPod([name, namespace]: Place, script: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run("kubectl", [
    "exec",
    name,
    "--namespace",
    namespace,
    "--",
    "timeout",
    "5",
    "bash",
    "-c",
    script,
    ...args,
  ]);
  return stdout;
}

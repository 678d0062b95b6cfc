// Every layer read into one wiring: old hand-written files, and files that Portico renders.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emitKubernetes } from "../../src/emit/kubernetes/emit-kubernetes.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { SourceFile } from "../../src/source/source-file.ts";
import { readFolder } from "../../src/wiring/read-folder.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { pathOfNodePort } from "../../src/wiring/traffic-paths.ts";
import type { TrafficPath, Wiring } from "../../src/wiring/wiring.ts";
import { shop } from "../emit/kubernetes/objects.ts";
import { goldenCase } from "../golden-files.ts";
import { dump, pathLine } from "./dump.ts";

const handWritten = await readFolder(".", { cwd: join(import.meta.dirname, "../../examples/hand-written") });
const read = (files: Readonly<Record<string, string>>): Promise<Wiring> =>
  readWiring(Object.entries(files).map(([file, text]) => ({ file, text })));

describe("examples/hand-written", async () => {
  const wiring = await readWiring(handWritten.files, handWritten.leftOut);

  test("is read completely", () => {
    expect(dump(wiring)).toBe(readFileSync(join(import.meta.dirname, "golden/hand-written.txt"), "utf8"));
    expect(wiring.leftOut).toEqual([]);
  });

  test("each file has its kind", () => {
    expect(wiring.files.map(({ file, kind }) => `${file} ${kind}`)).toEqual([
      "Dockerfile dockerfile",
      "deployment.yaml kubernetes",
      "depots/printers.cfg haproxy",
      "elb.tf terraform",
      "expect.yaml kubernetes",
      "haproxy.cfg haproxy",
      "moved.map haproxy-map",
      "resolv.conf.extra resolv-conf",
      "service.yaml kubernetes",
    ]);
  });

  test("a map belongs to the configuration that names it, an image to the configuration that it copies", () => {
    expect(
      wiring.haproxies.map(({ config, maps, image }) => [config.file, image?.file, [...maps.keys()]]),
    ).toEqual([
      ["depots/printers.cfg", undefined, []],
      ["haproxy.cfg", "Dockerfile", ["/etc/haproxy/moved.map"]],
    ]);
  });

  test("the node port of a health check leads to a bind; one that no Service has does not", () => {
    expect(pathOfNodePort(wiring, 30143).proxy?.name).toBe("tls");
    const { bind, brokenAt } = pathOfNodePort(wiring, 30149);
    expect(bind).toBeUndefined();
    expect(brokenAt).toMatchObject({
      hop: "service",
      kind: "missing",
      because: "no Service has the node port 30149",
    });
  });
});

describe("rendered files are read back as planned", async () => {
  const root = join(import.meta.dirname, "../golden");
  const plans: (readonly [string, Plan])[] = [];
  for (const name of readdirSync(root)) {
    const { plan } = await goldenCase(join(root, name));
    if (plan !== null) plans.push([name, plan]);
  }

  test("there are plans", () => {
    expect(plans.length).toBeGreaterThan(50);
  });

  test.each(plans)(
    "%s: every listener has a path to its own bind, and no path is broken",
    async (_, plan) => {
      const wiring = await readWiring(filesOf(plan));
      expect(wiring.trafficPaths.filter(({ brokenAt }) => brokenAt !== undefined).map(pathLine)).toEqual([]);
      const portOf = (path: TrafficPath | undefined) => path?.bind?.address.ports?.from;
      for (const { port, proxyProtocol } of plan.listeners) {
        const trafficPaths = wiring.trafficPaths.filter((path) => portOf(path) === port.value);
        expect(trafficPaths).not.toEqual([]);
        // A rule requires PROXY of some sources only.
        for (const { bind, proxy } of trafficPaths)
          expect(bind?.acceptProxy === true || (proxy?.expectProxy.length ?? 0) > 0).toBe(
            proxyProtocol.value !== "none",
          );
      }
      for (const { port, listener } of wiring.loadBalancers.length === 0 ? [] : plan.loadBalancer.ports) {
        const planned = plan.listeners.find(({ name }) => name === listener)?.port ?? plan.stats?.port;
        expect(portOf(fromLoadBalancer(wiring, port.value))).toBe(planned?.value);
      }
      expect(wiring.haproxies).toHaveLength(1);
      expect(wiring.haproxies[0]?.runBy?.workload.name).toBe(plan.kubernetes.names.edge);
      expect(wiring.leftOut.filter(({ severity }) => severity === "error")).toEqual([]);
    },
  );

  test("maps are found at the paths in the configuration", async () => {
    const plan = plans.find(([name]) => name === "kubernetes-elb-classic")?.[1];
    if (plan === undefined) throw new Error("no such case");
    const wiring = await readWiring(filesOf(plan));
    expect([...(wiring.haproxies[0]?.maps.keys() ?? [])]).toEqual([
      "hosts.map",
      "internal-hosts.map",
      "paths.map",
    ]);
  });

  test("from its ConfigMap alone: the same words, at their positions in the YAML", async () => {
    const plan = plans.find(([name]) => name === "kubernetes-elb-classic")?.[1];
    if (plan === undefined) throw new Error("no such case");
    const files = filesOf(plan).filter(({ file }) => file.startsWith("kubernetes/"));
    const wiring = await readWiring(files);
    const [layer] = wiring.haproxies;
    expect(layer?.from).toBe("config-map");
    const yaml = files.find(({ file }) => file === layer?.config.file)?.text.split("\n") ?? [];
    for (const { address } of layer?.wiring.binds ?? []) {
      const { line, column, length } = address.at;
      expect(yaml[line - 1]?.slice(column - 1, column - 1 + (length ?? 0))).toBe(address.token.text);
    }
    expect([...(layer?.maps.values() ?? [])].map(({ file }) => file)).toEqual(
      Array(3).fill("kubernetes/configmap.yaml"),
    );
  });

  test("split, because a ConfigMap is limited to 1 MiB: joined again", async () => {
    const { plan, files } = shop();
    const map = `${"/some/path/that/is/long shop\n".repeat(50_000)}`;
    const config = files
      .filter(({ path }) => path.startsWith("haproxy/"))
      .map((file) => (file.path === "haproxy/paths.map" ? { ...file, content: map } : file));
    const rendered = emitKubernetes(plan, { config, image: "shop-edge:1" });
    const wiring = await readWiring(rendered.map(({ path, content }) => ({ file: path, text: content })));
    const [layer] = wiring.haproxies;
    expect(wiring.configMaps.length).toBeGreaterThan(1);
    expect(layer?.maps.get("paths.map")?.text).toBe(map);
    expect(layer?.runBy?.workload.name).toBe("shop-edge");
    expect(wiring.trafficPaths.filter(({ brokenAt }) => brokenAt !== undefined)).toEqual([]);
  });

  function filesOf(plan: Plan): readonly SourceFile[] {
    return emitLayers(plan).map(({ path, content }) => ({ file: path, text: content }));
  }
});

describe("where a path is broken, and whether that is certain", () => {
  const all = Object.fromEntries(handWritten.files.map(({ file, text }) => [file, text]));
  const textOf = (file: string): string => all[file] ?? "";
  const changed = (file: string, from: string | RegExp, to: string) => {
    const text = textOf(file).replace(from, to);
    if (text === textOf(file)) throw new Error(`the edit changes nothing in ${file}`);
    return { ...all, [file]: text };
  };
  const first = async (files: Readonly<Record<string, string>>): Promise<TrafficPath["brokenAt"]> =>
    fromLoadBalancer(await read(files), 80)?.brokenAt;

  test.each([
    [
      "a separate node port",
      changed("elb.tf", "30180", "30189"),
      "service missing: no Service has the node port 30189",
    ],
    [
      "a node port that the cluster allocates",
      changed("service.yaml", /^ *nodePort: 30180\n/m, ""),
      "service unknown: no Service has the node port 30180, and the cluster chooses those of Service parcels/edge",
    ],
    [
      "another label",
      changed("service.yaml", "app: edge", "app: proxy"),
      "pod missing: Service parcels/edge selects the pods of no workload that is described here",
    ],
    [
      "another namespace",
      changed("service.yaml", "namespace: parcels", "namespace: web"),
      "pod missing: Service web/edge selects the pods of no workload that is described here",
    ],
    [
      "a name without a container port",
      changed("service.yaml", "targetPort: plain", "targetPort: web"),
      "pod missing: no container of Deployment edge has a port named web",
    ],
    [
      "another bind",
      changed("haproxy.cfg", "*:10080", "*:10081"),
      "haproxy missing: no bind of HAProxy has the port 10080",
    ],
    [
      "loopback alone",
      changed("haproxy.cfg", "*:10080", "127.0.0.1:10080"),
      "haproxy missing: HAProxy binds 10080 on 127.0.0.1 only",
    ],
    [
      "a bind known at start",
      changed("haproxy.cfg", "*:10080", '"*:${PORT}"'),
      "haproxy unknown: no bind has the port 10080, and that of `*:${PORT}` is known when HAProxy starts",
    ],
    [
      "no selector",
      changed("service.yaml", "  selector:\n    app: edge\n", ""),
      "pod unknown: Service parcels/edge selects no pods: its endpoints come from elsewhere",
    ],
    ["no Services", { ...all, "service.yaml": "" }, "service unknown: no Service is described here"],
    ["no workloads", { ...all, "deployment.yaml": "" }, "pod unknown: no workload is described here"],
    [
      "no configuration",
      { ...all, "haproxy.cfg": "" },
      "haproxy unknown: no HAProxy configuration is known to run in the pods of Deployment edge",
    ],
  ])("%s", async (_, files, expected) => {
    const brokenAt = await first(files);
    expect(`${brokenAt?.hop} ${brokenAt?.kind}: ${brokenAt?.because}`).toBe(expected);
  });

  test("a port that the container does not list is still reachable", async () => {
    const wiring = await read({
      ...changed("deployment.yaml", "            - name: plain\n              containerPort: 10080\n", ""),
      "service.yaml": textOf("service.yaml").replace("targetPort: plain", "targetPort: 10080"),
    });
    const path = fromLoadBalancer(wiring, 80);
    expect([path?.containerPort, path?.proxy?.name, path?.brokenAt]).toEqual([undefined, "plain", undefined]);
  });

  test("ports of the host: one by one, or the pod's whole network", async () => {
    const one = await read(
      changed(
        "deployment.yaml",
        "containerPort: 10080\n",
        "containerPort: 10080\n              hostPort: 80\n",
      ),
    );
    const hosts = (wiring: Wiring) =>
      wiring.trafficPaths.filter(({ start }) => start === "host").map(({ port }) => port);
    expect(hosts(one)).toEqual([80]);
    expect(pathOfNodePort(one, 80).proxy?.name).toBe("plain");
    const whole = await read(
      changed("deployment.yaml", "      containers:\n", "      hostNetwork: true\n      containers:\n"),
    );
    expect(hosts(whole)).toEqual([10080, 10443, 10900]);
  });

  test("of three Deployments the one with the ports and a Service is taken, and that is reported", async () => {
    const [deployment = ""] = textOf("deployment.yaml").split("---\n");
    const other = (name: string) =>
      deployment
        .replaceAll("edge", name)
        .replace(/image: .*/, "image: haproxy:2.6")
        .replaceAll(/(?:10080|10443|10900)/g, "7000");
    const wiring = await read({ ...all, "a.yaml": other("admin"), "b.yaml": other("batch") });
    const edge = wiring.haproxies.find(({ config }) => config.file === "haproxy.cfg");
    expect(edge?.runBy?.workload.name).toBe("edge");
    expect(wiring.leftOut.filter(({ at }) => at.file === "haproxy.cfg")).toEqual([
      {
        what: "taken to be run by Deployment edge: 3 of the ports it binds are this one's, a Service selects its pods",
        why: "Deployment admin, Deployment batch could run it too; the files do not show which.",
        severity: "note",
        at: { file: "haproxy.cfg", line: 1, column: 1 },
      },
    ]);
  });

  test("pods of another program are not a path to HAProxy", async () => {
    const app = textOf("deployment.yaml")
      .replaceAll("edge", "app")
      .replaceAll(/10080|10900/g, "80");
    const wiring = await read({
      ...all,
      "app.yaml": app,
      "app-service.yaml":
        "apiVersion: v1\nkind: Service\nmetadata: {name: app, namespace: parcels}\nspec: {selector: {app: app}, ports: [{port: 10443}]}\n",
    });
    expect(wiring.services).toHaveLength(2);
    expect(wiring.trafficPaths.every(({ service }) => service?.name === "edge")).toBe(true);
  });
});

function fromLoadBalancer({ trafficPaths }: Wiring, port: number): TrafficPath | undefined {
  return trafficPaths.find((path) => path.start === "load-balancer" && path.port === port);
}

test.each([
  [
    "a file that the command writes first",
    "[sh, -c, 'sed s/deny/allow/ /etc/haproxy/haproxy.cfg > /run/x.cfg; haproxy -f /run/x.cfg']",
    ["/run/x.cfg"],
  ],
  [
    "a second file",
    "[haproxy, -f, /etc/haproxy/haproxy.cfg, -f, /etc/haproxy/more.cfg]",
    ["/etc/haproxy/more.cfg"],
  ],
  [
    "a folder that nothing fills",
    "[haproxy, -f, /etc/haproxy/haproxy.cfg, -f, /etc/more.d]",
    ["/etc/more.d"],
  ],
  ["the mounted file", "[haproxy, -f, /etc/haproxy/haproxy.cfg]", []],
  ["the folder of the mounted file", "[haproxy, -f, /etc/haproxy]", []],
])("a container with the command %s: what is unknown is reported", async (_, command, unknown) => {
  const pod = `apiVersion: v1
kind: ConfigMap
metadata: { name: edge }
data:
  haproxy.cfg: "frontend f\\n  mode http\\n  bind *:8080\\n"
  hosts.map: "a.example.com a\\n"
---
apiVersion: v1
kind: Pod
metadata: { name: edge }
spec:
  containers:
    - name: haproxy
      image: haproxy:3.2
      command: ${command}
      volumeMounts: [{ name: config, mountPath: /etc/haproxy }]
  volumes: [{ name: config, configMap: { name: edge } }]
`;
  const { haproxies, leftOut } = await read({ "pod.yaml": pod });
  expect(haproxies).toHaveLength(1);
  expect(leftOut).toMatchObject(
    unknown.map((path) => ({
      what: `no HAProxy configuration is known at ${path}`,
      why: "The command of Pod edge reads it. Only /etc/haproxy/haproxy.cfg was checked.",
      at: { line: 15 },
    })),
  );
});

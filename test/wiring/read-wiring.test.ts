// Every layer read back into one picture: what people wrote years ago, and what Portico renders.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emitKubernetes } from "../../src/emit/kubernetes/emit-kubernetes.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { readFolder } from "../../src/wiring/read-folder.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { SourceFile } from "../../src/wiring/source-file.ts";
import { wayOfNodePort } from "../../src/wiring/ways.ts";
import type { Way, Wiring } from "../../src/wiring/wiring.ts";
import { shop } from "../emit/kubernetes/objects.ts";
import { dump, wayLine } from "./dump.ts";

const seedFolder = join(import.meta.dirname, "seed");
const read = (files: Readonly<Record<string, string>>): Promise<Wiring> =>
  readWiring(Object.entries(files).map(([file, text]) => ({ file, text })));

describe("the six files that Portico began with", async () => {
  const { files, leftOut } = await readFolder(".", { cwd: seedFolder });
  const wiring = await readWiring(files, leftOut);

  test("are read as they lie, by hand", () => {
    expect(dump(wiring)).toBe(readFileSync(join(import.meta.dirname, "golden/seed.txt"), "utf8"));
    expect(wiring.leftOut).toEqual([]);
  });

  test("each has its kind", () => {
    expect(wiring.files.map(({ file, kind }) => `${file} ${kind}`)).toEqual([
      "Dockerfile dockerfile",
      "elb.tf terraform",
      "haproxy.cfg haproxy",
      "haproxy_deployment.yaml kubernetes",
      "haproxy_service.yaml kubernetes",
      "resolv.conf.line resolv-conf",
    ]);
  });

  test("a health check's node port leads on; one that nobody has does not", () => {
    expect(wayOfNodePort(wiring, 31001).proxy?.name).toBe("app.example.com-https");
    expect(wayOfNodePort(wiring, 31009)).toMatchObject({
      bind: null,
      ends: { hop: "service", kind: "missing", because: "no Service has the node port 31009" },
    });
  });
});

describe("what Portico renders is read as it was planned", () => {
  const root = join(import.meta.dirname, "../golden");
  const plans = readdirSync(root).flatMap((name) => {
    if (name.startsWith("refused-")) return [];
    const plan: Plan = JSON.parse(readFileSync(join(root, name, "plan.json"), "utf8"));
    return [[name, plan] as const];
  });

  test("there are plans", () => {
    expect(plans.length).toBeGreaterThan(50);
  });

  test.each(plans)(
    "%s: every listener has a way to its own bind, and none leads nowhere",
    async (_, plan) => {
      const wiring = await readWiring(filesOf(plan));
      expect(wiring.ways.filter(({ ends }) => ends !== null).map(wayLine)).toEqual([]);
      const portOf = (way: Way | undefined) => way?.bind?.address.ports?.from;
      for (const { port, proxyProtocol } of plan.listeners) {
        const ways = wiring.ways.filter((way) => portOf(way) === port.value);
        expect(ways).not.toEqual([]);
        // PROXY that is asked of some sources alone is asked for by a rule.
        for (const { bind, proxy } of ways)
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

  test("maps are found where the configuration names them", async () => {
    const plan = plans.find(([name]) => name === "kubernetes-elb-classic")?.[1];
    if (plan === undefined) throw new Error("no such case");
    const wiring = await readWiring(filesOf(plan));
    expect([...(wiring.haproxies[0]?.maps.keys() ?? [])]).toEqual([
      "hosts.map",
      "internal-hosts.map",
      "paths.map",
    ]);
  });

  test("from its ConfigMap alone: with the same words at the places that the YAML has them", async () => {
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

  test("in parts, because a ConfigMap holds a mebibyte: put together again", async () => {
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
    expect(wiring.ways.filter(({ ends }) => ends !== null)).toEqual([]);
  });

  function filesOf(plan: Plan): readonly SourceFile[] {
    return emitLayers(plan).map(({ path, content }) => ({ file: path, text: content }));
  }
});

describe("where a way breaks, and whether that is known", () => {
  const seed = (file: string): string => readFileSync(join(seedFolder, file), "utf8");
  const all = Object.fromEntries(readdirSync(seedFolder).map((file) => [file, seed(file)]));
  const changed = (file: string, from: string | RegExp, to: string) => ({
    ...all,
    [file]: seed(file).replace(from, to),
  });
  const first = async (files: Readonly<Record<string, string>>): Promise<Way["ends"]> =>
    fromLoadBalancer(await read(files), 80)?.ends ?? null;

  test.each([
    [
      "a node port of its own",
      changed("elb.tf", "31000", "31009"),
      "service missing: no Service has the node port 31009",
    ],
    [
      "one that the cluster chooses",
      changed("haproxy_service.yaml", /^ *nodePort: 31000\n/m, ""),
      "service unknown: no Service has the node port 31000, and the cluster chooses those of Service haproxy-service",
    ],
    [
      "another label",
      changed("haproxy_service.yaml", "app: haproxy", "app: edge"),
      "pod missing: Service haproxy-service selects the pods of no workload that is described here",
    ],
    [
      "another namespace",
      changed("haproxy_service.yaml", "metadata:\n", "metadata:\n  namespace: web\n"),
      "pod missing: Service web/haproxy-service selects the pods of no workload that is described here",
    ],
    [
      "a name that no container's port has",
      changed("haproxy_service.yaml", "port: 8000\n", "port: 8000\n      targetPort: web\n"),
      "pod missing: no container of Deployment haproxy has a port named web",
    ],
    [
      "another bind",
      changed("haproxy.cfg", "*:8000", "*:8001"),
      "haproxy missing: no bind of HAProxy has the port 8000",
    ],
    [
      "loopback alone",
      changed("haproxy.cfg", "*:8000", "127.0.0.1:8000"),
      "haproxy missing: HAProxy binds 8000 on 127.0.0.1 only",
    ],
    [
      "a bind known at start",
      changed("haproxy.cfg", "*:8000", '"*:${PORT}"'),
      "haproxy unknown: no bind has the port 8000, and that of `*:${PORT}` is known when HAProxy starts",
    ],
    [
      "no selector",
      changed("haproxy_service.yaml", "  selector:\n    app: haproxy\n", ""),
      "pod unknown: Service haproxy-service selects no pods: its endpoints come from elsewhere",
    ],
    ["no Services", { ...all, "haproxy_service.yaml": "" }, "service unknown: no Service is described here"],
    ["no workloads", { ...all, "haproxy_deployment.yaml": "" }, "pod unknown: no workload is described here"],
    [
      "no configuration",
      { ...all, "haproxy.cfg": "" },
      "haproxy unknown: no HAProxy configuration is known to run in the pods of Deployment haproxy",
    ],
  ])("%s", async (_, files, expected) => {
    const ends = await first(files);
    expect(`${ends?.hop} ${ends?.kind}: ${ends?.because}`).toBe(expected);
  });

  test("a port that the container does not name is reached all the same", async () => {
    const wiring = await read(
      changed("haproxy_deployment.yaml", "            - containerPort: 8000\n              name: http\n", ""),
    );
    const way = fromLoadBalancer(wiring, 80);
    expect([way?.containerPort, way?.proxy?.name, way?.ends]).toEqual([null, "app.example.com-http", null]);
  });

  test("ports of the host: one by one, or the pod's whole network", async () => {
    const one = await read(
      changed(
        "haproxy_deployment.yaml",
        "containerPort: 8000\n",
        "containerPort: 8000\n              hostPort: 80\n",
      ),
    );
    const hosts = (wiring: Wiring) =>
      wiring.ways.filter(({ begins }) => begins === "host").map(({ port }) => port);
    expect(hosts(one)).toEqual([80]);
    expect(wayOfNodePort(one, 80).proxy?.name).toBe("app.example.com-http");
    const whole = await read(
      changed(
        "haproxy_deployment.yaml",
        "      containers:\n",
        "      hostNetwork: true\n      containers:\n",
      ),
    );
    expect(hosts(whole)).toEqual([26999, 8000, 9000]);
  });

  test("of three Deployments the one with the ports and a Service is taken, and that is said", async () => {
    const deployment = seed("haproxy_deployment.yaml");
    const other = (name: string) =>
      deployment
        .replace("name: haproxy", `name: ${name}`)
        .replace("app: haproxy", `app: ${name}`)
        .replaceAll(/(?:8000|9000|26999)/g, "7000");
    const wiring = await read({ ...all, "a.yaml": other("admin"), "b.yaml": other("batch") });
    expect(wiring.haproxies.map(({ runBy }) => runBy?.workload.name)).toEqual(["haproxy"]);
    expect(wiring.leftOut).toEqual([
      {
        what: "taken to be run by Deployment haproxy: 3 of the ports it binds are this one's, a Service selects its pods",
        why: "Deployment admin, Deployment batch could run it too; nothing says which.",
        severity: "note",
        at: { file: "haproxy.cfg", line: 1, column: 1 },
      },
    ]);
  });

  test("pods that run something else are no way to HAProxy", async () => {
    const app = seed("haproxy_deployment.yaml")
      .replaceAll("haproxy", "app")
      .replace(/<.*>/, "app:1")
      .replace(/8000|26999/g, "80");
    const wiring = await read({
      ...all,
      "app.yaml": app,
      "app-service.yaml":
        "apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {selector: {app: app}, ports: [{port: 9000}]}\n",
    });
    expect(wiring.services).toHaveLength(2);
    expect(wiring.ways.every(({ service }) => service?.name === "haproxy-service")).toBe(true);
  });
});

function fromLoadBalancer({ ways }: Wiring, port: number): Way | undefined {
  return ways.find((way) => way.begins === "load-balancer" && way.port === port);
}

// The plan of the Kubernetes objects: names, exposure, probes, memory, and network policies.
import { describe, expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { planned, site } from "../model/planned.ts";
import { codesOf } from "./codes.ts";

const of = (more: Partial<Edge> = {}) => planned({ sites: site([{ to: "app" }]), ...more });
const nlb: Edge["public"] = { loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] } };

describe("the internal Service has the name that in-cluster clients use", () => {
  const named = (hosts: string[], more: Partial<Edge> = {}) =>
    of({ internal: { hosts }, namespace: "web", ...more }).kubernetes.names.internalService?.value;

  test.each([
    [["haproxy-service"], "haproxy-service"],
    [["shop.example.com", "Inside."], "inside"],
    [["inside.web"], "inside"],
    [["inside.web.svc.cluster.local"], "inside"],
    [["inside.other"], "test-edge"],
    [["7inside"], "test-edge"],
    [[], "test-edge"],
  ])("%j: %s", (hosts, name) => {
    expect(named(hosts)).toBe(name);
  });

  test("but not the name of another Service", () => {
    expect(named(["test-edge-public", "test-edge-pods", "inside"])).toBe("inside");
    const backends = { app: { service: "app", port: 80 }, api: { service: "api.far", port: 80 } };
    expect(named(["app"], { backends })).toBe("test-edge");
    expect(named(["api"], { backends })).toBe("api");
  });

  test("without internal clients and stats there is none", () => {
    expect(of({ stats: false }).kubernetes.names.internalService).toBeNull();
  });
});

test.each([
  ["aws-classic-elb", "NodePort", "Cluster", "Deployment"],
  ["aws-nlb", "NodePort", "Cluster", "Deployment"],
  ["service", "LoadBalancer", "Local", "Deployment"],
  ["none", "hostPort", "Local", "DaemonSet"],
] as const)("%s: %s, %s, %s", (kind, exposure, policy, workload) => {
  const { kubernetes } = of({ public: { loadBalancer: { kind, sources: ["10.0.0.0/16"] } } });
  expect(kubernetes.exposure.value).toBe(exposure);
  expect(kubernetes.externalTrafficPolicy.value).toBe(policy);
  expect(kubernetes.workload.value).toBe(workload);
});

test("without a public entrance nothing is exposed", () => {
  const { kubernetes } = of({ internal: {} });
  expect(kubernetes.exposure.value).toBe("none");
  expect(kubernetes.names.publicService).toBeNull();
});

test("a range of replicas starts with its minimum", () => {
  const plan = of({ kubernetes: { replicas: { min: 2, max: 5, cpu: 60 } } });
  expect(plan.replicas.value).toBe(2);
  expect(plan.kubernetes.autoscale).toMatchObject({ min: 2, max: 5, cpuPercent: { value: 60 } });
  expect(of({ kubernetes: { replicas: 4 } }).kubernetes.autoscale).toBeNull();
});

test("ports below 1024 are detected everywhere", () => {
  expect(of().kubernetes.lowPorts).toBe(false);
  for (const ports of [{ http: 80 }, { health: 1023 }])
    expect(of({ haproxy: { ports } }).kubernetes.lowPorts).toBe(true);
  expect(of({ stats: { port: 404 } }).kubernetes.lowPorts).toBe(true);
});

test("the memory request is enough for the connections, and the limit is higher, for any description", () => {
  const needed = of().limits.memoryBytes.value;
  expect(of().kubernetes.resources.memoryRequest.value).toBe(needed);
  for (const memory of ["256MiB", "2GiB"]) {
    const { memoryRequest, memoryLimit } = of({ kubernetes: { resources: { memory } } }).kubernetes.resources;
    expect(memoryLimit.value).toBeGreaterThan(Math.max(memoryRequest.value, needed));
  }
});

describe("readiness still passes until the load balancer detects the stop", () => {
  const failures = (more: Partial<Edge>) => of(more).kubernetes.probes.readinessFailures.value;

  test("where a node serves only its own pods", () => {
    const { kubernetes, drain } = of({ public: { loadBalancer: "service" } });
    const { readinessPeriodS, readinessFailures } = kubernetes.probes;
    expect((readinessFailures.value - 1) * readinessPeriodS.value * 1000).toBeGreaterThanOrEqual(
      drain.graceMs.value,
    );
    expect(
      failures({ public: nlb, kubernetes: { externalTrafficPolicy: "Local", drain: { detection: "60s" } } }),
    ).toBe(31);
  });

  test("not where every node reaches another pod, or where readiness has no effect", () => {
    expect(failures({ public: nlb })).toBe(3);
    expect(failures({ public: { loadBalancer: "none" } })).toBe(3);
    expect(
      failures({ public: { loadBalancer: "service" }, kubernetes: { drain: { detection: "2s" } } }),
    ).toBe(3);
  });
});

describe("the NetworkPolicy", () => {
  const policy = (more: Partial<Edge>) => of(more).kubernetes.networkPolicy;

  test("names backends' namespaces once, and addresses by port", () => {
    const found = policy({
      namespace: "web",
      backends: {
        app: { service: "app", port: 80 },
        api: { service: "api.far", port: 80 },
        next: { service: "next.far", port: 80 },
        old: { servers: ["192.0.2.8:8080", "[2001:db8::8]:8080", "192.0.2.8:8080"] },
        named: { servers: ["far.example.net:443"] },
      },
    });
    expect(found?.backendNamespaces).toEqual(["far", "web"]);
    expect(found?.backendNetworks).toEqual([
      { cidr: "192.0.2.8/32", port: 8080 },
      { cidr: "2001:db8::8/128", port: 8080 },
      { cidr: "0.0.0.0/0", port: 443 },
      { cidr: "::/0", port: 443 },
    ]);
  });

  test("converts addresses into networks, and includes name servers and the log server", () => {
    const found = policy({
      kubernetes: { networkPolicy: { publicFrom: ["192.0.2.7", "10.0.0.0/8", "2001:db8::7"] } },
      dns: { nameServers: ["192.0.2.53", "192.0.2.54:5353"] },
      logs: { to: "192.0.2.9:5514" },
    });
    expect(found?.publicFrom.value).toEqual(["192.0.2.7/32", "10.0.0.0/8", "2001:db8::7/128"]);
    expect(found?.nameServers).toMatchObject([
      { cidr: "192.0.2.53/32", port: 53 },
      { cidr: "192.0.2.54/32", port: 5353 },
    ]);
    expect(found?.logServer).toMatchObject({ cidr: "192.0.2.9/32", port: 5514 });
    expect(policy({ logs: { to: "/run/log:514" } })?.logServer).toBeNull();
  });

  test("exists unless it is disabled", () => {
    expect(policy({})).not.toBeNull();
    expect(policy({ kubernetes: { networkPolicy: false } })).toBeNull();
  });
});

test("a stats page on the port of internal clients is refused", () => {
  expect(codesOf({ internal: {}, stats: { port: 80 } })).toEqual(["port-conflict"]);
  expect(codesOf({ public: {}, stats: { port: 80 } })).toEqual([]);
});

test.each([
  ["a".repeat(50), []],
  ["a".repeat(51), ["invalid-value"]],
  ["7shop", ["invalid-value"]],
])("an edge named %s: %j", (edge, codes) => {
  expect(codesOf({ edge })).toEqual(codes);
});

test.each([
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["10.1.2.3/0", "0.0.0.0/0"],
  ["192.168.7.129/25", "192.168.7.128/25"],
  ["203.0.113.7", "203.0.113.7/32"],
  ["2001:db8:1::5/32", "2001:db8::/32"],
  ["2001:db8::5", "2001:db8::5/128"],
  ["::ffff:10.1.2.3/104", "::ffff:a00:0/104"],
])("the network policy admits %s as %s", (network, whole) => {
  const { networkPolicy } = of({ kubernetes: { networkPolicy: { publicFrom: [network] } } }).kubernetes;
  expect(networkPolicy?.publicFrom.value).toEqual([whole]);
});

test("an autoscaler needs a CPU request", () => {
  const replicas = { min: 2, max: 4 };
  expect(codesOf({ kubernetes: { replicas, resources: { cpu: "0" } } })).toEqual(["autoscaler-without-cpu"]);
  expect(codesOf({ kubernetes: { replicas, resources: { cpu: "0.5" } } })).toEqual([]);
  expect(codesOf({ kubernetes: { replicas: 2, resources: { cpu: "0" } } })).toEqual([]);
});

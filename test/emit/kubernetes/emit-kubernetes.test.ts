// The objects for various descriptions, in addition to the goldens.
import { describe, expect, test } from "vitest";
import { kubernetesFiles, names, object, podSpec, shop } from "./objects.ts";

test("the same plan results in the same bytes", () => {
  expect(kubernetesFiles(shop())).toEqual(kubernetesFiles(shop()));
});

test("every object is in the namespace, with the labels of its edge", () => {
  const rendered = shop({ kubernetes: { replicas: { min: 2, max: 4 }, podMonitor: true } });
  const others = names(rendered).filter((name) => name !== "kustomization");
  expect(others.length).toBeGreaterThan(8);
  for (const name of others)
    expect(object(rendered, name).metadata).toMatchObject({
      namespace: "web",
      labels: { "app.kubernetes.io/instance": "shop-edge", "app.kubernetes.io/managed-by": "portico" },
    });
});

test("every selector selects the pods, by labels that never change", () => {
  const rendered = shop({ kubernetes: { podMonitor: true } });
  const selector = { "app.kubernetes.io/name": "haproxy", "app.kubernetes.io/instance": "shop-edge" };
  const { spec } = object(rendered, "deployment");
  expect(spec.template.metadata.labels).toMatchObject(selector);
  expect(spec.selector).toEqual({ matchLabels: selector });
  for (const name of ["service-public", "service", "service-pods"])
    expect(object(rendered, name).spec.selector).toEqual(selector);
  for (const name of ["poddisruptionbudget", "podmonitor"])
    expect(object(rendered, name).spec.selector).toEqual({ matchLabels: selector });
  expect(object(rendered, "networkpolicy").spec.podSelector).toEqual({ matchLabels: selector });
});

describe("ports", () => {
  test("the target port of a Service is a port of the container", () => {
    const rendered = shop({
      internal: {},
      public: {
        loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
        tls: { terminatedAt: "loadBalancer" },
      },
    });
    const named = podSpec(rendered).containers[0].ports.map(({ name }: { name: string }) => name);
    for (const name of ["service-public", "service", "service-pods"])
      for (const { targetPort } of object(rendered, name).spec.ports) expect(named).toContain(targetPort);
  });

  test("the public Service has only the load balancer's ports and its health check port", () => {
    const ports = (kind: "aws-classic-elb" | "aws-nlb") =>
      object(
        shop({ internal: {}, public: { loadBalancer: { kind, sources: ["10.0.0.0/16"] } } }),
        "service-public",
      ).spec.ports;
    const http = { name: "http", port: 80, targetPort: "http", nodePort: 30080 };
    expect(ports("aws-classic-elb")).toEqual([http]);
    expect(ports("aws-nlb")).toEqual([
      http,
      { name: "check", port: 8406, targetPort: "check", nodePort: 30406 },
    ]);
  });

  test("a public stats page is on it, and not on the internal Service", () => {
    const rendered = shop({
      public: {},
      internal: {},
      stats: { public: true, user: { name: "a", password: "b" } },
    });
    const named = (name: string) =>
      object(rendered, name).spec.ports.map((port: { name: string }) => port.name);
    expect(named("service-public")).toEqual(["http", "stats"]);
    expect(named("service")).toEqual(["internal"]);
  });

  test("without stats and internal clients there is no internal Service", () => {
    expect(names(shop({ stats: false }))).not.toContain("service");
  });
});

test("with an autoscaler the Deployment has no replica count", () => {
  const rendered = shop({ kubernetes: { replicas: { min: 2, max: 4 } } });
  expect(object(rendered, "deployment").spec).not.toHaveProperty("replicas");
  expect(object(rendered, "horizontalpodautoscaler").spec).toMatchObject({ minReplicas: 2, maxReplicas: 4 });
});

test("a DaemonSet has no disruption budget, which could not count its pods, and no surge with host ports", () => {
  const rendered = shop({ public: { loadBalancer: "none" } });
  expect(names(rendered)).not.toContain("poddisruptionbudget");
  expect(object(rendered, "daemonset").spec.updateStrategy.rollingUpdate).toEqual({ maxUnavailable: 1 });
});

test("described name servers replace the cluster's; one on another port is for HAProxy only", () => {
  const spec = podSpec(shop({ dns: { nameServers: ["192.0.2.53:53", "192.0.2.54:5353"] } }));
  expect(spec).toMatchObject({ dnsPolicy: "None", dnsConfig: { nameservers: ["192.0.2.53"] } });
  expect(podSpec(shop({ dns: { nameServers: ["192.0.2.54:5353"] } }))).not.toHaveProperty("dnsPolicy");
});

test("HAProxy may send its log to the described server; a file's path needs no permission", () => {
  const egress = (to: string) => object(shop({ logs: { to } }), "networkpolicy").spec.egress;
  expect(egress("[2001:db8::9]:514")).toContainEqual({
    to: [{ ipBlock: { cidr: "2001:db8::9/128" } }],
    ports: [{ protocol: "UDP", port: 514 }],
  });
  expect(egress("/run/log:514")).toHaveLength(2);
});

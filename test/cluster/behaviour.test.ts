// The effect of a deploy on requests; the cluster runs the rendered objects of another description.
import { describe, expect, test } from "vitest";
import { type Behaviour, compareBehaviour } from "../../src/cluster/behaviour.ts";
import type { KubernetesObject } from "../../src/cluster/objects.ts";
import { renderForCluster } from "../../src/cluster/rendered.ts";
import { edge as edgeSchema } from "../../src/description/schema/edge.ts";
import { findHaproxy } from "../../src/haproxy/find.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

const CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/abc";
const haproxy = (await findHaproxy()).value;

function planOf(change: object = {}): Plan {
  const description = {
    edge: "app",
    namespace: "web",
    public: {
      loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/8", "127.0.0.0/8"] },
      tls: {
        terminatedAt: "loadBalancer",
        certificate: CERTIFICATE,
      },
    },
    internal: { hosts: ["haproxy-service"] },
    sites: [{ host: "app.example.com", routes: [{ path: "/api", to: "api" }, { to: "app" }] }],
    backends: { app: { service: "app", port: 80 }, api: { service: "api", port: 80 } },
    expect: [
      { get: "https://app.example.com/api/x", backend: "api" },
      { get: "https://app.example.com/", backend: "app" },
      { get: "http://haproxy-service/api/x", through: "internal", backend: "api" },
    ],
    ...change,
  };
  const plan = planEdge(edgeSchema.parse(description)).value;
  if (plan === undefined) throw new Error("the description has no plan");
  return plan;
}

/** Deploys `planOf(change)` to a cluster that runs `live`. */
async function deployed(
  live: readonly KubernetesObject[] | undefined,
  change: object = {},
): Promise<Behaviour> {
  if (haproxy === undefined) throw new Error("there is no HAProxy");
  const plan = planOf(change);
  const behaviour = await compareBehaviour(plan, { live, rendered: renderForCluster(plan).objects }, haproxy);
  expect(behaviour.after.flatMap(({ differences }) => differences)).toEqual([]);
  return behaviour;
}

const liveOf = (change: object = {}) => renderForCluster(planOf(change)).objects;

function urlsOf({ changed }: Behaviour): readonly string[] {
  return changed.map(({ after }) => after.expectation.request.url);
}

test("the same edge: no outcome changes", async () => {
  expect(await deployed(liveOf())).toMatchObject({ former: "same", changed: [], notRun: [] });
});

test("nothing runs yet", async () => {
  expect(await deployed(undefined)).toMatchObject({ former: "first", changed: [] });
});

test("another route: the requests of that route change", async () => {
  const sites = [{ host: "app.example.com", routes: [{ path: "/api2", to: "api" }, { to: "app" }] }];
  const behaviour = await deployed(liveOf({ sites }));
  expect(behaviour.former).toBe("other");
  expect(urlsOf(behaviour)).toEqual(["https://app.example.com/api/x", "http://haproxy-service/api/x"]);
});

test("a Service that was edited manually: its requests change, although HAProxy's configuration is the same", async () => {
  const live = liveOf().map((object) =>
    object.kind === "Service" ? edited(object, '"targetPort":"https"', '"targetPort":"health"') : object,
  );
  const behaviour = await deployed(live);
  expect(behaviour.former).toBe("same");
  expect(urlsOf(behaviour)).toEqual(["https://app.example.com/api/x", "https://app.example.com/"]);
});

test("other node ports, and a load balancer that sends no PROXY header: no outcome changes", async () => {
  const loadBalancer = { kind: "aws-nlb", sources: ["10.0.0.0/8", "127.0.0.0/8"], proxyProtocol: "none" };
  const live = liveOf({
    public: { loadBalancer, tls: { terminatedAt: "loadBalancer", certificate: CERTIFICATE } },
    kubernetes: { nodePorts: { http: 31080, https: 31443 } },
  });
  expect(urlsOf(await deployed(live))).toEqual([]);
});

/** The same edge behind each kind of load balancer. */
function behind(kind: Kind): object {
  const sources = ["10.0.0.0/8", "127.0.0.0/8"];
  if (kind !== "service") {
    const certificate = kind === "http" ? {} : { certificate: CERTIFICATE };
    return {
      public: { loadBalancer: { kind, sources }, tls: { terminatedAt: "loadBalancer", ...certificate } },
    };
  }
  const certificates = [{ secret: "app-tls", hosts: ["app.example.com"] }];
  const loadBalancer = { kind, provider: "hetzner", proxyProtocol: "v1", sources };
  return { public: { loadBalancer, tls: { terminatedAt: "haproxy", certificates } } };
}

const KINDS = ["aws-classic-elb", "aws-nlb", "http", "service"] as const;
type Kind = (typeof KINDS)[number];

describe("another kind of load balancer", () => {
  const pairs = KINDS.flatMap((before) => KINDS.map((after) => [before, after] as const));

  test.each(pairs.filter(([before, after]) => (before === "service") === (after === "service")))(
    "from %s to %s: no outcome changes",
    async (before, after) => {
      const behaviour = await deployed(liveOf(behind(before)), behind(after));
      expect(urlsOf(behaviour)).toEqual([]);
      expect(behaviour.former).toBe(before === after ? "same" : "other");
    },
  );

  test("from http: a route that changes is found", async () => {
    const sites = [{ host: "app.example.com", routes: [{ path: "/api2", to: "api" }, { to: "app" }] }];
    const behaviour = await deployed(liveOf({ ...behind("http"), sites }), behind("aws-nlb"));
    expect(urlsOf(behaviour)).toEqual(["https://app.example.com/api/x", "http://haproxy-service/api/x"]);
  });

  test.each(pairs.filter(([before, after]) => (before === "service") !== (after === "service")))(
    "from %s to %s: the changes are unknown",
    async (before, after) => {
      expect(await deployed(liveOf(behind(before)), behind(after))).toMatchObject({
        former: "unknown",
        why: expect.stringContaining("which load balancer is in front of it now is not known"),
      });
    },
  );
});

test("a configuration in the image: the changes are unknown", async () => {
  const behaviour = await deployed(liveOf({ image: { config: "image" } }));
  expect(behaviour).toMatchObject({ former: "unknown", why: expect.stringContaining("no ConfigMap") });
});

test("a configuration that does not start: the changes are unknown", async () => {
  const live = liveOf().map((object) =>
    object.kind === "ConfigMap" ? edited(object, "global\\n", "global\\n    no-such-keyword\\n") : object,
  );
  expect(await deployed(live)).toMatchObject({
    former: "unknown",
    why: expect.stringContaining("did not start"),
  });
});

function edited(object: KubernetesObject, from: string, to: string): KubernetesObject {
  return JSON.parse(JSON.stringify(object).replace(from, to)) as KubernetesObject;
}

// Decisions have a place: the line of the description with the value, or none if the value is a default.
import { expect, test } from "vitest";
import { edge } from "../../src/description/schema/edge.ts";
import { isDescribed } from "../../src/plan/described.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

const description = edge.parse({
  edge: "shop",
  sites: [{ host: "shop.test", routes: [{ to: "app" }] }],
  backends: { app: { servers: ["10.0.0.7:8080"], retries: 1, health: { path: "/up", interval: "5s" } } },
  haproxy: { threads: 4 },
  dns: { options: ["ndots:2", "timeout:1"] },
  timeouts: { check: "3s" },
});

test("a described value has the place of its path, a default has none", () => {
  const { value: plan } = planEdge(description, (path) => ({ file: path.join("."), line: 1, column: 1 }));
  const [app] = plan?.backends ?? [];
  expect(app?.retries).toMatchObject({ because: "described", at: { file: "backends.app.retries" } });
  expect(app?.health).toMatchObject({
    intervalMs: { value: 5000, at: { file: "backends.app.health.interval" } },
    // The edge's setting if the backend has none.
    timeoutMs: { value: 3000, at: { file: "timeouts.check" } },
    rise: { value: 2, at: undefined },
  });
  expect(plan?.threads.at?.file).toBe("haproxy.threads");
  expect(plan?.dns.options[1]).toMatchObject({ name: "timeout", at: { file: "dns.options.1" } });
});

test("the closest place is taken if the value has none, as in a program", () => {
  const { value: plan } = planEdge(description, (path) =>
    path.length <= 1 ? { file: path.join("."), line: 1, column: 1 } : undefined,
  );
  expect(plan?.threads.at?.file).toBe("haproxy");
  expect(plan?.replicas.at).toBeUndefined();
});

test("without a text a value still counts as described", () => {
  const { value: plan } = planEdge(description);
  expect(plan && isDescribed(plan.threads)).toBe(true);
  expect(plan && isDescribed(plan.replicas)).toBe(false);
});

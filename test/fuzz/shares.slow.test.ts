// Weighted routes: over many requests each backend gets its share, and one with weight 0 gets none.
import { describe, expect, it } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planOf, withLab } from "./round.ts";
import { send } from "./send.ts";

const REQUESTS = 4000;
/** One failure in a thousand million runs. */
const ERROR = 1e-9;

const haproxies = await findAllHaproxies();

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  it.each([
    { weights: { app: 1, next: 1 } },
    { weights: { app: 90, next: 10 } },
    { weights: { app: 2, next: 3, gone: 0, other: 7 } },
    { weights: { app: 97, next: 900, other: 3 } },
  ])("sends each backend of $weights its share", async ({ weights }) => {
    const counts = await countsOf(haproxy, weights);
    const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
    for (const [backend, weight] of Object.entries(weights)) {
      const share = weight / sum;
      const away = Math.abs((counts.get(backend) ?? 0) - REQUESTS * share);
      expect(away, `${backend} got ${counts.get(backend) ?? 0} of ${REQUESTS}`).toBeLessThanOrEqual(
        bound(share),
      );
    }
  });
});

/**
 * How far a count of independent draws is from its mean but for an error of the given probability: Bernstein's
 * inequality, P(|X − np| ≥ t) ≤ 2 exp(−t² / (2 (np(1 − p) + t / 3))), solved for t.
 */
function bound(share: number): number {
  const log = Math.log(2 / ERROR);
  if (share === 0) return 0;
  return log / 3 + Math.sqrt((log / 3) ** 2 + 2 * log * REQUESTS * share * (1 - share));
}

async function countsOf(
  haproxy: Haproxy,
  weights: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, number>> {
  const { plan } = planOf(edgeWith(weights));
  if (plan === undefined) throw new Error("the description is refused");
  const counts = new Map<string, number>();
  const failure = await withLab(plan, haproxy, async (lab, client) => {
    let left = REQUESTS;
    const worker = async () => {
      while (left-- > 0) {
        const { backend, status } = await send(lab, client, {
          listener: "http",
          from: "203.0.113.7",
          httpVersion: "HTTP/1.1",
          method: "GET",
          target: "/",
          headers: [["Host", "a.test"]],
          body: "",
        });
        const key = backend ?? `HAProxy itself, ${status}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  });
  expect(failure).toBeUndefined();
  return counts;
}

function edgeWith(weights: Readonly<Record<string, number>>): Edge {
  const pool = { servers: ["10.0.0.7:8080"], health: false } as const;
  return {
    edge: "shares",
    public: { loadBalancer: "none" },
    sites: [{ host: "a.test", routes: [{ to: { ...weights } }] }],
    backends: Object.fromEntries(
      Object.keys(weights).map((name) => [name, { ...pool, servers: [...pool.servers] }]),
    ),
    logs: { format: "off" },
    stats: false,
  };
}

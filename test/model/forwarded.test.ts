// The client address from X-Forwarded-For: the model and every HAProxy interpret it identically.
import { describe, expect, onTestFinished, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { LabClient } from "../../src/lab/http/client.ts";
import { openLabOf } from "../../src/lab/lab.ts";
import { forwardedClient } from "../../src/model/forwarded.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { decisionFor, outcome, planned, site } from "./planned.ts";

const behindAlb: Pick<Edge, "public" | "sites" | "errorPages"> = {
  public: {
    loadBalancer: { kind: "http", sources: ["10.0.1.0/24"] },
    allow: ["203.0.113.0/24", "2001:db8::/32"],
  },
  sites: site([{ to: "app" }]),
  errorPages: { 400: "<p>who?</p>" },
};

/** The header lines of a request, and the resulting client address. */
const CASES: readonly (readonly [lines: readonly string[], client: string | undefined])[] = [
  [["203.0.113.7"], "203.0.113.7"],
  [["203.0.113.7:4711"], "203.0.113.7"],
  [["2001:db8::1"], "2001:db8::1"],
  [["[2001:db8::1]:4711"], "2001:db8::1"],
  [["[2001:db8::1]"], "2001:db8::1"],
  [["198.51.100.1"], "198.51.100.1"],
  [["198.51.100.1, 203.0.113.7"], "203.0.113.7"],
  [["203.0.113.7, 198.51.100.1"], "198.51.100.1"],
  [["203.0.113.7,198.51.100.1"], "198.51.100.1"],
  [["198.51.100.1", "203.0.113.7"], "203.0.113.7"],
  [["203.0.113.7", "unknown"], undefined],
  [["203.0.113.7, "], undefined],
  [["[203.0.113.7, [::g]:1"], undefined],
  [["203.0.113.7:"], undefined],
  [["unknown"], undefined],
  [[""], undefined],
  [[], undefined],
];

const headersOf = (lines: readonly string[]) => [
  ["Host", "a.test"] as const,
  ...lines.map((line) => ["X-Forwarded-For", line] as const),
];

test.each(CASES)("%j is %j", (lines, client) => {
  expect(forwardedClient(headersOf(lines))).toBe(client);
});

test("a client outside of the allowed networks is denied, and a request without a client address gets 400", () => {
  const plan = planned(behindAlb);
  const status = (...lines: string[]) => outcome(decisionFor(plan, "/", { headers: headersOf(lines) }));
  expect(status("203.0.113.7")).toBe("app");
  expect(status("198.51.100.1")).toBe("403");
  expect(status()).toBe("400");
  expect(decisionFor(plan, "/", { headers: headersOf([]) }).body).toBe("<p>who?</p>");
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("interprets it identically, request by request on one connection, and logs it", async () => {
    const plan = planned(behindAlb);
    const logged: string[] = [];
    let took = () => {};
    const lab = await openLabOf(plan, {
      haproxy,
      onLog: (line) => {
        if (line.startsWith("{")) logged.push(JSON.parse(line).client);
        took();
      },
    });
    const client = new LabClient();
    onTestFinished(async () => {
      client.close();
      await lab.close();
    });
    const to = lab.places.bind(plan.listeners[0]?.port.value ?? 0);
    const got: [lines: readonly string[], status: number | undefined, seen: string | null][] = [];
    for (const [lines] of CASES) {
      const before = lab.backends("app")[0]?.seen.length ?? 0;
      const answer = await client.request({
        to,
        localAddress: lab.places.from("load balancer"),
        method: "GET",
        target: "/",
        headers: headersOf(lines),
      });
      const seen = lab.backends("app")[0]?.seen[before];
      const said = seen?.headers.filter(([name]) => name.toLowerCase() === "x-forwarded-for");
      got.push([
        lines,
        answer.failed === undefined ? answer.status : undefined,
        said?.map(([, value]) => value).join() ?? null,
      ]);
    }
    expect(got).toEqual(
      CASES.map(([lines]) => {
        const decision = decisionFor(plan, "/", { headers: headersOf(lines) });
        const seen = decision.seen?.headers.find(([name]) => name === "X-Forwarded-For")?.[1] ?? null;
        return [lines, decision.status ?? 200, seen];
      }),
    );
    while (logged.length < CASES.length) await new Promise<void>((resolve) => (took = resolve));
    expect(logged).toEqual(CASES.map(([, said]) => said ?? lab.places.from("load balancer")));
  });

  test("answers the load balancer's health check, which has no client address, on the check's port only", async () => {
    const plan = planned(behindAlb);
    const lab = await openLabOf(plan, { haproxy });
    const client = new LabClient();
    onTestFinished(async () => {
      client.close();
      await lab.close();
    });
    const statusAt = async (port: number | undefined) => {
      const to = lab.places.bind(port ?? 0);
      const answer = await client.request({
        to,
        localAddress: lab.places.from("load balancer"),
        method: "GET",
        target: "/ready",
        headers: [
          ["Host", `${to.host}:${to.port}`],
          ["User-Agent", "ELB-HealthChecker/2.0"],
        ],
      });
      return answer.failed === undefined ? answer.status : answer.failed;
    };
    expect(await statusAt(plan.loadBalancer.healthCheck.http?.port.value)).toBe(200);
    expect(await statusAt(plan.listeners[0]?.port.value)).toBe(400);
  });

  test("answers only the load balancer", async () => {
    const lab = await openLabOf(planned(behindAlb), { haproxy });
    onTestFinished(() => lab.close());
    const answer = await lab.request("http://a.test/", { through: "untrusted" });
    expect(answer).toMatchObject({ status: null, backend: null });
    expect((await lab.request("http://a.test/")).backend).toBe("app");
  });
});

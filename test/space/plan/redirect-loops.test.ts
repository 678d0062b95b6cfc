// Redirect loops of random descriptions against the model: each loop that is found is one, and no loop of the sampled requests is missed.
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Edge } from "../../../src/description/define-edge.ts";
import { openLabOf } from "../../../src/lab/lab.ts";
import { decide } from "../../../src/model/decide.ts";
import { printPathAndQuery, readTarget } from "../../../src/model/request-target.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { type PlanRedirectLoop, planRedirectLoops } from "../../../src/space/plan/redirect-loops.ts";
import { headerLines } from "../../../src/space/witness.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned, type Routes } from "../../model/planned.ts";

const PORTS = { "http:": 8080, "https:": 443 } as const;

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** As a client follows a redirect; undefined: the request is not redirected to the edge. */
function followed(
  plan: Plan,
  { url, method, headers }: Sent,
): { readonly route: string; readonly next: Sent } | undefined {
  const listener = plan.listeners.find(({ name }) => `${name}:` === url.protocol);
  if (listener === undefined || Number(url.port || 443) !== PORTS[url.protocol as keyof typeof PORTS])
    return undefined;
  const { location, status, route } = decide(plan, {
    listener: listener.name,
    method,
    target: url.href.slice(url.origin.length),
    headers: [["Host", url.host], ...headers],
    client: "203.0.113.7",
  });
  if (location === null || location === undefined) return undefined;
  const becomesGet = method === "POST" && status !== 307 && status !== 308;
  const next = { url: new URL(location, url), method: becomesGet ? "GET" : method, headers };
  return { route: route?.id ?? "", next };
}

/** The routes that redirect a request again and again; undefined: the redirects end, or lead to a host that may be elsewhere. */
function endlessRoutes(plan: Plan, first: Sent): string | undefined {
  const routes: string[] = [];
  const seen: string[] = [];
  for (let sent = first; ; ) {
    const key = `${sent.method} ${sent.url.href}`;
    if (seen.includes(key)) return routesText(routes.slice(seen.indexOf(key)));
    seen.push(key);
    const step = followed(plan, sent);
    if (step === undefined || routes.length === 60) return undefined;
    const { hostname } = step.next.url;
    if (hostname !== sent.url.hostname && !HOSTS.includes(hostname)) return undefined;
    routes.push(step.route);
    sent = step.next;
  }
}

function routesText(routes: readonly string[]): string {
  return [...new Set(routes)]
    .filter((id) => id !== "")
    .sort()
    .join();
}

function sentOf({ witness, steps: [first] }: PlanRedirectLoop): Sent {
  const headers = headerLines(witness).filter(([name]) => name !== "Host");
  return { url: new URL(first?.url ?? ""), method: witness.method, headers };
}

/** With the path in the form in which the edge compares it. */
function asRead({ href, origin }: URL): string {
  const target = readTarget(href.slice(origin.length), "normal");
  return "problem" in target ? target.problem : `${origin}${printPathAndQuery(target)}`;
}

const HOSTS = ["a.test", "b.test"];
const PATHS = ["/", "/a", "/a/b", "/b", "/ab", "/a/b/c"];
const path = fc.constantFrom(...PATHS);

const redirect = fc.oneof(
  fc.record({ prefix: path }),
  fc.record({ path }),
  fc.record({
    to: fc.constantFrom(
      ...PATHS,
      "/a//b",
      "/a?v=1",
      "/b?v=%32&w",
      "https://b.test/a",
      "//a.test/b",
      "http://a.test:8080/a/b",
      "https://A.test/%61",
      "https://other.test/a",
    ),
  }),
  fc.record({ host: fc.constantFrom("a.test", "b.test") }),
  fc.record({ host: fc.constantFrom("a.test", "b.test"), prefix: path }),
  fc.record({ scheme: fc.constantFrom("http" as const, "https" as const) }),
  fc.record({
    scheme: fc.constantFrom("http" as const, "https" as const),
    host: fc.constantFrom("a.test", "b.test"),
    path,
  }),
);

const condition = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ method: ["POST"] }, { method: ["GET"] }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ header: { "x-a": "1" } }, { query: { v: "1" } }, { query: { v: "2" } }),
  },
);

const route = fc
  .record({
    place: fc.oneof(
      { weight: 5, arbitrary: fc.record({ path }) },
      { weight: 2, arbitrary: fc.record({ path: path.map((exact) => ({ exact })) }) },
      { weight: 1, arbitrary: fc.constantFrom("^/a/", "^/ab?$", "b$").map((regex) => ({ path: { regex } })) },
    ),
    condition,
    redirect: fc.option(redirect, { freq: 5 }),
    status: fc.constantFrom(301, 302, 303, 307, 308),
    plainHttp: fc.constantFrom({}, { plainHttp: "serve" as const }),
  })
  // Only a prefix can be replaced.
  .filter(({ place, redirect: to }) => typeof place.path === "string" || to === null || !("prefix" in to))
  .map(({ place, condition: when, redirect: to, status, plainHttp }) => ({
    ...place,
    ...when,
    ...plainHttp,
    ...(to === null ? { to: "app" } : { redirect: { ...to, status } }),
  }));

const description: fc.Arbitrary<Edge["sites"]> = fc
  .tuple(
    ...[HOSTS[0], HOSTS[1], "*.w.test"].map((host) =>
      fc.tuple(fc.constant(host), fc.array(route, { minLength: 1, maxLength: 5 })),
    ),
  )
  .map((sites) =>
    sites.map(([host, routes]) => ({
      host: host ?? "",
      routes: [...new Map(routes.map((one) => [JSON.stringify([one.path, one]), one])).values()] as Routes,
    })),
  );

function planOf(sites: Edge["sites"]): Plan {
  return planned({
    public: {
      loadBalancer: { kind: "service", proxyProtocol: "v2" },
      tls: { terminatedAt: "loadBalancer" },
      plainHttp: "redirect",
      ports: { http: 8080 },
    },
    sites,
  });
}

const REQUESTS: readonly Sent[] = [...HOSTS, "x.w.test"].flatMap((host) =>
  ["https://HOST", "http://HOST:8080"].flatMap((origin) =>
    [...PATHS, "/a/", "/a?v=1", "/ab?v=2", "/b/x?v=2"].flatMap((target) =>
      ["GET", "POST"].flatMap((method) =>
        [[], [["x-a", "1"] as const]].map((headers) => ({
          url: new URL(origin.replace("HOST", host) + target),
          method,
          headers,
        })),
      ),
    ),
  ),
);

test("each loop is one for the model, and the loops of sampled requests are found", () => {
  let [found, sampled, incomplete] = [0, 0, 0];
  fc.assert(
    fc.property(description, (sites) => {
      const plan = planOf(sites);
      const { loops, isIncomplete } = planRedirectLoops(plan);
      if (isIncomplete) incomplete += 1;
      const named = new Set(
        loops.map(({ steps }) => routesText(steps.map(({ route: one }) => one?.id ?? ""))),
      );
      for (const loop of loops) {
        found += 1;
        let sent = sentOf(loop);
        for (const { url } of [...loop.steps, ...(loop.grows ? [] : loop.steps.slice(0, 1))]) {
          expect(asRead(sent.url)).toBe(asRead(new URL(url)));
          sent = followed(plan, sent)?.next ?? { ...sent, url: new URL("http://ended.test/") };
        }
      }
      for (const sent of REQUESTS) {
        const routes = endlessRoutes(plan, sent);
        if (routes === undefined || isIncomplete) continue;
        sampled += 1;
        expect(named, `${sent.method} ${sent.url.href}`).toContain(routes);
      }
    }),
    { numRuns: 25, seed: 1 },
  );
  expect(Math.min(found, sampled)).toBeGreaterThan(50);
  expect(incomplete).toBeLessThan(3);
});

const LOOPING: Edge["sites"] = [
  {
    host: "a.test",
    routes: [
      { path: "/three", redirect: { host: "b.test", status: 307 } },
      { path: "/grow", redirect: { prefix: "/grow/more" } },
      { path: { regex: "^/old" }, header: { "x-old": "1" }, redirect: { to: "/older" } },
      { path: "/plain", redirect: { scheme: "http" } },
      { to: "app" },
    ],
  },
  {
    host: "b.test",
    routes: [
      { path: "/three", method: ["POST"], redirect: { path: "/last", status: 308 } },
      { path: "/last", redirect: { host: "a.test", path: "/three", status: 307 } },
      { to: "app" },
    ],
  },
];

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("redirects the requests of loops again and again", async () => {
    const plan = planOf(LOOPING);
    const { loops } = planRedirectLoops(plan);
    const lab = await openLabOf(plan, { haproxy });
    onTestFinished(() => lab.close());
    const ended: string[] = [];
    for (const loop of loops) {
      const { method, headers } = sentOf(loop);
      const urls = [...loop.steps, ...(loop.grows ? [] : loop.steps.slice(0, 1))].map(({ url }) => url);
      for (const [index, url] of urls.slice(0, -1).entries()) {
        const { location } = await lab.request(url, { method, headers });
        const next = location === null ? undefined : new URL(location, url).href;
        if (next !== urls[index + 1]) ended.push(`${url} leads to ${next}`);
      }
    }
    expect(ended).toEqual([]);
    expect(
      new Set(loops.map(({ steps }) => new Set(steps.map(({ route: one }) => one?.id ?? "http")).size)),
    ).toEqual(new Set([1, 2, 3]));
  });
});

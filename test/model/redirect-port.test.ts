// The port in a redirect's location: the entrance's port for the scheme, omitted if it is the scheme's default; in the model and on each HAProxy.
import { describe, expect, onTestFinished, test } from "vitest";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { decisionFor, planned, type Routes } from "./planned.ts";

type Listener = "http" | "https" | "internal";

const REDIRECTS = {
  host: { host: "www.test" },
  moved: { host: "www.test", prefix: "/new" },
  gone: { host: "www.test", prefix: "/" },
  page: { host: "www.test", path: "/page" },
  https: { scheme: "https" },
  http: { scheme: "http", host: "www.test" },
  explicit: { host: "www.test", port: 9000 },
  eighty: { host: "www.test", port: 80 },
  secure: { scheme: "https", port: 443 },
  "http-443": { scheme: "http", port: 443 },
  path: { path: "/page" },
} as const;

const ROUTES: Routes = [
  ...Object.entries(REDIRECTS).map(([name, redirect]) => ({ path: `/${name}`, redirect })),
  { to: "app" },
];

const EDGE: Parameters<typeof planned>[0] = {
  public: {
    loadBalancer: { kind: "service", proxyProtocol: "none" },
    tls: { terminatedAt: "loadBalancer" },
    plainHttp: "serve",
    ports: { http: 8080, https: 8443 },
  },
  internal: {},
  sites: [{ host: "a.test", routes: ROUTES }],
};

/** By path: the origin of the location on each listener. */
const EXPECTED: Readonly<Record<keyof typeof REDIRECTS, Readonly<Record<Listener, string>>>> = {
  host: { http: "http://www.test:8080", https: "https://www.test:8443", internal: "http://www.test" },
  moved: { http: "http://www.test:8080", https: "https://www.test:8443", internal: "http://www.test" },
  gone: { http: "http://www.test:8080", https: "https://www.test:8443", internal: "http://www.test" },
  page: { http: "http://www.test:8080", https: "https://www.test:8443", internal: "http://www.test" },
  https: { http: "https://a.test:8443", https: "https://a.test:8443", internal: "https://a.test:8443" },
  http: { http: "http://www.test:8080", https: "http://www.test:8080", internal: "http://www.test" },
  explicit: {
    http: "http://www.test:9000",
    https: "https://www.test:9000",
    internal: "http://www.test:9000",
  },
  eighty: { http: "http://www.test", https: "https://www.test:80", internal: "http://www.test" },
  secure: { http: "https://a.test", https: "https://a.test", internal: "https://a.test" },
  "http-443": { http: "http://a.test:443", https: "http://a.test:443", internal: "http://a.test:443" },
  path: { http: "", https: "", internal: "" },
};

const LISTENERS: readonly Listener[] = ["http", "https", "internal"];
const CASES = (Object.keys(REDIRECTS) as (keyof typeof REDIRECTS)[]).flatMap((name) =>
  LISTENERS.map((listener) => ({ name, listener, origin: EXPECTED[name][listener] })),
);

test.each(CASES)("the model: /$name on $listener leads to $origin", ({ name, listener, origin }) => {
  const { location } = decisionFor(planned(EDGE), `/${name}?q=1`, { listener });
  expect(originIn(location)).toBe(origin);
});

test("default ports are omitted", () => {
  const plan = planned({ ...EDGE, public: { ...EDGE.public, ports: {} } });
  const origins = ["host", "https", "http"].map((name) => originIn(decisionFor(plan, `/${name}`).location));
  expect(origins).toEqual(["http://www.test", "https://a.test", "http://www.test"]);
});

test("the default port of the other scheme is written", () => {
  const plan = planned({ ...EDGE, public: { ...EDGE.public, ports: { http: 443, https: 80 } } });
  const origins = ["host", "https"].map((name) => originIn(decisionFor(plan, `/${name}`).location));
  expect(origins).toEqual(["http://www.test:443", "https://a.test:80"]);
});

test("a scheme without a port on the load balancer: its default", () => {
  const plan = planned({ public: { ports: { http: 8080 } }, sites: EDGE.sites });
  expect(originIn(decisionFor(plan, "/https").location)).toBe("https://a.test");
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("sends the same locations as the model, path and query with them", async () => {
    const plan = planned(EDGE);
    const lab = await openLabOf(plan, { haproxy });
    onTestFinished(() => lab.close());
    const got = await Promise.all(
      CASES.map(async ({ name, listener }) => [name, listener, await locationFrom(lab, listener, name)]),
    );
    expect(got).toEqual(
      CASES.map(({ name, listener }) => [
        name,
        listener,
        decisionFor(plan, `/${name}/x?q=1`, { listener }).location,
      ]),
    );
  });

  test("a plain port redirects to the https port", async () => {
    const plan: Plan = planned({
      ...EDGE,
      public: { ...EDGE.public, plainHttp: "redirect" },
      sites: [{ host: "a.test", routes: [{ to: "app" }] }],
    });
    const lab = await openLabOf(plan, { haproxy });
    onTestFinished(() => lab.close());
    expect(await locationFrom(lab, "http", "host")).toBe("https://a.test:8443/host/x?q=1");
  });
});

async function locationFrom(lab: Lab, listener: Listener, name: string): Promise<string | null> {
  const url = { http: "http://a.test:8080", https: "https://a.test:8443", internal: "http://a.test" }[
    listener
  ];
  const answer = await lab.request(`${url}/${name}/x?q=1`, {
    through: listener === "internal" ? "internal" : "public",
  });
  return answer.location;
}

function originIn(location: string | null): string {
  return /^(https?:\/\/[^/]*)?/.exec(location ?? "no location")?.[0] ?? "";
}

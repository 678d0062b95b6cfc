// Names in haproxy.cfg and in the access log: readable, and distinct whatever the backends' names.
import { describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned } from "../../model/planned.ts";

/** Backends with the names of frontends and sections. */
const plan = planned({
  public: {},
  internal: {},
  sites: [
    {
      host: "www.example.com",
      routes: [
        { path: "/api", to: "app" },
        { path: "/api", method: "POST", to: "app", retries: 5 },
        { path: "/api", header: { "x-beta": "1" }, to: "app-retries-5" },
        { path: { exact: "/api/status" }, to: "stats" },
        { name: "named", path: "/n", to: "no-route" },
        { name: "named", path: "/n", query: { v: "2" }, to: "public-http" },
        { path: { regex: "^/v[0-9]+$" }, to: "probes" },
      ],
    },
    { host: "in.example.com", through: ["public"], routes: [{ path: "/a", to: "app" }] },
    { host: "in.example.com", through: ["internal"], routes: [{ path: "/a", to: "stats" }] },
  ],
  backends: Object.fromEntries(
    ["app", "app-retries-5", "stats", "no-route", "public-http", "probes"].map((name, index) => [
      name,
      { servers: [`10.0.0.${index + 1}:80`] },
    ]),
  ),
});

const SITE = "http://www.example.com";
const REQUESTS = [
  { url: `${SITE}/api/x`, route: "www.example.com/api", backend: "app" },
  { url: `${SITE}/api`, method: "POST", route: "www.example.com/api", backend: "app" },
  { url: `${SITE}/api`, beta: "1", route: "www.example.com/api", backend: "app-retries-5" },
  { url: `${SITE}/api/status`, route: "www.example.com/api/status", backend: "stats" },
  { url: `${SITE}/n`, route: "named", backend: "no-route" },
  { url: `${SITE}/n?v=2`, route: "named", backend: "public-http" },
  { url: `${SITE}/v2`, route: "www.example.com~^/v[0-9]+$", backend: "probes" },
  { url: `${SITE}/other`, route: "-", backend: null },
  { url: "http://in.example.com/a", route: "in.example.com/a", backend: "app" },
  { url: "http://in.example.com/a", through: "internal", route: "in.example.com/a", backend: "stats" },
] as const;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("the log has the route's name or its host and path, and every backend gets only its own requests", async () => {
    const lines: { readonly route: string; readonly listener: string }[] = [];
    const all = Promise.withResolvers<void>();
    const onLog = (text: string) => {
      if (text.startsWith("{")) lines.push(JSON.parse(text));
      if (lines.length === REQUESTS.length) all.resolve();
    };
    const lab = await openLabOf(plan, { haproxy, onLog });
    try {
      expect(await backendsOf(lab)).toEqual(REQUESTS.map(({ backend }) => backend));
      await all.promise;
    } finally {
      await lab.close();
    }
    expect(lines.map(({ route }) => route)).toEqual(REQUESTS.map(({ route }) => route));
    expect(new Set(lines.map(({ listener }) => listener))).toEqual(
      new Set(["public-http-2", "internal-http"]),
    );
  });
});

async function backendsOf(lab: Lab): Promise<readonly (string | null)[]> {
  const backends: (string | null)[] = [];
  for (const request of REQUESTS) {
    const { backend } = await lab.request(request.url, {
      ...("method" in request && { method: request.method }),
      ...("beta" in request && { headers: { "x-beta": request.beta } }),
      ...("through" in request && { through: request.through }),
    });
    backends.push(backend);
  }
  return backends;
}

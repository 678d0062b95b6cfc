// Sources that may set the client address: one outside `sources` is refused, one inside is trusted, on every HAProxy.
import { describe, expect, onTestFinished, test } from "vitest";
import { defineEdge } from "../../src/description/define-edge.ts";
import { openLab } from "../../src/lab/open-lab.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const withoutLoadBalancer = {
  edge: "app",
  sites: [
    {
      host: "app.example.com",
      routes: [{ to: "app" }, { path: "/admin", to: "app", allow: ["198.51.100.0/24"] }],
    },
  ],
  backends: { app: { service: "app", port: 8080 } },
};

const edges = {
  "a PROXY header": defineEdge({
    ...withoutLoadBalancer,
    public: { loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] } },
  }),
  "X-Forwarded-For": defineEdge({
    ...withoutLoadBalancer,
    public: { loadBalancer: { kind: "http", sources: ["10.20.0.0/16"] } },
  }),
};

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test.each(Object.entries(edges))("%s", async (_, edge) => {
    const lab = await openLab(edge, { haproxy: haproxy.path });
    onTestFinished(() => lab.close());
    const admin = (through: "public" | "untrusted" | "pod", from: string) =>
      lab.request("http://app.example.com/admin", { through, from });
    const [allowed, other] = ["198.51.100.7", "203.0.113.7"];
    expect(await admin("public", allowed)).toMatchObject({ status: 200, backend: "app" });
    expect(await admin("public", other)).toMatchObject({ status: 403 });
    expect((await admin("untrusted", allowed)).backend).toBe(null);
    expect(await admin("pod", allowed)).toMatchObject({ status: 200, backend: "app", client: allowed });
    expect(await admin("pod", other)).toMatchObject({ status: 403 });
  });
});

// Connections behind HAProxy: a real HAProxy in the lab does not reach servers that Kubernetes refuses, drops or does not resolve.
import { describe, expect, test } from "vitest";
import type { LayersLab } from "../../src/lab/layers-lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import type { Stream } from "../../src/lab/stream-log.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import {
  type Change,
  edgeWith,
  inServer,
  inService,
  policy,
  SERVICE,
} from "../check/layers/edge-with-servers.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

/** One attempt, and a short one; without health checks, which would decide before it. */
const QUICK: readonly Change[] = [
  ["timeout connect 2s", "timeout connect 200ms\n      retries 0"],
  ["default-server check init-addr", "default-server init-addr"],
];
const URL = "https://app.example.com/x";

/** `ended`: how the stream ended in HAProxy's log (manual 3.2, section 8.5): `SC` refused, or no server; `sC` timeout of the connection. */
const BROKEN: readonly {
  readonly what: string;
  readonly ended: string;
  readonly server: "api" | undefined;
  readonly because: RegExp;
  readonly changes: readonly Change[];
}[] = [
  {
    what: "a port that the Service lacks",
    ended: "sC",
    server: "api",
    because:
      /✗ connections are not answered: Service web\/api has no port 8081, only 8080 \(config.yaml:\d+\)$/,
    changes: [inServer("8080", "8081")],
  },
  {
    what: "a selector that matches nothing",
    ended: "SC",
    server: "api",
    because: /Service web\/api port 8080 ✗ connections are refused: Service web\/api selects no pod/,
    changes: [inService("app: api", "app: apis")],
  },
  {
    what: "a headless port that no pod listens on",
    ended: "SC",
    server: "api",
    because: /✗ connections are refused: Service web\/api is headless and maps no port/,
    changes: [
      inServer("8080", "80"),
      [SERVICE, "spec: { clusterIP: None, selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }] }"],
    ],
  },
  {
    what: "a Service that a variable names, and that does not exist",
    ended: "SC",
    server: undefined,
    because: /server api\/api ✗ the name does not resolve: the Service web\/apis is not here/,
    changes: [
      inServer("api.web.svc.cluster.local:8080", '"${API}.web.svc.cluster.local:8080"'),
      [
        "          image: haproxy:3.0.12\n",
        "          image: haproxy:3.0.12\n          env: [{ name: API, value: apis }]\n",
      ],
    ],
  },
  {
    what: "a Service that does not exist",
    ended: "SC",
    server: undefined,
    because: /server api\/api ✗ the name does not resolve: the Service web\/apis is not here/,
    changes: [inServer("api.web", "apis.web")],
  },
  {
    what: "a policy that drops DNS queries",
    ended: "SC",
    server: undefined,
    because: /server api\/api ✗ DNS queries are not answered: NetworkPolicy web\/p allows no DNS query/,
    changes: [policy("{ podSelector: { matchLabels: { app: edge } }, policyTypes: [Egress] }")],
  },
  {
    what: "a policy that drops connections to the server",
    ended: "sC",
    server: "api",
    because:
      /Deployment api port 8080 ✗ connections are not answered: NetworkPolicy web\/p allows no connection from/,
    changes: [policy("{ podSelector: { matchLabels: { app: api } } }")],
  },
];

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  async function withLab<T>(
    changes: readonly Change[],
    use: (lab: LayersLab) => Promise<T>,
  ): Promise<{ readonly result: T; readonly streams: readonly Stream[] }> {
    const streams: Stream[] = [];
    const lab = await openLabOfLayers(await readWiring(edgeWith(...QUICK, ...changes)), {
      haproxy,
      hosts: ["app.example.com"],
      followServers: true,
      onStream: (stream) => void streams.push(stream),
    });
    try {
      return { result: await use(lab), streams };
    } finally {
      await lab.close();
      // It was not stopped: its last stream had ended, and was logged.
      const { messages } = await lab.haproxy.exited;
      expect(messages.map(({ text }) => text).join()).toContain("exited with code 0");
    }
  }

  test("an edge whose connections arrive", async () => {
    await withLab([], async (lab) => {
      expect(await lab.request(URL)).toMatchObject({ status: 200, backend: "api" });
      expect(lab.serverPaths).toEqual([
        { text: "server api/api → Service web/api port 8080 → Deployment api port 8080", refused: null },
      ]);
    });
  });

  test("a port that no container lists may be listened on", async () => {
    await withLab([inService("targetPort: 8080", "targetPort: 8081")], async (lab) => {
      expect(await lab.request(URL)).toMatchObject({ status: 200, backend: "api" });
      expect(lab.serverPaths).toEqual([
        {
          text: expect.stringMatching(
            /→ Deployment api port 8081 \? not known: no container of Deployment web\/api lists the port 8081, only 8080 \(api.yaml:\d+\)$/,
          ),
          refused: null,
        },
      ]);
    });
  });

  test("HAProxy refuses the addresses of clients that an NLB keeps, and accepts the health checks", async () => {
    const kept: readonly Change[] = [
      ["  preserve_client_ip = false\n", ""],
      ["type: NodePort, selector", "externalTrafficPolicy: Local, type: NodePort, selector"],
    ];
    await withLab(kept, async (lab) => {
      expect(await lab.request(URL)).toMatchObject({
        status: null,
        refused: expect.stringMatching(/^reset/),
      });
      expect(await lab.request(URL, { from: "10.0.3.4" })).toMatchObject({ status: 200, backend: "api" });
      expect(lab.health.every(({ healthy }) => healthy)).toBe(true);
    });
  });

  test("an IPv6-only Service has no path to an IPv4 bind", async () => {
    const change: Change = ["type: NodePort, selector", "type: NodePort, ipFamilies: [IPv6], selector"];
    await withLab([change], async (lab) => {
      expect(await lab.request(URL)).toMatchObject({
        status: null,
        refused: expect.stringContaining("has IPv6 addresses only"),
      });
    });
  });

  test.each(BROKEN)("$what", async ({ ended, server, because, changes }) => {
    const { result: answer, streams } = await withLab(changes, async (lab) => {
      expect(lab.leftOut).toEqual([]);
      return lab.request(URL);
    });
    expect(answer).toMatchObject({ status: 503, backend: null, servers: [expect.stringMatching(because)] });
    expect(streams.filter(({ backend }) => backend === "api")).toEqual([
      { frontend: "https", backend: "api", server, ended },
    ]);
  });
});

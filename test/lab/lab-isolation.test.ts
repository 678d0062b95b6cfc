// A lab does not listen or connect outside its own network, whatever the raw lines.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { defineEdge } from "../../src/description/define-edge.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { openLab } from "../../src/lab/open-lab.ts";
import { parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

async function labOf(haproxy: Haproxy, edge: Edge): Promise<Lab> {
  const lab = await openLab(edge, { haproxy: haproxy.path });
  onTestFinished(() => lab.close());
  return lab;
}

function wiringOf(lab: Lab) {
  return readHaproxyWiring(
    parseHaproxyConfig(readFileSync(join(lab.folder, "haproxy/haproxy.cfg"), "utf8"), "haproxy.cfg"),
  );
}

const base = { edge: "app", sites: [{ host: "app.example.com", routes: [{ to: "app" }] }] };

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("raw binds, sockets, servers, checks and sources stay in 127/8", async () => {
    const lab = await labOf(
      haproxy,
      defineEdge({
        ...base,
        public: { loadBalancer: "none", raw: ["bind *:39871", "bind 0.0.0.0:39873,:::39874"] },
        haproxy: {
          raw: [
            "stats socket ipv4@*:39872 level admin",
            "stats socket /var/run/portico-test-elsewhere.sock level admin",
            "log 192.0.2.9:514 local0",
          ],
        },
        backends: {
          app: {
            servers: ["10.0.0.7:8080"],
            raw: [
              "server other 192.0.2.55:80 check port 8081 addr 192.0.2.56 backup",
              "server named real.example.com:80 source 192.0.2.3 backup",
              "server agent 192.0.2.57:80 agent-check agent-addr 192.0.2.58 agent-port 99 backup",
              "source 192.0.2.4",
            ],
          },
        },
      }),
    );
    const { binds, servers, logs, checkTargets, localAddresses } = wiringOf(lab);
    const [prefix = ""] = /^127\.\d+\.\d+\./.exec(lab.places.from("inside")) ?? [];
    expect(prefix).not.toBe("");
    const listening = binds.filter(({ address }) => address.path === undefined);
    expect(listening.filter(({ kind }) => kind === "stats")).toHaveLength(1);
    expect(listening.length).toBeGreaterThanOrEqual(5);
    const hosts = [
      ...[...listening, ...servers, ...localAddresses].map(({ address }) => address.host),
      ...logs.flatMap(({ address }) => address?.host ?? []),
      ...checkTargets.filter(({ what }) => what.endsWith("addr")).map(({ value }) => value),
    ];
    expect(hosts.filter((host) => !host.startsWith(prefix))).toEqual([]);
    // Each has its own endpoint.
    const places = listening.map(({ address }) => address.text);
    expect(new Set(places).size).toBe(places.length);
    // A UNIX socket is in the lab's folder.
    const paths = binds.flatMap(({ address }) => address.path ?? []);
    expect(paths.length).toBeGreaterThanOrEqual(2);
    expect(paths.filter((path) => !path.startsWith(lab.folder))).toEqual([]);
    expect(await lab.request("http://app.example.com/")).toMatchObject({ status: 200, backend: "app" });
  });

  test("the server's stub answers a check of another port", async () => {
    const lab = await labOf(
      haproxy,
      defineEdge({
        ...base,
        public: { loadBalancer: "none" },
        backends: { app: { servers: ["10.0.0.7:8080"], raw: ["default-server port 8081 addr 192.0.2.56"] } },
      }),
    );
    const { checkTargets, servers } = wiringOf(lab);
    const [server] = servers;
    expect(checkTargets.map(({ what, value }) => [what, value])).toEqual([
      ["port", String(server?.address.ports?.from)],
      ["addr", server?.address.host],
    ]);
  });

  test("dispatched connections stay in the lab", async () => {
    const lab = await labOf(
      haproxy,
      defineEdge({
        ...base,
        public: { loadBalancer: "none" },
        backends: { app: { servers: ["10.0.0.7:8080"], raw: ["dispatch 192.0.2.55:80"] } },
      }),
    );
    const [, to] =
      /^ *dispatch (\S+)/m.exec(readFileSync(join(lab.folder, "haproxy/haproxy.cfg"), "utf8")) ?? [];
    expect(to).toMatch(new RegExp(`^${lab.places.from("inside").replace(/\d+$/, "5")}:\\d+$`));
  });

  test("a port below 1024 is not mapped to another bind's port", async () => {
    const lab = await labOf(
      haproxy,
      defineEdge({
        ...base,
        haproxy: { ports: { http: 80 } },
        stats: { port: 20_080 },
        public: { loadBalancer: "none" },
        backends: { app: { servers: ["10.0.0.7:8080"] } },
      }),
    );
    expect(lab.places.bind(80).port).not.toBe(20_080);
    expect(lab.places.bind(20_080).port).toBe(20_080);
    expect(await lab.request("http://app.example.com/")).toMatchObject({ status: 200, backend: "app" });
  });

  test("certificates with similar names are distinct", async () => {
    const lab = await labOf(
      haproxy,
      defineEdge({
        ...base,
        public: {
          loadBalancer: "none",
          tls: {
            terminatedAt: "haproxy",
            certificates: [
              { file: "/c/a-b.pem", hosts: ["app.example.com"] },
              { file: "/c/a_b.pem", hosts: ["api.example.com"] },
            ],
          },
        },
        sites: [{ host: ["app.example.com", "api.example.com"], routes: [{ to: "app" }] }],
        backends: { app: { servers: ["10.0.0.7:8080"] } },
      }),
    );
    for (const host of ["app.example.com", "api.example.com"])
      expect(await lab.request(`https://${host}/`)).toMatchObject({ status: 200, certificate: [host] });
  });
});

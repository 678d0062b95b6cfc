// The memory of a connection, and whether the plan's connections, descriptors and memory are consistent.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { queryRuntime } from "../src/haproxy/runtime-api.ts";
import { labCertificate } from "../src/lab/certificates.ts";
import { chosen } from "../src/plan/described.ts";
import type { Plan } from "../src/plan/plan.ts";
import type { Benchmark } from "./benchmark.ts";
import { type Contender, startContender } from "./contender.ts";
import type { CrowdOrder, CrowdReport } from "./crowd.ts";
import { type Ground, withGround } from "./ground.ts";
import { planOf, writeRunnable } from "./runnable.ts";
import { table } from "./table.ts";

/** Unread answers also fill the kernel's buffers, up to some MB each: fewer clients show the same. */
const STUCK = 500;

export const connections: Benchmark = {
  name: "connections",
  about: "Memory of HAProxy at the plan's maxconn, run under the plan's own limit of descriptors",
  needs: [],
  run: ({ haproxy }) =>
    withGround(haproxy, async (ground) => {
      const rows = [];
      for (const tls of [false, true]) {
        const plan = patient(await planOf(ground.write(`edge-${tls}.yaml`, description(tls))));
        const full = plan.limits.maxConnections.value;
        for (const [state, count, path, until] of [
          ["idle, each after one request", full, "/", "answered"],
          ["each waiting for its answer", full, "/hold", "sent"],
          ["each with an answer it does not read", STUCK, "/endless", "sent"],
        ] as const) {
          rows.push([
            tls ? `TLS, ${state}` : state,
            ...(await crowded(ground, plan, { tls, count, path, until })),
          ]);
        }
      }
      return table(
        ["", "connections", "descriptors", "of the plan's", "memory", "of the plan's", "KiB a connection"],
        rows,
      );
    }),
};

function description(tls: boolean): string {
  return `edge: crowd
public:
  loadBalancer: none
  plainHttp: serve
${tls ? "  tls: { terminatedAt: haproxy, certificates: [{ file: /etc/haproxy/certificate.pem }] }\n" : ""}sites:
  - host: app.example.com
    routes: [{ to: app }]
backends:
  app: { service: app, port: 8080 }
logs: { format: "off" }
`;
}

/** No timeout applies while the clients connect. */
function patient(plan: Plan): Plan {
  const long = chosen(600_000, "until all clients are connected");
  return {
    ...plan,
    timeouts: { ...plan.timeouts, client: long, server: long, keepAlive: long, request: long },
  };
}

interface Crowd extends Pick<CrowdOrder, "tls" | "count" | "path" | "until"> {}

async function crowded(ground: Ground, plan: Plan, crowd: Crowd): Promise<readonly string[]> {
  const [haproxyAt, from] = [
    ground.network.address(100),
    [101, 102, 103, 104].map((host) => ground.network.address(host)),
  ];
  const folder = join(ground.folder, `crowd-${crowd.tls}-${crowd.path.slice(1)}`);
  const backend = forked("patient-backend.ts", ground.network.address(105));
  const clients = forked("crowd.ts");
  let haproxy: Contender | undefined;
  try {
    const [backendPort] = (await once(backend, "message")) as [number];
    const { configFile } = writeRunnable(plan, folder, {
      host: haproxyAt,
      backend: `${ground.network.address(105)}:${backendPort}`,
      certificate: labCertificate(["app.example.com"]).bundle,
    });
    const port =
      plan.listeners.find(({ scheme }) => scheme === (crowd.tls ? "https" : "http"))?.port.value ?? 0;
    haproxy = await startContender({
      name: "crowded",
      haproxy: ground.haproxy,
      configFile,
      folder,
      host: haproxyAt,
      port,
      descriptors: plan.limits.fileDescriptors.value,
    });
    const emptyBytes = haproxy.residentBytes();
    clients.send({ ...crowd, host: haproxyAt, port, from } satisfies CrowdOrder);
    const [report] = (await once(clients, "message")) as [CrowdReport];
    if (report.there !== crowd.count)
      throw new Error(`${report.there} of ${crowd.count} connections: ${report.failed.join("; ")}`);
    if (crowd.path === "/hold") await allHeld(backend, crowd.count);
    if (crowd.path === "/endless") await atRest(haproxy);
    const info = await queryRuntime(join(folder, "admin.sock"), "show info");
    const open = Number(/^CurrConns: (\d+)/m.exec(info)?.[1]);
    if (open < crowd.count) throw new Error(`HAProxy counts ${open} connections of ${crowd.count}`);
    const bytes = haproxy.residentBytes();
    const share = bytes / plan.limits.memoryBytes.value;
    return [
      String(open),
      String(haproxy.descriptors()),
      String(plan.limits.fileDescriptors.value),
      mebibytes(bytes),
      `${mebibytes(plan.limits.memoryBytes.value)}${crowd.count === plan.limits.maxConnections.value ? (share <= 1 ? " ✓" : " ✗") : ""}`,
      ((bytes - emptyBytes) / 1024 / crowd.count).toFixed(1),
    ];
  } finally {
    clients.disconnect();
    await haproxy?.stop();
    backend.disconnect();
  }
}

function forked(file: string, ...args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args);
}

/** The backend reports how many requests are open; polled until it has them all. */
async function allHeld(backend: ChildProcess, count: number): Promise<void> {
  for (;;) {
    backend.send("how many");
    const [held] = (await once(backend, "message")) as [number];
    if (held >= count) return;
  }
}

/** Answers flow until every buffer on the path is full: memory then stops growing. */
async function atRest(haproxy: Contender): Promise<void> {
  for (let last = -1; last !== haproxy.cpuNs(); ) {
    last = haproxy.cpuNs();
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 500);
    await promise;
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}

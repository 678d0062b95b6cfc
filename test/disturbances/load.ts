// Clients of an edge behind the simulated load balancer, in a separate process: runs where the nodes are reachable.
// Reads a line `count` on stdin and prints the results of all requests since the last count; ends with stdin.
import { createInterface } from "node:readline";
import { labCertificate } from "../../src/lab/certificates.ts";
import { openLoadBalancer } from "../../src/lab/simulators/load-balancer.ts";
import type { LoadBalancer } from "../../src/lab/simulators/load-balancer-spec.ts";
import { type Client, type Fault, httpClient, webSocketClient } from "./clients.ts";

export interface LoadSpec {
  readonly host: string;
  readonly nodes: readonly string[];
  readonly nodePorts: { readonly http: number; readonly https: number };
  readonly proxy: "v1" | "v2";
  readonly healthCheck: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  readonly idleTimeoutMs: number;
  readonly clients: readonly ClientSpec[];
}

export interface ClientSpec {
  readonly name: string;
  readonly count: number;
  readonly path: string;
  readonly kind: "keep-alive" | "connection-each" | "websocket";
  /** Pause between a response and the next request. */
  readonly pauseMs: number;
}

/** The results of the requests since the last count, by the clients' name. */
export interface LoadCounts {
  readonly sent: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  /** WebSockets that received a close frame, and reconnected. */
  readonly reconnected: number;
  /** Connections that the load balancer accepted. */
  readonly connections: number;
  /** Its connections to nodes that were refused; it tried another node. */
  readonly refused: number;
  readonly faults: readonly Fault[];
}

const spec = JSON.parse(process.argv[2] ?? "") as LoadSpec;
const loadBalancer = await openLoadBalancer({
  kind: "classic-elb",
  clientAddress: "socket",
  listeners: [
    {
      name: "https",
      listen: { host: "127.0.0.1", port: 0 },
      protocol: "tls",
      certificates: [labCertificate([spec.host])],
      proxy: spec.proxy,
      idleTimeoutMs: spec.idleTimeoutMs,
      targets: spec.nodes.map((host) => ({ id: host, at: { host, port: spec.nodePorts.https } })),
    },
  ],
  healthChecks: spec.nodes.map((host) => ({
    target: host,
    at: { host, port: spec.nodePorts.https },
    protocol: "tcp",
    ...spec.healthCheck,
  })),
});
await Promise.all(spec.nodes.map((node) => loadBalancer.untilState(node, "healthy")));
const clients = spec.clients.flatMap((client) =>
  Array.from({ length: client.count }, () => open(loadBalancer, client)),
);
let counted = loadBalancer.countsOf("https");
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "count") process.stdout.write(`${JSON.stringify(count())}\n`);
}
for (const { client } of clients) client.stop();
await Promise.all(clients.map(({ client }) => client.ended));
await loadBalancer.close();

function open(behind: LoadBalancer, { name, kind, path, pauseMs }: ClientSpec) {
  const to = { ...behind.endpointOf("https"), hostName: spec.host, path, pauseMs };
  const client: Client =
    kind === "websocket" ? webSocketClient(to) : httpClient({ ...to, keepAlive: kind === "keep-alive" });
  return { name, client };
}

function count(): LoadCounts {
  const sent: Record<string, number> = {};
  const failed: Record<string, number> = {};
  const faults: Fault[] = [];
  let reconnected = 0;
  for (const { name, client } of clients) {
    const taken = client.take();
    sent[name] = (sent[name] ?? 0) + taken.sent;
    failed[name] = (failed[name] ?? 0) + taken.faults.length;
    reconnected += taken.reconnected;
    faults.push(...taken.faults.slice(0, 20));
  }
  const before = counted;
  counted = loadBalancer.countsOf("https");
  const connections = counted.accepted - before.accepted;
  const refused = counted.connectionErrors - before.connectionErrors;
  return { sent, failed, reconnected, connections, refused, faults: faults.slice(0, 40) };
}

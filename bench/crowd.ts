// Many clients in a process of their own (descriptors are counted per process): opens connections, reports progress, ends on request.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { connect as connectTls } from "node:tls";

/** The parent's request. All `count` connections send one request each. */
export interface CrowdOrder {
  readonly count: number;
  readonly host: string;
  readonly port: number;
  /** Local addresses, used in turn: an address has 28,000 ports for one destination. */
  readonly from: readonly string[];
  readonly tls: boolean;
  readonly path: string;
  /** `answered`: every request has its answer. `sent`: the answer is pending, or unread. */
  readonly until: "answered" | "sent";
}

/** How many connections reached the requested state, and the errors of the others. */
export interface CrowdReport {
  readonly there: number;
  readonly failed: readonly string[];
}

const BATCH = 200;

process.once("message", async (order: CrowdOrder) => {
  const failed: string[] = [];
  let there = 0;
  for (let at = 0; at < order.count; at += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, order.count - at) }, (_, index) =>
      join(order, at + index),
    );
    for (const outcome of await Promise.allSettled(batch)) {
      if (outcome.status === "fulfilled") there += 1;
      else failed.push(String(outcome.reason));
    }
  }
  process.send?.({ there, failed: [...new Set(failed)] } satisfies CrowdReport);
});
process.once("disconnect", () => process.exit(0));

async function join({ host, port, from, tls, path, until }: CrowdOrder, index: number): Promise<void> {
  const localAddress = from[index % from.length];
  const plain = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
  // Earlier errors are reported; later the connection may be closed at any time.
  plain.on("error", () => undefined);
  await once(plain, "connect");
  const socket: Socket = tls
    ? connectTls({ socket: plain, servername: "app.example.com", rejectUnauthorized: false })
    : plain;
  if (tls) {
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
  }
  const answer = until === "answered" ? once(socket, "data") : undefined;
  if (answer === undefined) socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: app.example.com\r\n\r\n`);
  const status = answer === undefined ? "200" : String((await answer)[0]).split(" ")[1];
  if (status !== "200") throw new Error(`status ${status}`);
}

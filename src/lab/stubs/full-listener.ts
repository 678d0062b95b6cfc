// A listener whose queue is full and that accepts nothing: connections to it get no answer, as if a packet filter drops them.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import type { Endpoint } from "../network.ts";

export interface FullListener {
  close(): Promise<void>;
}

/** Blocks the thread at once, and with it the event loop that would accept connections. */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { createServer } = require("node:net");
createServer().listen({ ...workerData, backlog: 1 }, () => {
  parentPort.postMessage("listening");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** Linux completes one connection more than the backlog. */
const QUEUE = 2;

export async function openFullListener({ host, port }: Endpoint): Promise<FullListener> {
  const worker = new Worker(PROGRAM, { eval: true, workerData: { host, port } });
  await once(worker, "message");
  const held: Socket[] = Array.from({ length: QUEUE }, () => connect({ host, port }).on("error", () => {}));
  await Promise.all(held.map((socket) => once(socket, "connect")));
  return {
    close: async () => {
      for (const socket of held) socket.destroy();
      await worker.terminate();
    },
  };
}

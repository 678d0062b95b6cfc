// A network and its fixtures, closed at the end of the test.
import { onTestFinished } from "vitest";
import type { Answer, NoAnswer } from "../../../src/lab/http/answer.ts";
import { LabClient, type LabClientOptions } from "../../../src/lab/http/client.ts";
import { claimNetwork, type LabNetwork } from "../../../src/lab/network.ts";
import type { Backend } from "../../../src/lab/stubs/backend.ts";
import type { SeenRequest } from "../../../src/lab/stubs/exchange-log.ts";
import { type RealHaproxy, startHaproxy } from "../real-haproxy.ts";

export async function testNetwork(): Promise<LabNetwork> {
  const network = await claimNetwork();
  onTestFinished(() => network.release());
  return network;
}

export function testClient(options?: LabClientOptions): LabClient {
  const client = new LabClient(options);
  onTestFinished(() => client.close());
  return client;
}

/** Closes it when the test ends, in reverse order of opening. */
export async function opened<T extends { close(): unknown }>(opening: Promise<T>): Promise<T> {
  const simulator = await opening;
  onTestFinished(async () => {
    await simulator.close();
  });
  return simulator;
}

export async function testHaproxy(...how: Parameters<typeof startHaproxy>): Promise<RealHaproxy> {
  const haproxy = await startHaproxy(...how);
  onTestFinished(() => haproxy.stop());
  return haproxy;
}

/** The response, or an error with the failure in it. */
export function answered(outcome: Answer | NoAnswer): Answer {
  if (outcome.failed !== undefined) throw new Error(`${outcome.failed}: ${outcome.message}`);
  return outcome;
}

/** The next request of that target that reaches the backend. */
export function untilSeen(backend: Backend, target: string): Promise<SeenRequest> {
  return new Promise((resolve) => {
    const stop = backend.onRequest((seen) => {
      if (seen.target !== target) return;
      stop();
      resolve(seen);
    });
  });
}

/** A promise with its resolve function. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened: promise, open };
}

// Forwards a port of a pod to this machine's loopback through the API server, like `kubectl port-forward`.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Writable } from "node:stream";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure } from "./failure.ts";

export interface Forward {
  readonly endpoint: { readonly host: string; readonly port: number };
  /** Why connections did not reach the pod's port since the last call; undefined: they did. */
  readonly takeFailure: () => string | undefined;
  readonly close: () => Promise<void>;
}

export interface ForwardRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Every connection has its own WebSocket. Rejects where this machine has no free port. */
export async function openForward(api: ClusterApi, wish: ForwardRequest): Promise<Forward> {
  const { PortForward } = await import("@kubernetes/client-node");
  const forward = new PortForward(api.config);
  const sockets = new Set<Socket>();
  const failures: string[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    void connectTunnel(socket, async (complaints) =>
      forward.portForward(wish.namespace, wish.pod, [wish.port], socket, complaints, socket),
    ).then((failure) => {
      if (failure !== undefined) failures.push(failure);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a forward listens on no port");
  return {
    endpoint: { host: "127.0.0.1", port: address.port },
    takeFailure: () => failures.splice(0).at(0),
    close: () => closeAll(server, sockets),
  };
}

/** One HTTP request to a pod's port. Rejects with ClusterFailure where the pod does not answer. */
export async function requestPod(
  api: ClusterApi,
  wish: ForwardRequest,
  path: string,
  timeoutMs = 10_000,
): Promise<{ readonly status: number; readonly text: string }> {
  const forward = await openForward(api, wish);
  const request = `GET ${wish.pod}:${wish.port}${path}`;
  try {
    const answer = await fetch(`http://${forward.endpoint.host}:${forward.endpoint.port}${path}`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    const message = forward.takeFailure() ?? (error instanceof Error ? error.message : String(error));
    throw new ClusterFailure(message, { status: null, reason: "PodAway", request });
  } finally {
    await forward.close();
  }
}

interface Tunnel {
  readonly close: () => void;
  addEventListener(event: "close" | "error", listener: () => void): void;
}

/** Resolves when the tunnel is open, or with the reason why it is not. */
async function connectTunnel(
  socket: Socket,
  open: (complaints: Writable) => Promise<unknown>,
): Promise<string | undefined> {
  let complaint: string | undefined;
  const complaints = new Writable({
    write(chunk, _encoding, done) {
      const message = String(chunk);
      // A connection that HAProxy resets reached it; only one that could not be opened did not.
      if (/refused|failed to dial|not found|does not exist|unable to do port forwarding/i.test(message))
        complaint ??= message.trim();
      done();
    },
  });
  try {
    const tunnel = (await open(complaints)) as Tunnel;
    const { promise, resolve } = Promise.withResolvers<void>();
    tunnel.addEventListener("error", () => socket.destroy());
    tunnel.addEventListener("close", () => {
      socket.end();
      resolve();
    });
    // The socket may have closed while the tunnel was made, and would never close it.
    if (socket.destroyed) tunnel.close();
    else socket.on("close", () => tunnel.close());
    await promise;
    return complaint;
  } catch (error) {
    socket.destroy();
    const message = (error as { readonly message?: unknown }).message;
    return typeof message === "string" && message !== "" ? message : "the API server opened no port forward";
  }
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

// The socket of a HAProxy master process, made by us and handed down, so that it listens from before HAProxy runs.
import { once } from "node:events";
import { renameSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { queryRuntime } from "./runtime-api.ts";

export interface MasterSocket {
  /** What to hand to the child process among its `stdio`. */
  readonly descriptor: number;
  /** To be called as soon as the child process has the descriptor: from then on it alone answers. */
  handOver(): void;
  /** Resolves once the master process answers. Rejects where it ends instead. */
  answered(): Promise<string>;
}

/**
 * HAProxy 2.6 and 3.0 say "Loading success." before the master process executes itself once more, into a mode that only waits
 * (management guide, 3 "Starting HAProxy", `-W`). A SIGUSR1 or SIGUSR2 in between is lost, and a SIGTERM kills the master where
 * it stands. Only the loop that comes after its signal handlers answers on its socket (`-S`). A socket that HAProxy binds itself
 * is bound anew each time and refuses connections meanwhile; one that it inherits (`-S fd@…`) lets the question wait.
 */
export async function openMasterSocket(folder: string): Promise<MasterSocket> {
  const boundPath = join(folder, "bound.sock");
  const path = join(folder, "master.sock");
  const server = createServer().listen(boundPath);
  await once(server, "listening");
  return {
    descriptor: descriptorOf(server),
    handOver: () => {
      // Closing removes the path that was bound.
      renameSync(boundPath, path);
      server.close();
    },
    answered: () => queryRuntime(path, "show proc"),
  };
}

/** Node names a server's descriptor in no documented place; `_handle.fd` is where it has been since 0.12. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as { _handle?: { fd?: number } };
  if (handle?.fd === undefined || handle.fd < 0)
    throw new Error("this Node does not tell the descriptor of a listening socket");
  return handle.fd;
}

// The socket of a HAProxy master process, opened by us and passed on, so that it listens before HAProxy runs.
import { once } from "node:events";
import { renameSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { queryRuntime } from "./runtime-api.ts";

export interface MasterSocket {
  /** An element of the child process's `stdio`. */
  readonly descriptor: number;
  /** Call it as soon as the child process has the descriptor, so that only HAProxy answers. */
  handOver(): void;
  /** Resolves once the master process answers. Rejects when it exits instead. */
  answered(): Promise<string>;
}

/**
 * HAProxy 2.6 and 3.0 report "Loading success." before the master process executes itself again in a mode that only waits
 * (management guide, 3 "Starting HAProxy", `-W`). A SIGUSR1 or SIGUSR2 in between is lost, and a SIGTERM kills the master. Only the
 * loop after its signal handlers answers on its socket (`-S`). A socket that HAProxy binds itself is bound again each time and
 * refuses connections meanwhile; on an inherited one (`-S fd@…`) a request waits.
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

/** Node documents no access to a server's descriptor; `_handle.fd` has it since 0.12. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as { _handle?: { fd?: number } };
  if (handle?.fd === undefined || handle.fd < 0)
    throw new Error("this Node does not expose the descriptor of a listening socket");
  return handle.fd;
}

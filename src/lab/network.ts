// Addresses for one lab: a random loopback /24 of its own, so that no two labs ever want the same port.
import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** An address and a TCP port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface LabNetwork {
  /** False where the system has no 127/8 (macOS): every `address(n)` is then 127.0.0.1, and only ports differ. */
  readonly distinctAddresses: boolean;
  /** The address of host `n`, 0 < n < 255. */
  address(n: number): string;
  /** An endpoint on host `n` that nothing listens on, and that this network never gives out again. */
  listenAt(n: number): Promise<Endpoint>;
  /** Gives the subnet back. Whatever listens in it should have ended before. */
  release(): Promise<void>;
}

/**
 * Picks a random 127.a.b.0/24 and keeps it until `release()`. It is ours while we hold an exclusive listener on its
 * address .0, which every process that claims networks this way must be able to bind.
 * Throws when no network can be had at all.
 */
export async function claimNetwork(): Promise<LabNetwork> {
  for (let attempt = 0; attempt < claimAttempts; attempt++) {
    const prefix = `127.${randomInt(1, 255)}.${randomInt(0, 256)}`;
    const claim = await listen(`${prefix}.0`, claimPort);
    if (claim.server !== undefined) return ownSubnet(prefix, claim.server);
    // macOS gives 127.0.0.1 alone to its loopback interface; other addresses must be added by root (ifconfig lo0 alias).
    if (claim.code === "EADDRNOTAVAIL") return sharedLoopback();
    if (claim.code !== "EADDRINUSE") throw new Error(`no loopback network to be had: ${claim.message}`);
  }
  throw new Error(
    `no loopback network to be had: port ${claimPort} is taken on each of ${claimAttempts} random 127.a.b.0; ` +
      `something may listen on it on all addresses`,
  );
}

const claimAttempts = 32;
/** Below the range that systems take source ports from (32768 and up on Linux), so that no connection sits on it. */
const claimPort = 23571;
const firstPort = 10_000;
const lastPort = 32_000;

type Listening =
  | { readonly server: Server }
  | { readonly server?: undefined; readonly code: string; readonly message: string };

function ownSubnet(prefix: string, claim: Server): LabNetwork {
  const given = new Set<number>();
  const address = (n: number) => `${prefix}.${n}`;
  return {
    distinctAddresses: true,
    address,
    listenAt: (n) => freeEndpoint(address(n), given),
    release: () => close(claim),
  };
}

/** Ports given out on 127.0.0.1 by any network of this process. */
const givenOnSharedLoopback = new Set<number>();

function sharedLoopback(): LabNetwork {
  const given: number[] = [];
  return {
    distinctAddresses: false,
    address: () => "127.0.0.1",
    async listenAt() {
      const endpoint = await freeEndpoint("127.0.0.1", givenOnSharedLoopback);
      given.push(endpoint.port);
      return endpoint;
    },
    async release() {
      for (const port of given) givenOnSharedLoopback.delete(port);
    },
  };
}

/** A port below the ephemeral range, tried by listening on it for a moment: another process may hold it on 0.0.0.0. */
async function freeEndpoint(host: string, given: Set<number>): Promise<Endpoint> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = randomInt(firstPort, lastPort);
    if (given.has(port)) continue;
    const trial = await listen(host, port);
    if (trial.server === undefined) {
      if (trial.code === "EADDRINUSE") continue;
      throw new Error(`cannot listen on ${host}: ${trial.message}`);
    }
    given.add(port);
    await close(trial.server);
    return { host, port };
  }
  throw new Error(`no free port on ${host} between ${firstPort} and ${lastPort}`);
}

function listen(host: string, port: number): Promise<Listening> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: error.code ?? "", message: error.message }),
    );
    server.listen({ host, port, exclusive: true }, () => resolve({ server }));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

// Addresses for one lab: a random loopback /24, so that no two labs use the same port.
import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** An address and a TCP port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A UNIX socket. */
export interface SocketPath {
  readonly path: string;
}

export interface LabNetwork {
  /** The address of host `n`, 0 < n < 255; 127.0.0.1 for all where the system has no 127/8 (macOS): only ports differ then. */
  address(n: number): string;
  /** A free endpoint on host `n`, which this network never returns again. */
  listenAt(n: number): Promise<Endpoint>;
  /** Releases the subnet. Close everything that listens in it before. */
  release(): Promise<void>;
}

/**
 * Claims a random 127.a.b.0/24 until `release()`, by an exclusive listener on its address .0, which every process that
 * claims a network must be able to bind. Throws when no network is available.
 */
export async function claimNetwork(): Promise<LabNetwork> {
  for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
    const prefix = `127.${randomInt(1, 255)}.${randomInt(0, 256)}`;
    const claim = await listen(`${prefix}.0`, CLAIM_PORT);
    if (claim.server !== undefined) return ownSubnet(prefix, claim.server);
    // macOS has only 127.0.0.1 on its loopback interface; root can add other addresses (ifconfig lo0 alias).
    if (claim.code === "EADDRNOTAVAIL") return sharedLoopback();
    if (claim.code !== "EADDRINUSE") throw new Error(`no loopback network is available: ${claim.message}`);
  }
  throw new Error(
    `no loopback network is available: port ${CLAIM_PORT} is taken on each of ${CLAIM_ATTEMPTS} random 127.a.b.0; ` +
      `something may listen on it on all addresses`,
  );
}

const CLAIM_ATTEMPTS = 32;
/** Below the ephemeral port range (32768 and up on Linux), so that no outgoing connection uses it. */
const CLAIM_PORT = 23571;
const FIRST_PORT = 10_000;
const LAST_PORT = 32_000;

type Listening =
  | { readonly server: Server }
  | { readonly server?: undefined; readonly code: string; readonly message: string };

function ownSubnet(prefix: string, claim: Server): LabNetwork {
  const given = new Set<number>();
  const address = (n: number) => `${prefix}.${n}`;
  return {
    address,
    listenAt: (n) => freeEndpoint(address(n), given),
    release: () => close(claim),
  };
}

/** Ports that networks of this process use on 127.0.0.1. */
const givenOnSharedLoopback = new Set<number>();

function sharedLoopback(): LabNetwork {
  const given: number[] = [];
  return {
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

/** A port below the ephemeral range, tried by listening on it briefly: another process may hold it on 0.0.0.0. */
async function freeEndpoint(host: string, given: Set<number>): Promise<Endpoint> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
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
  throw new Error(`no free port on ${host} between ${FIRST_PORT} and ${LAST_PORT}`);
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

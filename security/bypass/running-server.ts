// An application server as a process, and its handlers' records: one line of JSON for each request that reached one.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { type Server, workingFolder } from "./servers.ts";

/** A run of a handler, as the application sees the request after its server's own decoding. */
export interface HandlerRun {
  readonly handler: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes. */
  readonly body: number;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Every handler's run since the last call; waits until what was sent before has been handled. */
  readonly handlerRuns: () => Promise<readonly HandlerRun[]>;
  readonly stop: () => Promise<void>;
}

/** How long a server may take to listen: a JVM on a busy machine. */
const START_MS = 60_000;

export async function startServer(
  server: Server,
  { host, port, tools, folder }: { host: string; port: number; tools: string; folder: string },
): Promise<RunningServer> {
  mkdirSync(folder, { recursive: true });
  const [program = "", ...args] = server.command({ host, port, tools: join(tools, ""), folder });
  const child = spawn(program, args, {
    cwd: workingFolder(server),
    // A process group of its own: gunicorn's workers are its children.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  });
  running.add(child);
  const exited = once(child, "exit");
  const complaints: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaints.length < 100) complaints.push(chunk.toString());
  });
  let runs: HandlerRun[] = [];
  let barrier: { number: string; passed: () => void } | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const run = JSON.parse(line) as HandlerRun;
    if (barrier !== undefined && run.query === barrier.number) barrier.passed();
    else runs.push(run);
  });
  const up = await Promise.race([
    listens(host, port, performance.now() + START_MS),
    exited.then(() => false),
  ]);
  if (!up) {
    endGroup(child);
    throw new Error(`${server.name} does not listen: ${program} ${args.join(" ")}\n${complaints.join("")}`);
  }
  let barriers = 0;
  return {
    host,
    port,
    handlerRuns: async () => {
      barriers += 1;
      const number = `barrier=${barriers}`;
      await new Promise<void>((passed, failed) => {
        barrier = { number, passed };
        exited.then(() => failed(new Error(`${server.name} ended: ${complaints.join("")}`)));
        const socket = connect({ host, port });
        socket.on("error", failed);
        socket.resume();
        socket.write(`GET /any?${number} HTTP/1.1\r\nHost: barrier\r\nConnection: close\r\n\r\n`);
      });
      const seen = runs;
      runs = [];
      return seen;
    },
    stop: async () => {
      endGroup(child);
      await exited;
      running.delete(child);
    },
  };
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) endGroup(child);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has exited by itself.
  }
}

/** Another process's listening port has no event. */
async function listens(host: string, port: number, untilMs: number): Promise<boolean> {
  if (performance.now() > untilMs) return false;
  const socket = connect(port, host);
  const up = await new Promise<boolean>((done) => {
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
  socket.destroy();
  if (up) return true;
  await new Promise((done) => setTimeout(done, 25));
  return listens(host, port, untilMs);
}

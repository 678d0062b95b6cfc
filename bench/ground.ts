// The environment of a benchmark: a folder, loopback addresses, a backend, and the contenders; all removed at the end.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { claimNetwork, type LabNetwork } from "../src/lab/network.ts";
import { chosen } from "../src/plan/described.ts";
import type { Plan } from "../src/plan/plan.ts";
import { type Contender, startContender } from "./contender.ts";
import { pinned } from "./cores.ts";
import { answering } from "./peers.ts";
import { writeRunnable } from "./runnable.ts";

export interface Ground {
  readonly folder: string;
  readonly network: LabNetwork;
  /** The target of every server of every contender. */
  readonly backend: string;
  readonly haproxy: string;
  /** Starts a given configuration; `config` gets the address to listen on. */
  readonly byHand: (name: string, config: (address: string) => string) => Promise<Contender>;
  /** Renders a plan and starts it; its URL is that of the named listener. */
  readonly rendered: (name: string, plan: Plan, listener: string) => Promise<Contender>;
  /** Starts a configuration file with its maps; it listens on `host` and `port`. */
  readonly file: (name: string, configFile: string, host: string, port: number) => Promise<Contender>;
  /** A syslog socket whose reader discards everything. */
  readonly syslog: () => Promise<string>;
  readonly write: (name: string, content: string) => string;
}

/** Runs `body` and removes everything again. */
export async function withGround<T>(haproxy: string, body: (ground: Ground) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "portico-bench-"));
  const network = await claimNetwork();
  const started: Contender[] = [];
  const readers: ChildProcess[] = [];
  const write = (name: string, content: string) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const keep = async (contender: Promise<Contender>) => {
    started.push(await contender);
    return contender;
  };
  let hosts = 1;
  try {
    const answers = await network.listenAt(hosts++);
    const backend = `${answers.host}:${answers.port}`;
    const bodyFile = write("body.txt", `${"x".repeat(999)}\n`);
    await keep(
      startContender({
        name: "backend",
        haproxy,
        configFile: write("backend.cfg", answering(backend, bodyFile)),
        folder,
        ...answers,
        role: "client",
      }),
    );
    return await body({
      folder,
      network,
      backend,
      haproxy,
      write,
      byHand: async (name, config) => {
        const at = await network.listenAt(hosts++);
        const configFile = write(`${fileName(name)}.cfg`, config(`${at.host}:${at.port}`));
        return keep(startContender({ name, haproxy, configFile, folder, ...at }));
      },
      rendered: async (name, plan, listener) => {
        const host = network.address(hosts++);
        const port = plan.listeners.find((one) => one.name === listener)?.port.value;
        if (port === undefined) throw new RangeError(`no listener ${listener}`);
        const { configFile, folder: own } = writeRunnable(unhurried(plan), join(folder, fileName(name)), {
          host,
          backend,
        });
        return keep(startContender({ name, haproxy, configFile, folder: own, host, port }));
      },
      file: (name, configFile, host, port) =>
        keep(startContender({ name, haproxy, configFile, folder: join(configFile, ".."), host, port })),
      syslog: async () => {
        const socket = join(folder, "log");
        const reader = spawn(...pinned("client", "perl", [script, socket]), {
          stdio: ["ignore", "pipe", "inherit"],
        });
        readers.push(reader);
        await once(reader.stdout, "data");
        return socket;
      },
    });
  } finally {
    for (const contender of started.toReversed()) await contender.stop();
    for (const reader of readers) reader.kill();
    await network.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

const script = fileURLToPath(new URL("syslog-socket.pl", import.meta.url));

function fileName(name: string): string {
  return name.replace(/[^a-z0-9]+/gi, "-");
}

/** A backend on a busy core may answer a health check late: that must not take a server down. */
function unhurried(plan: Plan): Plan {
  const timeoutMs = chosen(30_000, "the backend shares a core with the load");
  return {
    ...plan,
    backends: plan.backends.map((backend) =>
      backend.health.kind === "none" ? backend : { ...backend, health: { ...backend.health, timeoutMs } },
    ),
  };
}

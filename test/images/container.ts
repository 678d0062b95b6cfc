// Containers of the images under test: with the strictest settings of Kubernetes, on this machine's network.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface Container {
  /** Process id of its first process, in the host's namespace. */
  pid(): Promise<number>;
  signal(name: "SIGUSR1" | "SIGTERM"): Promise<void>;
  /** Exit status of its first process. */
  ended(): Promise<number>;
  logs(): Promise<{ readonly stdout: string; readonly stderr: string }>;
  remove(): Promise<void>;
}

/** Root is read-only, no capabilities and no privilege escalation; only the run folder is writable. */
export async function startContainer(image: string, configFolder?: string): Promise<Container> {
  const mounted = configFolder === undefined ? [] : ["--volume", `${configFolder}:/etc/haproxy:ro`];
  const id = await podman(
    ...[
      "run",
      "--detach",
      "--network",
      "host",
      "--read-only",
      "--read-only-tmpfs=false",
      "--cap-drop",
      "all",
    ],
    ...["--security-opt", "no-new-privileges", "--tmpfs", "/run/haproxy"],
    ...ownLimits(),
    ...mounted,
    image,
  );
  return {
    pid: async () => Number(await podman("inspect", "--format", "{{.State.Pid}}", id)),
    signal: async (name) => void (await podman("kill", "--signal", name, id)),
    ended: async () => Number(await podman("wait", id)),
    async logs() {
      const child = spawn("podman", ["logs", id], { stdio: ["ignore", "pipe", "pipe"] });
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      return { stdout, stderr };
    },
    remove: async () => void (await podman("rm", "--force", "--time", "0", id)),
  };
}

/** Returns podman's output. */
export async function podman(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("podman", args, { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** Every path in an image, without the leading slash. */
export async function filesOfImage(image: string): Promise<readonly string[]> {
  const id = await podman("create", image);
  try {
    const { stdout } = await execute("/bin/sh", ["-c", `podman export ${id} | tar --list --file -`], {
      maxBuffer: 1 << 26,
    });
    return stdout.trim().split("\n");
  } finally {
    await podman("rm", id);
  }
}

/** Ports of loopback on which nothing listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "0.0.0.0");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** podman's default limits may exceed the machine's, which fails if those may not be raised. */
export function ownLimits(): readonly string[] {
  const [, files] = /^Max open files +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  const open = Math.min(Number(files ?? 65536), 65536);
  return ["--ulimit", `nofile=${open}:${open}`, "--ulimit", "nproc=4096:4096"];
}

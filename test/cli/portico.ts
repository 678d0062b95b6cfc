// Runs bin/portico as a child process, from the sources.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folders: string[] = [];
const children = new Set<ChildProcessWithoutNullStreams>();

// A failed test leaves its child running.
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell line that ends in `exec "$@"`: limits, redirections. */
  readonly through?: string;
}

/** A description that renders, and passes its expectations. */
export const DESCRIPTION = `edge: app
sites:
  - host: www.example.com
    routes:
      - { path: /api, to: api }
      - { to: web }
backends:
  web: { servers: ["10.0.0.7:8080"] }
  api: { servers: ["10.0.0.8:8080"] }
expect:
  - { get: "http://www.example.com/", status: 200, backend: web }
  - { get: "http://www.example.com/api/x", backend: api }
`;

/** A folder for this test, with these files in it. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "portico-cli-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function start(
  args: readonly string[],
  { cwd = root, env = {}, through }: RunOptions = {},
): ChildProcessWithoutNullStreams {
  const command = [join(root, "bin/portico"), ...args];
  const whole = through === undefined ? command : ["/bin/sh", "-c", through, "sh", ...command];
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const child = spawn(whole[0] ?? "", whole.slice(1), { cwd, env: { ...inherited, ...env } });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

export async function portico(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const began = performance.now();
  const child = start(args, options);
  child.stdin.end();
  const [stdout, stderr, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status, signal, stdout, stderr, tookMs: performance.now() - began };
}

/** Resolves when the stream has a match; rejects when it ends without one. */
export async function said(stream: Readable, pattern: RegExp): Promise<string> {
  let all = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    all += String(chunk);
    if (pattern.test(all)) return all;
  }
  throw new Error(`ended without ${pattern}: ${all}`);
}

export interface Witnessed {
  /** Runs the real HAProxy. */
  readonly path: string;
  /** The process id of the running one, or of the last one. */
  pid(): number;
  /** Resolves when its last process has ended. Call it before the start. */
  gone(): Promise<string>;
}

/** The real HAProxy behind a script whose stdout is a named pipe: the pipe closes when the last process that holds it has ended. */
export function witnessed(folder: string, haproxy: string): Witnessed {
  const [path, pipe, pidFile] = [join(folder, "haproxy"), join(folder, "witness"), join(folder, "pid")];
  execFileSync("mkfifo", [pipe]);
  writeFileSync(
    path,
    `#!/bin/sh\ncase $1 in -W) echo $$ >'${pidFile}'; exec '${haproxy}' "$@" >'${pipe}' ;; esac\nexec '${haproxy}' "$@"\n`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    pid: () => Number(readFileSync(pidFile, "utf8")),
    gone: () => open(pipe, "r").then((file) => text(file.createReadStream())),
  };
}

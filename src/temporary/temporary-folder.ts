// Portico's temporary folders: each is removed when it is no longer needed, or when the process exits for any reason.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { systemReason } from "../source/system-reason.ts";

/** A folder that only this user can read. */
export interface TemporaryFolder {
  /** Absolute, at most 64 bytes of letters, digits, `.`, `_`, `-` and `/`, where the system has such a place. */
  readonly path: string;
  /** Removes it with its content. Idempotent. */
  readonly remove: () => void;
}

/** The folder that `TMPDIR` names cannot be used. The message is one line. */
class TemporaryFolderFailure extends Error {
  override readonly name = "TemporaryFolderFailure";
}

/** Makes a folder. Throws TemporaryFolderFailure. */
export function makeTemporaryFolder(): TemporaryFolder {
  const base = baseFolder();
  const prefix = prefixIn(base);
  const path = made(base, () => mkdtempSync(prefix));
  live.add(path);
  return {
    path,
    remove: () => {
      if (live.delete(path)) rmSync(path, REMOVAL);
    },
  };
}

/** HAProxy may still create a file in it while it ends. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;

const live = new Set<string>();
/** Prefixes of this process's folder names, by parent folder. */
const prefixes = new Map<string, string>();

/**
 * HAProxy binds a UNIX socket under a name that is up to 13 bytes longer than the one in the configuration, and the system
 * allows 104 (macOS) or 108 bytes with the final zero; the name of a folder here takes 23 bytes, that of a file in the lab 29.
 */
const LONGEST_BASE = 40;

/** Folders of the system other than TMPDIR. */
const OTHER_BASES = ["/tmp", "/var/tmp", "/dev/shm"];

/**
 * The folder that TMPDIR names, or another where its path cannot be written in a haproxy.cfg (blanks, quotes, `$`, `,`,
 * `@` …) or is too long for a UNIX socket in it.
 */
function baseFolder(): string {
  const named = tmpdir();
  const real = made(named, () => {
    if (!statSync(named).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    accessSync(named, constants.W_OK | constants.X_OK);
    return realpathSync(named);
  });
  return [real, ...OTHER_BASES].find((folder) => isPlain(folder) && isWritable(folder)) ?? real;
}

function isPlain(folder: string): boolean {
  return folder.length <= LONGEST_BASE && /^[\w./-]+$/.test(folder);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function made<T>(folder: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new TemporaryFolderFailure(
      `no temporary folder can be made in ${JSON.stringify(folder)} (${systemReason(error)}): set TMPDIR to a writable folder`,
    );
  }
}

/** The first folder in `base` starts the process that removes all of them after our process has ended. */
function prefixIn(base: string): string {
  const known = prefixes.get(base);
  if (known !== undefined) return known;
  if (prefixes.size === 0) process.on("exit", removeAll);
  const name = `portico-${randomBytes(4).toString("hex")}`;
  watch(base, name);
  const prefix = join(base, `${name}-`);
  prefixes.set(base, prefix);
  return prefix;
}

function removeAll(): void {
  for (const path of live) rmSync(path, REMOVAL);
  live.clear();
}

/**
 * Its stdin ends when our process does, SIGKILL included, because the kernel closes the pipe. It is in a session of its own:
 * Ctrl-C in a terminal does not reach it. It retries while HAProxy, which ends at the same time, may still write.
 */
const WATCHER = `
trap '' HUP INT TERM PIPE
cd -- "$1" || exit
while read -r _; do :; done
for attempt in 1 2 3; do
  rm -rf "./$2"-* && exit
  sleep 1
done
`;

function watch(base: string, name: string): void {
  const watcher = spawn("/bin/sh", ["-c", WATCHER, "portico-temporary-folders", base, name], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a shell or a free process slot, folders are still removed at a normal exit.
  watcher.on("error", () => undefined);
  watcher.stdin.on("error", () => undefined);
  watcher.unref();
  const { stdin } = watcher as { readonly stdin: { readonly unref?: () => void } };
  stdin.unref?.();
}

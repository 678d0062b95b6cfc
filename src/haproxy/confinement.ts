// Confines a HAProxy that reads an untrusted file: namespaces, privileges and limits, as far as the system has them.
import { execFile } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import process from "node:process";
import { LIMITS, limitsScript } from "./limits.ts";

/**
 * `check`: no network, nothing can be written, one process. `lab`: as `check`, but with the machine's network, because the
 * simulators on loopback are in other processes; it writes into its own folders only. `none`: unconfined.
 */
export type Confinement = "none" | "check" | "lab";

export interface Confined {
  /** The command's words, HAProxy's path first. */
  readonly command: readonly string[];
  /** Absolute paths of the folders that it reads the configuration from; in the lab it may write to them. */
  readonly folders: readonly string[];
}

/** How a command starts in a confinement, for `startGuarded`. */
export interface ConfinedStart {
  /** The words before it. */
  readonly wrap: readonly string[];
  /** Lines for the shell that becomes it. */
  readonly script: string;
}

/** What a confinement could not do here, each as text that follows "without": `a network namespace (…)`. */
export type Gaps = readonly string[];

/**
 * The first call finds what works on this machine by running `haproxy -v` in it: whether an unprivileged user may have
 * namespaces does not depend on a version (AppArmor on Ubuntu 24.04, containers).
 */
export async function confine(
  confinement: Confinement,
  { command, folders }: Confined,
): Promise<ConfinedStart> {
  const [haproxyPath] = command;
  if (confinement === "none" || haproxyPath === undefined) return { wrap: [], script: "" };
  const { wrap } = await methodFor(confinement, haproxyPath);
  return { wrap: wrap(haproxyPath, folders), script: limitsScript(LIMITS[confinement]) };
}

/** What is missing from the confinement on this machine; empty where all of it works. */
export async function confinementGaps(confinement: "check" | "lab", haproxyPath: string): Promise<Gaps> {
  return (await methodFor(confinement, haproxyPath)).gaps;
}

/** The folders that HAProxy reads a configuration from when it is started in `cwd`. */
export function foldersOf(configFile: string, cwd: string | undefined): readonly string[] {
  const own = dirname(resolve(cwd ?? ".", configFile));
  return cwd === undefined ? [own] : [...new Set([own, resolve(cwd)])];
}

interface Method {
  readonly gaps: Gaps;
  readonly wrap: (haproxyPath: string, folders: readonly string[]) => readonly string[];
}

const INSTALL = "install bubblewrap";
const NO_NETWORK_NAMESPACE = `a network namespace (${INSTALL})`;
const NO_MOUNTS = `a private view of the file system (${INSTALL})`;
const NO_PRIVATE_FILES = "a file system that hides other files (this HAProxy needs them)";
const NO_SETPRIV = "no_new_privs (install util-linux 2.31 or newer)";

/** By confinement, HAProxy and PATH: what works for one HAProxy may hide the files of another. */
const methods = new Map<string, Promise<Method>>();

function methodFor(confinement: "check" | "lab", haproxyPath: string): Promise<Method> {
  const path = process.env.PATH ?? "";
  const key = [confinement, haproxyPath, path].join("\0");
  const known = methods.get(key);
  if (known !== undefined) return known;
  const method = firstThatWorks(confinement, haproxyPath, path);
  methods.set(key, method);
  return method;
}

async function firstThatWorks(
  confinement: "check" | "lab",
  haproxyPath: string,
  path: string,
): Promise<Method> {
  const script = isScript(haproxyPath);
  const trial = script ? ["/bin/sh", "-c", ":"] : [haproxyPath, "-v"];
  for (const method of candidates(confinement, path, script)) {
    const [program = "", ...args] = [...method.wrap(haproxyPath, []), ...trial];
    if (await runs(program, args)) return method;
  }
  return { gaps: [NO_NETWORK_NAMESPACE, NO_MOUNTS, NO_SETPRIV], wrap: () => [] };
}

/** A wrapper around HAProxy may do anything, and may need files elsewhere: it is not run for a trial. */
function isScript(file: string): boolean {
  try {
    const opened = openSync(file, "r");
    try {
      const start = Buffer.alloc(2);
      readSync(opened, start);
      return start.toString() === "#!";
    } finally {
      closeSync(opened);
    }
  } catch {
    return false;
  }
}

function runs(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: PROBE_MS, killSignal: "SIGKILL" }, (error) => resolve(error === null));
  });
}

const PROBE_MS = 5_000;

/** Strictest first. `unshare` of an unprivileged user takes a user namespace, in which HAProxy stays unprivileged. */
function* candidates(confinement: "check" | "lab", path: string, script: boolean): Generator<Method> {
  const bwrap = onPath("bwrap", path);
  const unshare = confinement === "check" ? onPath("unshare", path) : undefined;
  const setpriv = onPath("setpriv", path);
  const privileges =
    setpriv === undefined
      ? []
      : [
          [setpriv, ...withoutPrivileges()],
          [setpriv, NO_NEW_PRIVS],
        ];
  if (bwrap !== undefined) {
    const inside = (files: SandboxFiles) => (haproxyPath: string, folders: readonly string[]) => [
      bwrap,
      ...sandbox(confinement, files(haproxyPath), folders),
    ];
    if (!script) yield { gaps: [], wrap: inside(systemFiles) };
    yield { gaps: [NO_PRIVATE_FILES], wrap: inside(script ? withOwnFolder : allFiles) };
  }
  if (unshare !== undefined) {
    const apart = [unshare, ...(isRoot() ? [] : ["--user"]), "--net"];
    for (const words of privileges) yield { gaps: [NO_MOUNTS], wrap: () => [...apart, ...words] };
    yield { gaps: [NO_MOUNTS, NO_SETPRIV], wrap: () => apart };
  }
  const gaps = [NO_MOUNTS, ...(confinement === "check" ? [NO_NETWORK_NAMESPACE] : [])];
  for (const words of privileges) yield { gaps, wrap: () => words };
  yield { gaps: [...gaps, NO_SETPRIV], wrap: () => [] };
}

const NO_NEW_PRIVS = "--no-new-privs";

/** Root without capabilities owns its files and can do little else; other users have none to lose. */
function withoutPrivileges(): readonly string[] {
  return isRoot() ? ["--bounding-set=-all", "--inh-caps=-all", NO_NEW_PRIVS] : [NO_NEW_PRIVS];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Folders of programs and libraries. They contain no user files and no secrets. */
const SYSTEM = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/opt",
  "/nix/store",
  "/gnu/store",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/pki/tls/certs",
  "/etc/pki/tls/openssl.cnf",
  "/etc/pki/ca-trust",
  "/etc/crypto-policies",
  "/etc/hosts",
  // `parse-resolv-conf` refuses to load without it.
  "/etc/resolv.conf",
  "/etc/nsswitch.conf",
  "/etc/localtime",
  "/sys/devices/system",
];

type SandboxFiles = (haproxyPath: string) => readonly string[];

/** The system's programs and HAProxy's own folder, and nothing else. */
const systemFiles: SandboxFiles = (haproxyPath) =>
  [...SYSTEM, ...executableFolders(haproxyPath)].flatMap((path) => ["--ro-bind-try", path, path]);

const allFiles: SandboxFiles = () => ["--ro-bind", "/", "/"];

/** A wrapper around HAProxy is the user's own, and may write into its folder. */
const withOwnFolder: SandboxFiles = (haproxyPath) => [
  ...allFiles(haproxyPath),
  ...executableFolders(haproxyPath).flatMap((path) => ["--bind-try", path, path]),
];

function sandbox(
  confinement: "check" | "lab",
  files: readonly string[],
  folders: readonly string[],
): readonly string[] {
  const bind = confinement === "lab" ? "--bind-try" : "--ro-bind-try";
  // A lab's processes are found and signalled by their process ids.
  const alone = confinement === "check" ? ["--unshare-net", "--unshare-pid"] : [];
  return [
    ...["--die-with-parent", "--unshare-ipc", "--unshare-uts", ...alone],
    ...["--cap-drop", "ALL"],
    ...files,
    ...["--dev", "/dev"],
    ...folders.flatMap((path) => [bind, path, path]),
  ];
}

/** The folder in its path, and the one that it is really in. */
function executableFolders(executable: string): readonly string[] {
  if (!executable.includes(sep)) return [];
  const own = dirname(executable);
  try {
    return [...new Set([own, dirname(realpathSync(executable))])];
  } catch {
    return [own];
  }
}

/** Absolute; searched here, because the command may start with another PATH. */
function onPath(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith(sep))
    .map((folder) => join(folder, program))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

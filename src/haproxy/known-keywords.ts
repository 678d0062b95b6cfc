// The keywords of the configuration language that an executable registers, as `haproxy -dKcfg` lists them (management guide, 3).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { DEFAULT_RESOLVERS } from "../source/haproxy-sections.ts";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";
import type { Haproxy } from "./find.ts";

/** The last version whose keywords Portico has been checked against. */
const LAST_CHECKED = [3, 4] as const;

const lists = new Map<string, Promise<readonly KeywordList[]>>();

/**
 * Whether HAProxy may know a keyword that Portico does not: of sections, directives, options and actions. A version that Portico
 * was not checked against may know any. Rejects where the executable cannot be run.
 */
export async function mayKnowKeyword({
  path,
  version,
}: Pick<Haproxy, "path" | "version">): Promise<(word: string) => boolean> {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (major > LAST_CHECKED[0] || (major === LAST_CHECKED[0] && minor > LAST_CHECKED[1])) return () => true;
  const list = lists.get(path) ?? listed(path);
  lists.set(path, list);
  const known = new Set((await list).flatMap(({ words }) => words));
  return (word) => known.has(word);
}

export interface KeywordList {
  /** `global`, `listen` for all proxies, `peers`, … */
  readonly section: string;
  /** `option`, `httplog`; of options of lines without the position of the address. */
  readonly words: readonly string[];
}

/** Every line of the list. Keywords with an argument in parentheses have lost the `*` at their end. */
export async function listed(path: string): Promise<readonly KeywordList[]> {
  const output = await listOf(path);
  let section = "";
  return output.split("\n").flatMap((line) => {
    if (!line.startsWith("\t")) section = line.trim();
    // `option httplog [ FE HTTP ]`, `bind <addr> ssl crt +1`
    const words = line.replace(/ \[ .*\]$/, "").match(/(?<=[\t ])[^\s<+][^\s*]*/g) ?? [];
    return line.startsWith("\t") ? [{ section, words }] : [];
  });
}

async function listOf(path: string): Promise<string> {
  const { path: folder, remove } = makeTemporaryFolder();
  try {
    const file = join(folder, "haproxy.cfg");
    await writeFile(file, DEFAULT_RESOLVERS);
    const child = spawn(path, ["-dKcfg", "-q", "-c", "-f", file], {
      env: {},
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
    return output;
  } finally {
    remove();
  }
}

// Every supported version of HAProxy on this machine, for tests that hold on each of them.
import process from "node:process";
import { type FindOptions, type Haproxy, haproxyPaths, queryHaproxy } from "../../src/haproxy/find.ts";

/** One a branch ("2.6", "3.0" …), oldest first. The system's is taken before one put into the checkout. */
export async function findAllHaproxies(options: Omit<FindOptions, "path"> = {}): Promise<readonly Haproxy[]> {
  const env = options.env ?? process.env;
  const named = env.PORTICO_HAPROXY ? [env.PORTICO_HAPROXY] : [];
  const paths = [...named, ...(await haproxyPaths(options))];
  const outcomes = await Promise.all(paths.map((path) => queryHaproxy(path, env)));
  const byBranch = new Map<string, Haproxy>();
  for (const { value } of outcomes)
    if (value !== undefined && !byBranch.has(value.branch)) byBranch.set(value.branch, value);
  return [...byBranch.values()].sort((a, b) =>
    a.version.localeCompare(b.version, undefined, { numeric: true }),
  );
}

/** The versions in the checkout: they include their libraries, and run in any image. */
export async function findInstalledHaproxies(): Promise<readonly Haproxy[]> {
  const paths = (await haproxyPaths()).filter((path) => path.includes("/.portico/"));
  const outcomes = await Promise.all(paths.map((path) => queryHaproxy(path, process.env)));
  return outcomes
    .flatMap(({ value }) => value ?? [])
    .sort((a, b) => a.version.localeCompare(b.version, undefined, { numeric: true }));
}

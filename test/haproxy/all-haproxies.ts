// Every supported version of HAProxy on this machine, for tests that hold on each of them.
import process from "node:process";
import {
  type Environment,
  type FindOptions,
  type Haproxy,
  haproxyPaths,
  queryHaproxy,
} from "../../src/haproxy/find.ts";

/** One a branch ("2.6", "3.0" …), oldest first. The system's is taken before one put into the checkout. */
export async function findAllHaproxies(options: Omit<FindOptions, "path"> = {}): Promise<readonly Haproxy[]> {
  const env = options.env ?? process.env;
  const named = env.PORTICO_HAPROXY ? [env.PORTICO_HAPROXY] : [];
  return suitable([...named, ...(await haproxyPaths(options))], env);
}

/** The versions in the checkout: they include their libraries, and run in any image. */
export async function findInstalledHaproxies(): Promise<readonly Haproxy[]> {
  return suitable((await haproxyPaths()).filter((path) => path.includes("/.portico/")));
}

async function suitable(paths: readonly string[], env?: Environment): Promise<readonly Haproxy[]> {
  const outcomes = await Promise.all(paths.map((path) => queryHaproxy(path, env)));
  const found = outcomes.flatMap(({ value }) => value ?? []);
  const byBranch = new Map(found.toReversed().map((haproxy) => [haproxy.branch, haproxy]));
  return [...byBranch.values()].sort((a, b) =>
    a.version.localeCompare(b.version, undefined, { numeric: true }),
  );
}

// `npm run test:rest`: the slow tests, and the tests that run on every version of HAProxy, which `npm test` runs on one version if the others
// are not installed.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import all from "./vitest.all.config.ts";

/** The call that finds every version (test/haproxy/all-haproxies.ts). */
const FINDS_ALL = /\bfindAllHaproxies\(/;

const runsOnAllVersions = new Map<string, boolean>();

/** Also if a file that it imports makes the call. */
function isOnAllVersions(file: string): boolean {
  const known = runsOnAllVersions.get(file);
  if (known !== undefined) return known;
  // Circular imports end here.
  runsOnAllVersions.set(file, false);
  const text = readFileSync(file, "utf8");
  const imported = [...text.matchAll(/ from "(\.[^"]+\.ts)"/g)].map(([, path = ""]) =>
    join(dirname(file), path),
  );
  const found =
    FINDS_ALL.test(text) ||
    imported.some((path) => path.startsWith("test") && existsSync(path) && isOnAllVersions(path));
  runsOnAllVersions.set(file, found);
  return found;
}

const include = globSync("test/**/*.test.ts").filter(
  (file) => file.endsWith(".slow.test.ts") || isOnAllVersions(file),
);

export default { ...all, test: { ...all.test, include } };

// Finds this machine's Debian mirror in its apt sources. Plain JavaScript for Node 18 and newer.
import { spawnSync } from "node:child_process";

const SUITE = "(?:bookworm|trixie|forky|sid|experimental|oldstable|stable|testing|unstable)";

/**
 * The mirror of Debian's archive and that of its security updates, as base addresses ("https://mirror.example/debian").
 * `$PORTICO_DEBIAN_MIRROR` replaces the archive. Each is undefined where apt has no such source (Ubuntu has no Debian source at all).
 * @returns {{ archive?: string, security?: string }}
 */
export function debianMirrors(env = process.env) {
  const { stdout } = spawnSync("apt-get", ["update", "--print-uris"], { encoding: "utf8" });
  const { archive, security } = mirrorsIn(stdout ?? "");
  return { archive: env.PORTICO_DEBIAN_MIRROR?.replace(/\/+$/, "") || archive, security };
}

/**
 * Reads the output of `apt-get update --print-uris`: a line `'ADDRESS/dists/SUITE/InRelease' FILE 0` for each source.
 * Repositories of other projects use Debian's suite names too, but have no `-updates`: an address that has both comes first.
 */
export function mirrorsIn(printedUris) {
  const baseOf = (suite) => new RegExp(`^'([^']+?)/+dists/${suite}/`, "m").exec(printedUris)?.[1];
  return { archive: baseOf(`${SUITE}-updates`) ?? baseOf(SUITE), security: baseOf(`${SUITE}-security`) };
}

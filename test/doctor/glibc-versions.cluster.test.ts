// The effect of each option of resolv.conf with newer glibcs: those installed by `npm run haproxy:versions`. Needs gcc.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testOptions } from "./fixtures/glibc-options.ts";

const OLDEST = 36;
const versions = join(import.meta.dirname, "../../.portico/haproxy");
const [triplet, loaderName] =
  process.arch === "arm64"
    ? ["aarch64-linux-gnu", "ld-linux-aarch64.so.1"]
    : ["x86_64-linux-gnu", "ld-linux-x86-64.so.2"];
const libraries = (existsSync(versions) ? readdirSync(versions) : [])
  .map((version) => join(versions, version, "root/usr/lib", triplet))
  .filter((library) => existsSync(join(library, loaderName)))
  .map((library) => ({
    library,
    loader: join(library, loaderName),
    minor: minorOf(join(library, loaderName)),
  }));
const folder = mkdtempSync(join(tmpdir(), "portico-glibc-"));
const getent = join(folder, "getent");

beforeAll(() => void execFileSync("gcc", ["-o", getent, join(import.meta.dirname, "fixtures/getent.c")]));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("glibcs newer than 2.36 are installed", () => {
  expect(libraries.filter(({ minor }) => minor > OLDEST)).not.toEqual([]);
});

for (const { library, loader, minor } of libraries)
  testOptions(`2.${minor}`, () => [loader, "--library-path", library, getent]);

/** The loader's own output: `ld.so (Debian GLIBC 2.41-12) stable release version 2.41.` */
function minorOf(loader: string): number {
  return Number(/version 2\.(\d+)/.exec(execFileSync(loader, ["--version"], { encoding: "utf8" }))?.[1]);
}

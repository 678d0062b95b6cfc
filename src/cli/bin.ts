#!/usr/bin/env node
// The package's `portico`: refuses an unsupported Node in one line, before it imports what such a Node cannot load.
import { readFileSync } from "node:fs";
import process from "node:process";

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly engines: { readonly node: string };
};
const [oldestMajor = 0, oldestMinor = 0] = numbersIn(engines.node);
const [major = 0, minor = 0] = numbersIn(process.versions.node);

if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) {
  await import("./main.ts");
} else {
  process.stderr.write(
    `portico: needs Node ${oldestMajor}.${oldestMinor} or newer; this is Node ${process.versions.node}\n`,
  );
  process.exitCode = 2;
}

/** The numbers of a version or of a range with one bound: ">=22.18" is 22 and 18. */
function numbersIn(version: string): readonly number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}

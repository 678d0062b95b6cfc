// The environment of a HAProxy that reads an untrusted configuration: only what starting it requires.
import type { Environment } from "./find.ts";

const NEEDED: readonly string[] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

export function plainEnvironment(own: Environment): Environment {
  return Object.fromEntries(NEEDED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
}

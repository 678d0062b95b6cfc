// The environment of a HAProxy that reads somebody else's configuration: what starting it takes, and no value of ours.
import type { Environment } from "./find.ts";

const NEEDED: readonly string[] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

export function plainEnvironment(own: Environment): Environment {
  return Object.fromEntries(NEEDED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
}

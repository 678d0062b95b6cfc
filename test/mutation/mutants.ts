// Every mutant of some rendered layers.
import type { EmittedFile } from "../../src/emit/file.ts";
import { haproxyMutants } from "./haproxy-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { dockerfileMutants, mapMutants, terraformMutants } from "./text-mutants.ts";
import { yamlMutants } from "./yaml-mutants.ts";

/** In the order of files and lines. */
export function mutantsOf(files: readonly EmittedFile[]): readonly Mutant[] {
  return files.flatMap((file) => {
    if (file.path.endsWith("haproxy.cfg")) return haproxyMutants(file);
    if (/\.ya?ml$/.test(file.path)) return yamlMutants(file);
    if (file.path.endsWith(".tf")) return terraformMutants(file);
    if (file.path.endsWith(".map")) return mapMutants(file);
    return file.path.endsWith("Dockerfile") ? dockerfileMutants(file) : [];
  });
}

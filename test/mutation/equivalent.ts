// Mutants that alter nothing, or nothing that a request, a rollout or an operator of the edge could notice, each with the reason.
import type { Mutant } from "./mutant.ts";

interface Equivalence {
  readonly file: RegExp;
  /** Of the line as it was. */
  readonly line: RegExp;
  readonly because: string;
}

const EQUIVALENCES: readonly Equivalence[] = [
  {
    file: /^kubernetes\//,
    line: /^namespace: /,
    because: "kustomization.yaml sets the namespace of every object, whatever each says",
  },
];

export function equivalenceOf({ file, text }: Mutant): Equivalence | undefined {
  return EQUIVALENCES.find((one) => one.file.test(file) && one.line.test(text));
}

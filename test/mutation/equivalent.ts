// Equivalent mutants: no effect on a request, a rollout or an operator of the edge, each with the reason.
import type { Mutant } from "./mutant.ts";

interface Equivalence {
  readonly file: RegExp;
  /** Part of the original line. */
  readonly line: RegExp;
  /** Only this value of it. */
  readonly before?: string;
  readonly because: string;
}

const EQUIVALENCES: readonly Equivalence[] = [
  {
    file: /haproxy\.cfg$/,
    line: /^frontend (stats|probes|load-balancer-check) /,
    because: "nothing refers to these frontends, and their requests are not logged",
  },
  {
    file: /haproxy\.cfg$/,
    line: /strcmp\(txn\.route\) lt 0/,
    before: "0",
    because: "a rank with a name after it is never equal to another route, so that `lt 1` is `lt 0`",
  },
  {
    file: /^kubernetes\//,
    line: /^namespace: /,
    because: "kustomization.yaml sets the namespace of every object, whatever its own",
  },
  {
    file: /serviceaccount\.yaml$/,
    line: /^automountServiceAccountToken: /,
    because:
      "the pod has the same setting for its own token, and takes precedence (Kubernetes, Configure Service Accounts for Pods)",
  },
  {
    file: /(deployment|daemonset)\.yaml$/,
    line: /^readOnly: true/,
    because: "ConfigMaps and Secrets are mounted read-only, whatever the mount says (Kubernetes, ConfigMaps)",
  },
  {
    file: /^cloud\//,
    line: /^"portico:\w+"\s*=/,
    because: "tags of the account: they have no effect in AWS",
  },
  {
    file: /^cloud\/main\.tf$/,
    line: /^policy_name\s*=/,
    because: "a policy's own name: all references use the resource",
  },
];

export function equivalenceOf({ file, text, before }: Mutant): Equivalence | undefined {
  return EQUIVALENCES.find(
    (one) =>
      one.file.test(file) && one.line.test(text) && (one.before === undefined || one.before === before),
  );
}

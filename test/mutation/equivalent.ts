// Equivalent mutants: no effect on a request, a rollout or an operator of the edge, each with the reason.
import type { EmittedFile } from "../../src/emit/file.ts";
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
    file: /haproxy\.cfg$/,
    line: /^http-request set-path %\[path,bytes\(\d+\)\] if .*path -m len gt 1/,
    before: "1",
    because: "a longer path begins with the prefix that is cut, and a slash",
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

export function isEquivalent(mutant: Mutant, files: readonly EmittedFile[]): boolean {
  const { file, text, before } = mutant;
  return (
    EQUIVALENCES.some(
      (one) =>
        one.file.test(file) && one.line.test(text) && (one.before === undefined || one.before === before),
    ) || isLastRank(mutant, files)
  );
}

/** The rank of a route that a path finds, where all that may replace it have lower ranks: behind them it may be any. */
function isLastRank({ file, text, before }: Mutant, files: readonly EmittedFile[]): boolean {
  const [key = "", rank = "", , , conditions] = text.split(/\s+/);
  if (!file.endsWith("paths.map") || before !== rank) return false;
  return files
    .flatMap(({ path, content }) => {
      if (path.endsWith("haproxy.cfg")) return comparedRanks(content, `${key.replace(/\/$/, "")}/`);
      return /\/by-[^/]*\.map$/.test(path) && conditions !== undefined ? ranksOf(content, conditions) : [];
    })
    .every((other) => other < rank);
}

function ranksOf(map: string, start: string): readonly string[] {
  return map.split("\n").flatMap((line) => (line.startsWith(start) ? (line.split(/\s+/)[1] ?? []) : []));
}

/** Of rules that may run for requests with the site and path. */
function comparedRanks(config: string, key: string): readonly string[] {
  return config.split("\n").flatMap((line) => {
    const [, rank] = /\{ str\((\d+)\),strcmp\(txn\.route\) lt 0 \}/.exec(line) ?? [];
    const [, start = ""] = /\{ var\(txn\.key\) -m beg (\S+) \}/.exec(line) ?? [];
    const isElsewhere = !start.startsWith(key) && !key.startsWith(start);
    return rank === undefined || isElsewhere ? [] : rank;
  });
}

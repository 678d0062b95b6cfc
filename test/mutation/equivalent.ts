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

/** Of layers that are written by hand: nothing in the files contradicts the other value. */
const HAND_WRITTEN: readonly Equivalence[] = [
  { file: /\.cfg$/, line: /^(frontend|server) /, because: "nothing refers to the name" },
  {
    file: /\.cfg$/,
    line: /^(maxconn|accepted_payload_size|timeout (client|server|connect|http-keep-alive)) /,
    because: "another valid limit: no other layer depends on it",
  },
  { file: /\.cfg$/, line: /^default-server check/, before: "check", because: "each backend has one server" },
  {
    file: /\.cfg$/,
    line: /^http-request return status/,
    because: "probes pass with every 2xx status and fail with every 5xx status",
  },
  {
    file: /\.yaml$/,
    line: /^(replicas|terminationGracePeriodSeconds|spec: \{ maxUnavailable):? /,
    because: "another valid number, which is sufficient too",
  },
  { file: /\.yaml$/, line: /^metadata: \{ name: |^name: edge$/, because: "nothing refers to the name" },
  { file: /\.yaml$/, line: /^- name: haproxy$/, because: "nothing refers to the name of the container" },
  {
    file: /\.yaml$/,
    line: /name: (http|api)\b/,
    before: "http",
    because: "nothing refers to the name of the port",
  },
  {
    file: /\.yaml$/,
    line: /containers: \[\{ name: api/,
    before: "api",
    because: "nothing refers to the name of the container",
  },
  { file: /\.ya?ml$/, line: /image: /, because: "only the registry knows its tags" },
  { file: /\.yaml$/, line: /^readinessProbe: /, before: "/", because: "HAProxy answers every path there" },
  {
    file: /\.yaml$/,
    line: /^securityContext: /,
    before: "true",
    because: "the user is not root",
  },
  { file: /\.yaml$/, line: /^securityContext: /, before: "99", because: "no file belongs to the user" },
  {
    file: /\.yaml$/,
    line: /type: NodePort/,
    before: "443",
    because: "the load balancer uses the node port, and no client the Service's own port",
  },
  {
    file: /\.tf$/,
    line: /^(name|subnets|vpc_id|certificate_arn|autoscaling_group_name)\s*=/,
    because: "only the account knows what it names",
  },
  { file: /\.tf$/, line: /^preserve_client_ip/, because: "the nodes replace the client address" },
  {
    file: /^ingress\.yaml$/,
    line: /certificate-arn|healthcheck-path/,
    because: "only the account and the application know it",
  },
  { file: /^compose\.yaml$/, line: /^build: /, because: "the folder of the other service is not here" },
];

/** With the reasons above: these layers have no plan to compare with. */
export function isEquivalentByHand(mutant: Mutant): boolean {
  return isListed(HAND_WRITTEN, mutant);
}

export function isEquivalent(mutant: Mutant, files: readonly EmittedFile[]): boolean {
  return isListed(EQUIVALENCES, mutant) || isLastRank(mutant, files);
}

function isListed(list: typeof EQUIVALENCES, { file, text, before }: Mutant): boolean {
  return list.some(
    (one) =>
      one.file.test(file) && one.line.test(text) && (one.before === undefined || one.before === before),
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

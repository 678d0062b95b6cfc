// The fixes for a cause, by what they apply to: the edge's pods, clients' pods, images, nodes, the name server.
import type { Cause, CauseCode } from "./causes.ts";
import type { Measured } from "./measured.ts";

export interface Fix {
  readonly of: CauseCode;
  readonly whose: Whose;
  /** Where it works, and what remains: `glibc 2.36 and newer`. */
  readonly where: string;
  /** Exact text to write; the first line is a comment that names the file. */
  readonly lines: readonly string[];
}

export type Whose = "the edge's pods" | "clients' pods" | "clients' images" | "nodes" | "the cluster's DNS";

type Lines = readonly (readonly [whose: Whose, where: string, lines: readonly string[]])[];

const NODES =
  "pods with dnsPolicy Default or hostNetwork, and Docker's containers; ClusterFirst takes no options from the node";

/** In the order of causes; numbers are those of docs/concepts/names.md. */
export function fixesOf(causes: readonly Cause[], { libc, resolvConf }: Measured): readonly Fix[] {
  const codes = [...new Set(causes.map(({ code }) => code))];
  const servers = resolvConf.nameServers.filter((server) =>
    causes.every((cause) => cause.code !== "dns-server-unresponsive" || cause.server !== server),
  );
  return codes.flatMap((of) =>
    ordered(FIXES[of], libc.name).map(([whose, where, lines]) => ({
      of,
      whose,
      where,
      lines: lines.map((line) => line.replace("NAME_SERVER", servers[0] ?? "ADDRESS")),
    })),
  );
}

/** Fixes for the measured C library come first within each kind. */
function ordered(lines: Lines, libc: Measured["libc"]["name"]): Lines {
  const suits = (where: string) => (where.startsWith(libc) ? 0 : 1);
  const kinds = [...new Set(lines.map(([whose]) => whose))];
  return [...lines].sort(
    (one, other) => kinds.indexOf(one[0]) - kinds.indexOf(other[0]) || suits(one[1]) - suits(other[1]),
  );
}

const GLIBC = "ndots:1, no-aaaa";
const OLD_GLIBC = "ndots:1, single-request-reopen";
const MUSL = "ndots:1, attempts:10";
const portico = (options: string) => ["# portico.yaml", `dns: { options: [${options}] }`];
/** Described options replace the default, so all of them are shown, as in src/plan/dns.ts. */
const byDefault = (options: string) => [
  "# portico.yaml: already Portico's default, nothing to write:",
  `dns: { options: [${options}] }`,
];
const ONE_QUERY: Lines = [
  ["the edge's pods", "glibc 2.36 and newer", byDefault(GLIBC)],
  ["the edge's pods", "glibc before 2.36", byDefault(OLD_GLIBC)],
  ["the edge's pods", "musl", byDefault(MUSL)],
];
const pod = (...options: readonly string[]) => [
  "# pod spec",
  "dnsConfig:",
  "  options:",
  ...options.map((option) => {
    const [name, value] = option.split(":");
    return value === undefined ? `    - { name: ${name} }` : `    - { name: ${name}, value: "${value}" }`;
  }),
];
const image = (options: string) => ["# Dockerfile", `ENV RES_OPTIONS="${options}"`];
/** The node's own name servers stay as they are; pods cannot reach systemd-resolved's stub on 127.0.0.53. */
const node = (options: string) => [
  "#cloud-config",
  "runcmd:",
  "  - mkdir -p /etc/kubernetes",
  "  - cat $(ls /run/systemd/resolve/resolv.conf /etc/resolv.conf 2>/dev/null | head -n 1) >/etc/kubernetes/resolv.conf",
  `  - echo options ${options} >>/etc/kubernetes/resolv.conf`,
  "# and the kubelet: --resolv-conf=/etc/kubernetes/resolv.conf",
  `# and Docker's daemon.json: { "dns-opts": [${options
    .split(" ")
    .map((option) => `"${option}"`)
    .join(", ")}] }`,
];
const NO_AAAA = ["# Corefile, in the server block", "template ANY AAAA {", "    rcode NOERROR", "}"];
const NODE_CACHE = ["# a cache on every node: kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/"];

const FIXES: Readonly<Record<CauseCode, Lines>> = {
  "dns-race": [
    ["the edge's pods", "glibc 2.36 and newer", byDefault(GLIBC)],
    ["the edge's pods", "glibc before 2.36", byDefault(OLD_GLIBC)],
    ["the edge's pods", "musl: 0.5 s instead of 2.5 s", byDefault(MUSL)],
    ["clients' pods", "glibc, any version; IPv6 keeps working", pod("single-request-reopen")],
    ["clients' pods", "musl: 0.5 s instead of 2.5 s", pod("attempts:10")],
    ["clients' images", "glibc", image("single-request-reopen")],
    [
      "clients' images",
      "musl: no option fixes it; a base image with glibc",
      ["# Dockerfile", "FROM debian:trixie-slim"],
    ],
    ["nodes", NODES, node("single-request-reopen")],
  ],
  "dns-aaaa-unanswered": [
    ["the edge's pods", "glibc 2.36 and newer", byDefault(GLIBC)],
    [
      "the edge's pods",
      "glibc before 2.36: 1 s instead of 15 s",
      portico("ndots:1, single-request-reopen, timeout:1"),
    ],
    [
      "the edge's pods",
      "musl: no option fixes it; a base image with glibc",
      ["# portico.yaml", "image: { base: debian }"],
    ],
    ["clients' pods", "glibc 2.36 and newer; nothing is reached over IPv6", pod("no-aaaa")],
    ["clients' pods", "glibc before 2.36: 1 s instead of 15 s", pod("single-request-reopen", "timeout:1")],
    ["clients' images", "glibc 2.36 and newer", image("no-aaaa")],
    [
      "clients' images",
      "musl: no option fixes it; a base image with glibc",
      ["# Dockerfile", "FROM debian:trixie-slim"],
    ],
    ["nodes", NODES, node("no-aaaa")],
    ["the cluster's DNS", "every C library, musl too: AAAA gets an empty answer", NO_AAAA],
  ],
  "dns-search-list": [
    ...ONE_QUERY,
    [
      "clients' pods",
      "glibc and musl, for complete names; musl then finds no name with a dot by its search list",
      pod("ndots:1"),
    ],
    ["clients' images", "glibc", image("ndots:1")],
  ],
  "dns-server-slow": [
    ...ONE_QUERY,
    ["clients' pods", "glibc and musl: one query per name", pod("ndots:1")],
    ["the cluster's DNS", "every C library", NODE_CACHE],
  ],
  "dns-server-lossy": [
    [
      "the edge's pods",
      "glibc: a lost packet costs 1 s instead of 5 s",
      portico("ndots:1, no-aaaa, timeout:1, attempts:4"),
    ],
    ["the edge's pods", "musl: a lost packet costs 0.5 s instead of 2.5 s", byDefault(MUSL)],
    ["clients' pods", "glibc: a lost packet costs 1 s instead of 5 s", pod("timeout:1", "attempts:4")],
    ["clients' pods", "musl: a lost packet costs 0.5 s instead of 2.5 s", pod("attempts:10")],
    ["clients' images", "glibc", image("timeout:1 attempts:4")],
    ["nodes", NODES, node("timeout:1 attempts:4")],
    ["the cluster's DNS", "every C library", NODE_CACHE],
  ],
  "dns-server-unresponsive": [
    [
      "the edge's pods",
      "HAProxy and the C library",
      ["# portico.yaml", "dns: { nameServers: [NAME_SERVER] }"],
    ],
    [
      "clients' pods",
      "every C library",
      ["# pod spec", "dnsPolicy: None", "dnsConfig:", "  nameservers: [NAME_SERVER]"],
    ],
    ["nodes", NODES, node("timeout:1 attempts:2")],
  ],
  // No configuration helps: a firewall blocks it, or the cause is unknown.
  "dns-tcp-unanswered": [],
  "dns-slow-unexplained": [],
};

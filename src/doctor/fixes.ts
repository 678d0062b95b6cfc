// What takes a cause away, by whose look-ups it is: the edge's pods, callers' pods, images, nodes, the name server.
import type { Cause, CauseCode } from "./causes.ts";
import type { Measured } from "./measured.ts";

export interface Fix {
  readonly of: CauseCode;
  readonly whose: Whose;
  /** Where it helps, and what is left: `glibc 2.36 and newer`. */
  readonly where: string;
  /** To be written as they are; where it is written is the comment in the first one. */
  readonly lines: readonly string[];
}

export type Whose = "the edge's pods" | "callers' pods" | "callers' images" | "nodes" | "the cluster's DNS";

type Lines = readonly (readonly [whose: Whose, where: string, lines: readonly string[]])[];

const NODES =
  "pods with dnsPolicy Default or hostNetwork, and Docker's containers; ClusterFirst takes no options from the node";

/** In the order of causes; figures are those of docs/concepts/names.md. */
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

/** What suits the library that was measured comes first within each kind. */
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
/** Whoever describes options replaces the default: so the whole of it is said, as it is in src/plan/dns.ts. */
const byDefault = (options: string) => [
  "# portico.yaml: Portico's default already, nothing to write; it is",
  `dns: { options: [${options}] }`,
];
const oneQuestion: Lines = [
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
/** The node's own name servers stay what they are; systemd-resolved's stub on 127.0.0.53 is out of a pod's reach. */
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
const noAaaa = ["# Corefile, in the server block", "template ANY AAAA {", "    rcode NOERROR", "}"];
const nearCache = ["# a cache on every node: kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/"];

const FIXES: Readonly<Record<CauseCode, Lines>> = {
  "dns-race": [
    ["the edge's pods", "glibc 2.36 and newer", byDefault(GLIBC)],
    ["the edge's pods", "glibc before 2.36", byDefault(OLD_GLIBC)],
    ["the edge's pods", "musl: 0.5 s instead of 2.5 s", byDefault(MUSL)],
    ["callers' pods", "glibc, any version; IPv6 goes on working", pod("single-request-reopen")],
    ["callers' pods", "musl: 0.5 s instead of 2.5 s", pod("attempts:10")],
    ["callers' images", "glibc", image("single-request-reopen")],
    [
      "callers' images",
      "musl: no option cures it; a base with glibc",
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
      "musl: no option cures it; a base with glibc",
      ["# portico.yaml", "image: { base: debian }"],
    ],
    ["callers' pods", "glibc 2.36 and newer; nothing is reached over IPv6", pod("no-aaaa")],
    ["callers' pods", "glibc before 2.36: 1 s instead of 15 s", pod("single-request-reopen", "timeout:1")],
    ["callers' images", "glibc 2.36 and newer", image("no-aaaa")],
    [
      "callers' images",
      "musl: no option cures it; a base with glibc",
      ["# Dockerfile", "FROM debian:trixie-slim"],
    ],
    ["nodes", NODES, node("no-aaaa")],
    ["the cluster's DNS", "every C library, musl too: AAAA is answered, and empty", noAaaa],
  ],
  "dns-search-list": [
    ...oneQuestion,
    [
      "callers' pods",
      "glibc and musl, for names written whole; musl then finds no name with a dot by its search list",
      pod("ndots:1"),
    ],
    ["callers' images", "glibc", image("ndots:1")],
  ],
  "dns-server-slow": [
    ...oneQuestion,
    ["callers' pods", "glibc and musl: one question a name", pod("ndots:1")],
    ["the cluster's DNS", "every C library", nearCache],
  ],
  "dns-server-lossy": [
    [
      "the edge's pods",
      "glibc: a lost packet costs 1 s instead of 5 s",
      portico("ndots:1, no-aaaa, timeout:1, attempts:4"),
    ],
    ["the edge's pods", "musl: a lost packet costs 0.5 s instead of 2.5 s", byDefault(MUSL)],
    ["callers' pods", "glibc: a lost packet costs 1 s instead of 5 s", pod("timeout:1", "attempts:4")],
    ["callers' pods", "musl: a lost packet costs 0.5 s instead of 2.5 s", pod("attempts:10")],
    ["callers' images", "glibc", image("timeout:1 attempts:4")],
    ["nodes", NODES, node("timeout:1 attempts:4")],
    ["the cluster's DNS", "every C library", nearCache],
  ],
  "dns-server-unresponsive": [
    [
      "the edge's pods",
      "HAProxy and the C library",
      ["# portico.yaml", "dns: { nameServers: [NAME_SERVER] }"],
    ],
    [
      "callers' pods",
      "every C library",
      ["# pod spec", "dnsPolicy: None", "dnsConfig:", "  nameservers: [NAME_SERVER]"],
    ],
    ["nodes", NODES, node("timeout:1 attempts:2")],
  ],
  // No line of a configuration: what is in the way is a firewall, or not known.
  "dns-tcp-unanswered": [],
  "dns-slow-unexplained": [],
};

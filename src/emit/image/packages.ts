// Names of packages in each base, and the path of its HAProxy.
import type { ImageBase, ImagePlan } from "../../plan/image-plan.ts";

export interface Distribution {
  readonly installer: "apt" | "apk";
  /** HAProxy's executable, in full: it executes itself again by this name on a reload. */
  readonly haproxy: string;
  /** HAProxy and the CAs, where the base does not have them already. */
  readonly packages: readonly string[];
  /** Additional packages for an rsyslogd: start-edge's shell, and logger of util-linux. */
  readonly rsyslog: readonly string[];
}

export const DISTRIBUTIONS: Readonly<Record<ImageBase, Distribution>> = {
  debian: apt(["ca-certificates", "haproxy"], "/usr/sbin/haproxy"),
  ubuntu: apt(["ca-certificates", "haproxy"], "/usr/sbin/haproxy"),
  official: apt([], "/usr/local/sbin/haproxy"),
  minimal: apt(["ca-certificates", "haproxy"], "/usr/sbin/haproxy"),
  alpine: {
    installer: "apk",
    haproxy: "/usr/sbin/haproxy",
    packages: ["ca-certificates", "haproxy"],
    rsyslog: ["bash", "logger", "rsyslog"],
  },
};

/** Every package to install, each once, in order. */
export function packagesOf({ base, tools, logs }: ImagePlan): readonly string[] {
  const { installer, packages, rsyslog } = DISTRIBUTIONS[base.value];
  const named = installer === "apk" ? tools.map((tool) => ALPINE_NAMES[tool] ?? tool) : tools;
  return [...new Set([...packages, ...(logs.value === "rsyslog" ? rsyslog : []), ...named])].sort();
}

/** Tools are described by their Debian names; Alpine has other names for these. */
const ALPINE_NAMES: Readonly<Record<string, string>> = {
  "bind9-dnsutils": "bind-tools",
  "bind9-host": "bind-tools",
  dnsutils: "bind-tools",
  "inetutils-telnet": "busybox-extras",
  "iputils-ping": "iputils",
  "netcat-traditional": "netcat-openbsd",
  procps: "procps-ng",
  telnet: "busybox-extras",
};

function apt(packages: readonly string[], haproxy: string): Distribution {
  // bash and logger are essential packages in Debian and its derivatives.
  return { installer: "apt", haproxy, packages, rsyslog: ["rsyslog"] };
}

// Lowering of the image: its base, and the settings that depend on it.
import { DEFAULTS } from "../description/defaults.ts";
import { chosen, decide, follows } from "./described.ts";
import type { ImageBase, ImagePlan } from "./image-plan.ts";
import type { Lowering } from "./lowering.ts";

const CONFIG_FOLDER = "/etc/haproxy";
/** Below the folder of haproxy.cfg, where Secrets and CAs are mounted. */
export const CERTIFICATE_FOLDER = `${CONFIG_FOLDER}/certificates`;
const RUN_FOLDER = "/run/haproxy";

interface Base {
  readonly from: string;
  readonly because: string;
  readonly libc: ImagePlan["libc"];
}

/** Distributions as of 2026, all supported, with the C library that resolves names. */
const BASES: Readonly<Record<ImageBase, Base>> = {
  debian: {
    from: "debian:trixie-slim",
    because: "Debian stable, with HAProxy 3.0 and security updates",
    libc: { name: "glibc", version: "2.41" },
  },
  ubuntu: {
    from: "ubuntu:24.04",
    because: "Ubuntu LTS, supported until 2029, with HAProxy 2.8",
    libc: { name: "glibc", version: "2.39" },
  },
  official: {
    from: "haproxy:3.2",
    because: "Docker's official image, with HAProxy's LTS release",
    libc: { name: "glibc", version: "2.41" },
  },
  minimal: {
    from: "debian:trixie-slim",
    because: "Debian's HAProxy 3.0 only: no shell, no package manager",
    libc: { name: "glibc", version: "2.41" },
  },
  alpine: {
    from: "alpine:3.22",
    because: "a small image; musl reads few options of resolv.conf",
    libc: { name: "musl", version: "1.2.5" },
  },
};

export function lowerImage({ edge, described, report }: Lowering): ImagePlan {
  const { image } = edge;
  const name = image?.base ?? DEFAULTS.image.base;
  const base = BASES[name];
  const tools = image?.tools ?? [];
  if (name === "minimal" && (tools.length > 0 || image?.logs === "rsyslog"))
    report({
      code: "minimal-image-without-tools",
      what: tools.length > 0 ? "the minimal image cannot contain tools" : "the minimal image has no rsyslogd",
      why: "It contains only HAProxy and its libraries: no shell and no package manager.",
      remedy:
        tools.length > 0
          ? "Write `base: debian`, or remove `tools`: `kubectl debug` attaches a container with tools to a running pod."
          : "Write `base: debian`, or remove `logs`: HAProxy then writes its log to stdout.",
      path: ["image", tools.length > 0 ? "tools" : "logs"],
      key: true,
    });
  const own = described.get("image");
  return {
    base: decide(own.get("base"), name, "long support, security updates, and a shell for debugging"),
    from: follows(
      own.get("baseDigest").or(own.get("base")),
      image?.baseDigest === undefined ? base.from : `${base.from}@${image.baseDigest}`,
      base.because,
    ),
    revision: image?.revision ?? null,
    libc: base.libc,
    repository: decide(
      own.get("repository"),
      `${edge.edge}-edge`,
      "the edge's name with -edge; add your registry",
    ),
    tools,
    logs: decide(own.get("logs"), DEFAULTS.image.logs, "no second process in the container"),
    config: decide(own.get("config"), DEFAULTS.image.config, "route changes need no new image"),
    configFolder: CONFIG_FOLDER,
    runFolder: RUN_FOLDER,
    user: chosen(99, "the user of HAProxy's official image; owns no node files"),
  };
}

// The image in the plan: what HAProxy's container is built from, and what is in it.
import type { Decided } from "./plan.ts";

export type ImageBase = "debian" | "ubuntu" | "official" | "minimal" | "alpine";

export interface ImagePlan {
  readonly base: Decided<ImageBase>;
  /** What `FROM` names: `debian:trixie-slim`, with the base's digest where it is described. */
  readonly from: Decided<string>;
  /** `image.revision`: distinguishes images of the same files; null: none. */
  readonly revision: string | null;
  /** The C library and its version, which decide what resolv.conf's options do in the container. */
  readonly libc: { readonly name: "glibc" | "musl"; readonly version: string };
  /** Name without tag: `registry.example.com/app-edge`; the tag follows from the content. */
  readonly repository: Decided<string>;
  /** Debian's (or Alpine's) package names of debugging tools. */
  readonly tools: readonly string[];
  /** What receives HAProxy's log: stdout of the container, or an rsyslogd in the container that writes to stdout. */
  readonly logs: Decided<"stdout" | "rsyslog">;
  /** Where haproxy.cfg and its maps come from. */
  readonly config: Decided<"configMap" | "image">;
  /** Folder of haproxy.cfg in the container. */
  readonly configFolder: string;
  /** Folder for sockets, the only one that is written to. */
  readonly runFolder: string;
  /** User and group, by number. */
  readonly user: Decided<number>;
}

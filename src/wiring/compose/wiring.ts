// What Portico reads of a Compose file: services with their networks, names, ports and mounts (compose-spec, 05-services.md).
import type { Position } from "../../findings/finding.ts";
import type { Workload } from "../wiring.ts";
import type { Written } from "../written.ts";
import type { ComposeFault } from "./faults.ts";

export interface ComposeProject {
  readonly file: string;
  /** Each as a workload whose `compose` is set. */
  readonly services: readonly Workload[];
  /** Names of services in other Compose files of the folder, which may be in the same project. */
  readonly others: ReadonlySet<string>;
  /** Whether other files may define services of the project: with `include`, or if Compose reads this file only with `-f`. */
  readonly open: boolean;
  /** Why `docker compose` refuses the file. */
  readonly faults: readonly ComposeFault[];
}

export interface ComposeService {
  readonly name: string;
  readonly project: ComposeProject;
  /** `host`, `none`, `service:NAME`, `container:NAME`; undefined: the service has networks. */
  readonly networkMode?: string | undefined;
  readonly networks: readonly ComposeNetwork[];
  /** Names that only this service resolves: `extra_hosts`, and aliases of `links`. */
  readonly hosts: ReadonlySet<string>;
  /** Ports of the container in `expose` and `ports`. */
  readonly listed: readonly Written<number>[];
  /** Whether it has `expose`. */
  readonly exposes: boolean;
  /** The path of the Dockerfile it is built from. */
  readonly dockerfile?: string | undefined;
  readonly at: Position;
}

export interface ComposeNetwork {
  readonly name: string;
  /** Containers of other projects may be on it. */
  readonly external: boolean;
  /** The names under which other services on the network reach it, in lower case. */
  readonly names: ReadonlySet<string>;
}

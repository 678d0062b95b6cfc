// Logs that go to a socket in the container, and the daemon of the image that reads it.
import type { LogTarget } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import type { Written } from "../../wiring/written.ts";

export interface SocketLog {
  readonly layer: HaproxyLayer;
  readonly path: string;
  readonly logs: readonly LogTarget[];
  /** The package that reads it; undefined: none is installed, as far as the files show. */
  readonly daemon?: Written<string> | undefined;
}

const DAEMONS = ["rsyslog", "syslog-ng", "syslog-ng-core", "inetutils-syslogd", "busybox-syslogd"];

export function socketLogs(wiring: Wiring): readonly SocketLog[] {
  return wiring.haproxies.flatMap((layer) => {
    const paths = Map.groupBy(
      layer.wiring.logs.filter(({ address }) => address?.kind === "path"),
      ({ address }) => address?.path ?? "",
    );
    return (
      [...paths]
        // A socket of the node, or of another container of the pod: it has a reader.
        .filter(([path]) => !layer.runBy?.container.mounts.some((mount) => path.startsWith(mount.path)))
        .map(([path, logs]) => ({
          layer,
          path,
          logs,
          daemon: layer.image?.packages.find(({ value }) => DAEMONS.includes(value)),
        }))
    );
  });
}

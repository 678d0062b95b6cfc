// Servers whose address has an environment variable that nothing sets. Without a host HAProxy connects to its own pod, without a port to the port that the client connected to.
import { unsetIn } from "../../wiring/haproxy/unset-variables.ts";
import type { ServerPath } from "../../wiring/server-path.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { haproxyProcesses } from "./container/process.ts";
import { isUnset } from "./variables.ts";

/** For the lab, which connects them to nothing. The finding is `variable-not-set`. */
export function incompleteServers(wiring: Wiring): readonly ServerPath[] {
  return haproxyProcesses(wiring).flatMap((process) =>
    process.haproxies.flatMap((haproxy) =>
      haproxy.wiring.proxies.flatMap((proxy) =>
        proxy.servers.flatMap((server): readonly ServerPath[] => {
          const { token, at } = server.address;
          const name = unsetIn(haproxy.config, server.line, {}).find(
            (one) => new RegExp(`\\$\\{?${one}\\b`).test(token.value) && isUnset(wiring, process, one),
          );
          if (name === undefined) return [];
          const because = `nothing sets the environment variable ${name} in its address`;
          return [
            {
              haproxy,
              proxy,
              server,
              brokenAt: { fault: "incomplete-address", effect: "refused", because, at },
            },
          ];
        }),
      ),
    ),
  );
}

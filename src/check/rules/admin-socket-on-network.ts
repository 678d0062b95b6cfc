// admin-socket-on-network: Runtime API of HAProxy on a network port.
import { tokenPosition } from "../../wiring/haproxy/config.ts";
import { isLocal } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const adminSocketOnNetwork: Rule = {
  code: "admin-socket-on-network",
  severity: "error",
  check: (wiring) =>
    wiring.haproxies.flatMap(({ wiring: { binds }, config }) =>
      binds
        .filter(({ kind, address }) => kind === "stats" && !isLocal(address) && address.kind !== "variable")
        .map(({ address, level }) => ({
          what: `the Runtime API listens on \`${address.text}\`${level === "admin" ? " with level admin" : ""}`,
          why:
            level === "admin"
              ? "It has no password: any client that reaches the port can disable servers, change their addresses, maps and certificates. In a cluster, every pod reaches it."
              : "It has no password: any client that reaches the port can read sessions, tables and addresses, and can run the commands of its level.",
          remedy:
            "Write a UNIX socket, `stats socket /run/haproxy/admin.sock mode 600 level admin`, or bind 127.0.0.1.",
          at: [tokenPosition(config, address.token)],
        })),
    ),
};

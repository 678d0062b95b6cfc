// admin-socket-on-network: HAProxy's Runtime API takes orders from whoever reaches a TCP port.
import { tokenPosition } from "../../wiring/haproxy/config.ts";
import { isLocal } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const adminSocketOnNetwork: LayerRule = {
  code: "admin-socket-on-network",
  severity: "error",
  about: "a Runtime API that the network reaches",
  check: (wiring) =>
    wiring.haproxies.flatMap(({ wiring: { binds }, config }) =>
      binds
        .filter(({ kind, address }) => kind === "stats" && !isLocal(address) && address.kind !== "variable")
        .map(({ address, level }) => ({
          what: `the Runtime API listens on \`${address.text}\`${level === "admin" ? " with level admin" : ""}`,
          why:
            level === "admin"
              ? "It knows no password: whoever reaches the port takes servers out, changes their addresses and the maps, and reads the certificates' names. In a cluster every pod reaches it."
              : "It knows no password: whoever reaches the port reads sessions, tables and addresses, and closes what its level lets it.",
          remedy:
            "Write a path, `stats socket /run/haproxy/admin.sock mode 600 level admin`, or bind 127.0.0.1.",
          at: [tokenPosition(config, address.token)],
        })),
    ),
};

// container-port-without-bind: a pod names a port at which HAProxy does not listen.
import { listensAt, portsKnown } from "../layers/checked-port.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const containerPortWithoutBind: LayerRule = {
  code: "container-port-without-bind",
  severity: "warning",
  about: "container ports that HAProxy does not bind",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ container, haproxies }) => {
      if (!haproxies.every(portsKnown)) return [];
      const binds = haproxies.flatMap((haproxy) => haproxy.wiring.binds);
      return container.ports
        .filter(({ port }) => !binds.some((bind) => listensAt(bind, port.value)))
        .map(({ port, name, hostPort }) => ({
          what: `the container names port ${port.value}${name === null ? "" : ` \`${name}\``}, where HAProxy does not listen`,
          why:
            hostPort === null
              ? "Whatever is led there, by its number or its name, is refused."
              : `Connections to port ${hostPort.value} of the nodes are refused.`,
          remedy: `Bind port ${port.value} in haproxy.cfg, or name the port that is bound.`,
          at: [
            noted(port.at, "nobody listens"),
            ...binds
              .filter(({ kind }) => kind === "proxy")
              .slice(0, 5)
              .map(({ address }) => noted(address.at, "bound")),
          ],
        }));
    }),
};

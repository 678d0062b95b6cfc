// container-port-without-bind: container port that HAProxy does not bind.
import { listensAt, portsKnown } from "../layers/checked-port.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const containerPortWithoutBind: Rule = {
  code: "container-port-without-bind",
  severity: "warning",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ container, haproxies }) => {
      if (!haproxies.every(portsKnown)) return [];
      const binds = haproxies.flatMap((haproxy) => haproxy.wiring.binds);
      return container.ports
        .filter(({ port }) => !binds.some((bind) => listensAt(bind, port.value)))
        .map(({ port, name, hostPort }) => ({
          what: `the container port ${port.value}${name === undefined ? "" : ` \`${name}\``} is not bound by HAProxy`,
          why:
            hostPort === undefined
              ? "Connections that a Service or a probe sends to this port are refused."
              : `Connections to port ${hostPort.value} of the nodes are refused.`,
          remedy: `Bind port ${port.value} in \`haproxy.cfg\`, or write the port that HAProxy binds.`,
          at: [
            noted(port.at, "HAProxy does not listen here"),
            ...binds
              .filter(({ kind }) => kind === "proxy")
              .slice(0, 5)
              .map(({ address }) => noted(address.at, "bound")),
          ],
        }));
    }),
};

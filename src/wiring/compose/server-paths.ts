// The paths of HAProxy's connections in a Compose project: names of services on shared networks (compose-spec, 05-services.md, `networks`).
import type { HaproxyServer } from "../haproxy/wiring.ts";
import type { ServerBreak, ServerPath } from "../server-path.ts";
import type { Workload } from "../wiring.ts";
import type { ComposeService } from "./wiring.ts";

type From = Pick<ServerPath, "haproxy" | "proxy" | "server">;

/** Empty for names outside the project. */
export function composePathsOf(from: From, own: ComposeService): readonly ServerPath[] {
  const { address } = from.server;
  if (address.kind !== "name") return [];
  const host = address.host.toLowerCase().replace(/\.$/, "");
  if (own.hosts.has(host) || host === "localhost") return [];
  const shared = own.project.services.filter(({ compose }) => compose && isReached(own, compose, host));
  if (shared.length > 0)
    return shared.map((workload) => ({
      ...from,
      workload,
      podPort: address.ports?.from,
      brokenAt: portBreak(from.server, workload),
    }));
  const because = whyMissing(own, host);
  return because === undefined
    ? []
    : [{ ...from, brokenAt: { fault: "not-on-network", effect: "nxdomain", because, at: address.at } }];
}

function isReached(own: ComposeService, other: ComposeService, host: string): boolean {
  return other.networks.some(
    ({ name, names }) => names.has(host) && own.networks.some((network) => network.name === name),
  );
}

/** undefined: another project, another file or an external DNS server may resolve the name. */
function whyMissing(
  { name, project, networkMode, networks }: ComposeService,
  host: string,
): string | undefined {
  const named = project.services.find(({ compose }) =>
    compose?.networks.some(({ names }) => names.has(host)),
  );
  if (networkMode === "host")
    return named && `the service ${name} uses the host network, where service names do not resolve`;
  if (networkMode !== undefined || project.open || project.others.has(host)) return undefined;
  if (networks.some(({ external }) => external)) return undefined;
  const own = namesOf(networks);
  if (named?.compose !== undefined)
    return `the service ${named.name} is on ${namesOf(named.compose.networks)}, and ${name} on ${own}`;
  // `PROJECT-app-1` is a container's name.
  if (host.includes(".") || /[-_]\d+$/.test(host)) return undefined;
  return `no service on ${own} has the name or alias ${host}`;
}

function namesOf(networks: ComposeService["networks"]): string {
  const names = networks.map(({ name }) => name);
  return `the network${names.length === 1 ? "" : "s"} ${names.join(" and ")}`;
}

/**
 * A container may listen on ports that it does not list: a list under `expose` without the port, or the port of the host that `ports`
 * publishes, is usually a mistake.
 */
function portBreak(
  { address }: HaproxyServer,
  { name, compose, containers }: Workload,
): ServerBreak | undefined {
  const port = address.ports?.from;
  if (compose === undefined || port === undefined || address.ports?.relative !== undefined) return undefined;
  if (compose.listed.some(({ value }) => value === port)) return undefined;
  const published = containers.some(({ ports }) => ports.some(({ hostPort }) => hostPort?.value === port));
  if (!published && !compose.exposes) return undefined;
  const ports = [...new Set(compose.listed.map(({ value }) => value))].join(", ");
  return {
    fault: "pod-port-undeclared",
    effect: undefined,
    because: published
      ? `port ${port} of the service ${name} is a host port, and its container lists ${ports}`
      : `the service ${name} lists no container port ${port}, only ${ports}`,
    at: address.at,
  };
}

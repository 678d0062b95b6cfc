// Servers whose path in the layers is broken: the lab refuses or does not answer the connection, or does not resolve the name, as Kubernetes would.
import type { HaproxyServer } from "../wiring/haproxy/wiring.ts";
import type { ServerBreak, ServerPath } from "../wiring/server-path.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import { placeText } from "./blocked.ts";
import type { Endpoint, LabNetwork } from "./network.ts";
import { keyOf } from "./stub-servers.ts";
import { openFullListener } from "./stubs/full-listener.ts";
import { openNameServer } from "./stubs/name-server.ts";

export interface BrokenServers {
  /** By `backend/server`. `name`: the server keeps its name, which the name server does not know. */
  readonly places: ReadonlyMap<string, Endpoint | "name">;
  /** undefined: no server keeps its name. */
  readonly nameServer: Endpoint | undefined;
  close(): Promise<void>;
}

export const NONE_BROKEN: BrokenServers = { places: new Map(), nameServer: undefined, close: async () => {} };

/** Hosts of the lab's network, see places.ts. */
const NOTHING = 5;
const DNS = 6;

/** All paths of such a server are certainly broken. */
export async function openBrokenServers(
  layer: HaproxyLayer,
  { serverPaths }: Pick<Wiring, "serverPaths">,
  network: LabNetwork,
): Promise<BrokenServers> {
  const broken = brokenIn(layer, serverPaths);
  const named = broken.filter(({ effect, server }) => isName(effect) && server.resolvers !== undefined);
  const unanswered = named.filter(({ effect }) => effect === "unresolved");
  const nameServer =
    named.length === 0
      ? undefined
      : await openNameServer(
          await network.listenAt(DNS),
          new Set(unanswered.map(({ server }) => hostOf(server))),
        );
  const dropping = broken.some(({ effect }) => effect === "timeout")
    ? await network.listenAt(NOTHING)
    : undefined;
  const full = dropping && (await openFullListener(dropping));
  const refused = await network.listenAt(NOTHING);
  const placeOf = ({ effect, server }: Broken): Endpoint | "name" => {
    if (effect === "timeout") return dropping ?? refused;
    return isName(effect) && server.resolvers !== undefined ? "name" : refused;
  };
  return {
    places: new Map(broken.map((one) => [keyOf(layer.wiring, one.server), placeOf(one)])),
    nameServer: nameServer?.endpoint,
    close: async () => {
      await Promise.all([nameServer?.close(), full?.close()]);
    },
  };
}

interface Broken {
  readonly server: HaproxyServer;
  readonly effect: NonNullable<ServerBreak["effect"]>;
}

function brokenIn(layer: HaproxyLayer, serverPaths: readonly ServerPath[]): readonly Broken[] {
  const own = serverPaths.filter(({ haproxy }) => haproxy === layer);
  return [...Map.groupBy(own, ({ server }) => server)].flatMap(([server, paths]) => {
    const effects = paths.map(({ brokenAt }) => brokenAt?.effect);
    const [effect] = effects;
    return effect === undefined || effects.includes(undefined) ? [] : [{ server, effect }];
  });
}

function isName(effect: Broken["effect"]): boolean {
  return effect === "nxdomain" || effect === "unresolved";
}

function hostOf({ address }: HaproxyServer): string {
  return address.host.toLowerCase().replace(/\.$/, "");
}

/** `server api/api → Service web/api port 8080 → Deployment web/api port 8080`, or to where it breaks. */
export function serverPathText({
  proxy,
  server,
  service,
  servicePort,
  workload,
  podPort,
  brokenAt,
}: ServerPath): string {
  const isDirect = service?.headless === true;
  const port = isDirect || servicePort === undefined ? "" : ` port ${servicePort.port.value}`;
  const hops = [
    `server ${proxy.name}/${server.name}`,
    ...(service === undefined ? [] : [`Service ${service.namespace}/${service.name}${port}`]),
    ...(workload === undefined
      ? []
      : [`${workload.kind} ${workload.name}${podPort === undefined ? "" : ` port ${podPort}`}`]),
  ];
  if (brokenAt === undefined) return hops.join(" → ");
  const result = brokenAt.effect === undefined ? "? not known" : `✗ ${EFFECTS[brokenAt.effect]}`;
  return `${hops.join(" → ")} ${result}: ${brokenAt.because}${placeText(brokenAt.at)}`;
}

const EFFECTS = {
  refused: "connections are refused",
  timeout: "connections are not answered",
  nxdomain: "the name does not resolve",
  unresolved: "DNS queries are not answered",
} as const;

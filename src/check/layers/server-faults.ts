// Servers whose connections do not arrive, for rules that each report one kind of fault.
import type { ServerBreak, ServerFault, ServerPath } from "../../wiring/server-path.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { groupsOf, keyOf } from "../groups.ts";
import { listOf, noted } from "../wording.ts";
import { memoized } from "./memoized.ts";

export interface BrokenServers {
  readonly fault: ServerFault;
  readonly brokenAt: ServerBreak;
  /** At least one; they differ in the server, or in the workload. */
  readonly paths: readonly [ServerPath, ...ServerPath[]];
  /** `` `api` and `api2` ``: the backends. */
  readonly backends: string;
}

/** One entry for each cause, whatever the number of servers. */
export function brokenServers(wiring: Wiring, ...faults: readonly ServerFault[]): readonly BrokenServers[] {
  return faults.flatMap((fault) => breaksByFault(wiring).get(fault) ?? []);
}

const breaksByFault = memoized((wiring: Wiring) => {
  const broken = wiring.serverPaths.flatMap((path) =>
    path.brokenAt === undefined ? [] : [{ path, brokenAt: path.brokenAt }],
  );
  const groups = groupsOf(broken, ({ brokenAt: { fault, because } }) => `${fault} ${because}`).map(
    ([first, ...rest]): BrokenServers => ({
      fault: first.brokenAt.fault,
      brokenAt: first.brokenAt,
      paths: [first.path, ...rest.map(({ path }) => path)],
      backends: listOf([...new Set([first, ...rest].map(({ path }) => path.proxy.name))]),
    }),
  );
  return Map.groupBy(groups, ({ fault }) => fault);
});

/** The first server's address, then the place of the fault if it is a different place. */
export function placesOf({ brokenAt, paths: [{ server }] }: BrokenServers, note: string) {
  const { at } = server.address;
  return [
    noted(at, "HAProxy connects to it"),
    ...(keyOf(at) === keyOf(brokenAt.at) ? [] : [noted(brokenAt.at, note)]),
  ];
}

/** What clients get. */
export function effectOf({ brokenAt: { effect }, backends }: BrokenServers): string {
  const texts = {
    refused: "Kubernetes refuses the connections",
    timeout: "Connections are not answered, and end after `timeout connect`",
    nxdomain: "The name does not resolve",
    unresolved: "Queries are not answered, and the server gets no address",
  };
  return `${effect === undefined ? "It is not known that it works" : texts[effect]}: requests to ${backends} get 503.`;
}

// unresolvable-name-blocks-start: HAProxy starts only if the server's name resolves.
import { countOf } from "../../findings/count.ts";
import { capitalized } from "../../findings/sentence.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import type { ServerBreak, ServerPath } from "../../wiring/server-path.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { proxiesOf } from "../layers/haproxy-view.ts";
import { resolvesAtStart } from "../layers/resolves-at-start.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

export const unresolvableNameBlocksStart: Rule = {
  code: "unresolvable-name-blocks-start",
  severity: "warning",
  check: (wiring) => {
    const paths = Map.groupBy(wiring.serverPaths, ({ server }) => server);
    return wiring.haproxies.flatMap((layer) => {
      const servers = proxiesOf({ ...wiring, haproxies: [layer] }).flatMap(({ proxy }) =>
        proxy.servers.filter((server) => resolvesAtStart(server) && !paths.get(server)?.some(isOffNetwork)),
      );
      const named = servers.map((server) => ({ server, broken: unresolvedIn(paths.get(server)) }));
      const failing = named.filter(({ broken }) => broken !== undefined);
      const others = named.filter(({ broken }) => broken === undefined);
      return [
        ...findingOf(failing, (names, one) => ({
          what: `${names} ${one ? "does" : "do"} not resolve, and HAProxy starts only if ${one ? "it does" : "all of them do"}`,
          why: `${capitalized(failing[0]?.broken?.because ?? "")}.`,
          stops: [layer],
        })),
        ...findingOf(others, (names, one) => ({
          what: `HAProxy starts only if ${names} ${one ? "resolves" : "resolve"}`,
        })),
      ];
    });
  },
};

function findingOf(
  named: readonly { readonly server: HaproxyServer }[],
  textOf: (
    names: string,
    one: boolean,
  ) => { readonly what: string; readonly why?: string; readonly stops?: readonly HaproxyLayer[] },
): readonly RuleFinding[] {
  if (named.length === 0) return [];
  const names = [...new Set(named.map(({ server }) => server.address.host))];
  const { why, ...text } = textOf(listOf(names), names.length === 1);
  return [
    {
      ...text,
      why: `${why === undefined ? "" : `${why} `}HAProxy resolves ${names.length === 1 ? "the name" : `each of the ${countOf(names.length, "name")}`} once, before the first request. If the name does not exist it exits at once, and if DNS does not answer it exits after 20 s: one missing name keeps the whole edge down. If the address of a name changes later, HAProxy does not notice.`,
      remedy:
        "Add a `resolvers` section with `parse-resolv-conf`, and write `resolvers NAME resolve-prefer ipv4 init-addr none` on the server line. In Kubernetes, write the complete name of the Service.",
      at: named.slice(0, 5).map(({ server }) => server.address.at),
    },
  ];
}

/** Why the name certainly does not resolve: on every path of the server. */
function unresolvedIn(paths: readonly ServerPath[] = []): ServerBreak | undefined {
  const all = paths.map(({ brokenAt }) => brokenAt);
  const isName = (one: ServerBreak | undefined): boolean =>
    one?.effect === "nxdomain" || one?.effect === "unresolved";
  return all.every(isName) ? all[0] : undefined;
}

/** A finding of its own. */
function isOffNetwork({ brokenAt }: ServerPath): boolean {
  return brokenAt?.fault === "not-on-network";
}

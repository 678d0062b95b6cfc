// The Host header of a request: the site's own, a similar one, none or two, in all spellings.
import fc from "fast-check";
import type { ListenerPlan, Plan } from "../../src/plan/plan.ts";
import type { SitePlan } from "../../src/plan/site-plan.ts";
import type { Lines } from "./requests.ts";

/** Invalid host names and ports; `@` is replaced by a host. */
const NO_HOSTS = [
  "@:@",
  "@:80/x",
  "@:?x",
  '@:"x',
  "@:100000",
  "@:80.",
  "@:8o",
  "@:80:80",
  "[::1]x",
  "x/.@",
  "x?.@",
  "é.@",
  "a@b.@",
] as const;

export function hostFor(plan: Plan, listener: ListenerPlan, site: SitePlan): fc.Arbitrary<Lines> {
  const named = (hosts: SitePlan["hosts"]) =>
    hosts.flatMap(({ kind, name }) =>
      kind === "exact"
        ? [name]
        : kind === "wildcard"
          ? [`a.${name}`, `z.${name}`, `b.a.${name}`, name]
          : ["any.example"],
    );
  const own = named(
    site.hosts.filter(
      ({ entrances }, _, hosts) =>
        entrances.includes(listener.entrance) ||
        hosts.every((host) => !host.entrances.includes(listener.entrance)),
    ),
  );
  const prefix =
    listener.internalHostPrefix === null
      ? []
      : [listener.internalHostPrefix, `${listener.internalHostPrefix}x`, `x${listener.internalHostPrefix}`];
  const all = [
    ...plan.sites.flatMap(({ hosts }) => named(hosts)),
    ...prefix,
    "other.example",
    "test",
    "a.a.test",
    "xa.test",
    "localhost",
    "10.0.0.1",
    "192.0.2.77",
  ];
  const host = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...own) },
    { weight: 2, arbitrary: fc.constantFrom(...all) },
    ...(prefix.length === 0 ? [] : [{ weight: 2, arbitrary: fc.constantFrom(...prefix) }]),
  );
  const written = fc
    .tuple(
      host,
      fc.oneof(
        { weight: 8, arbitrary: fc.constant("unchanged") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "upper",
            "dot",
            "port",
            "odd port",
            "empty port",
            "dot and port",
            "deeper",
            "blanks",
          ),
        },
      ),
    )
    .map(([name, how]) => respelled(name, how));
  const value = fc.oneof(
    { weight: 30, arbitrary: written },
    { weight: 1, arbitrary: fc.constantFrom("", "[2001:db8::1]", "[2001:db8::1]:8080") },
    {
      weight: 2,
      arbitrary: fc.tuple(host, fc.constantFrom(...NO_HOSTS)).map(([name, rest]) => rest.replace("@", name)),
    },
  );
  return fc.oneof(
    { weight: 40, arbitrary: value.map((text): Lines => [["Host", text]]) },
    { weight: 1, arbitrary: value.map((text): Lines => [["hOsT", text]]) },
    { weight: 1, arbitrary: fc.constant<Lines>([]) },
    {
      weight: 1,
      arbitrary: fc.tuple(value, value, fc.nat(2)).map(
        ([a, b, draw]): Lines => [
          ["Host", a],
          ["Host", draw === 0 ? a : draw === 1 ? a.toUpperCase() : b],
        ],
      ),
    },
  );
}

function respelled(name: string, how: string): string {
  switch (how) {
    case "upper":
      return name.toUpperCase();
    case "dot":
      return `${name}.`;
    case "port":
      return `${name}:443`;
    case "odd port":
      return `${name}:12345`;
    case "empty port":
      return `${name}:`;
    case "dot and port":
      return `${name}.:80`;
    case "deeper":
      return `q.w.e.${name}`;
    case "blanks":
      return ` \t${name} \t`;
    default:
      return name;
  }
}

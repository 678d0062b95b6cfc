// Random descriptions, valid by construction, from a small vocabulary so that hosts, paths and conditions overlap.
import fc from "fast-check";
import type { Edge } from "../../src/description/define-edge.ts";
import { rarely } from "./chance.ts";
import { headerEdits, responseHeaderEdits } from "./conditions.ts";
import { type Entrances, entrances, readsRequests } from "./entrances.ts";
import { backendLines, frontendLines, globalLines } from "./raw-lines.ts";
import { redirect, route } from "./routes.ts";

type Site = Edge["sites"][number];
type Route = NonNullable<Site["routes"]>[number];
type Redirect = NonNullable<Site["redirect"]>;
type Backend = NonNullable<Edge["backends"]>[string];

/** A description for the schema and the planner; what they refuse is a defect here, or in them. */
export const description: fc.Arbitrary<Edge> = fc
  .record({
    paths: fc.constantFrom("normal", "normal", "normal", "as-is"),
    backends: fc.uniqueArray(fc.constantFrom("app", "api", "api.v2", "Web_1"), {
      minLength: 1,
      maxLength: 4,
    }),
  } as const)
  .chain(({ paths, backends }) =>
    fc.record({
      paths: fc.constant(paths),
      entrances,
      hosts: fc.shuffledSubarray([...HOSTS], { minLength: 1, maxLength: 7 }),
      sites: fc.array(site(paths, backends), { minLength: 1, maxLength: 4 }),
      elsewhere: rarely(fc.constantFrom("https://www.example.com/", "/elsewhere"), 4),
      twice: fc.nat(9).map((draw) => draw === 0),
      pools: fc.tuple(...backends.map((name) => backend.map((pool) => [name, pool] as const))),
      raw: rarely(raw, 4),
      extras,
    }),
  )
  .map(assemble);

/** Nested, with wildcards on several levels, and equivalent spellings. */
const HOSTS = [
  "a.test",
  "b.a.test",
  "c.b.a.test",
  "D.test.",
  "*.test",
  "*.a.test",
  "*.b.a.test",
  "*.c.b.a.test",
  "*",
  "x_y.test",
  "10.0.0.1",
  "bücher.test",
  "test",
  "*.D.TEST.",
] as const;

const backend: fc.Arbitrary<Backend> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Backend>({ servers: ["10.0.0.7:8080"], health: false }) },
  {
    weight: 2,
    arbitrary: fc.constant<Backend>({
      servers: ["10.0.0.7:8080", { address: "[2001:db8::7]:80", weight: 2 }],
      balance: "roundrobin",
      health: false,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Backend>(
      { service: "app.web", port: 80 },
      { servers: ["app.example:80"], retries: 1, health: false },
      { servers: ["10.0.0.7:8080"], keepAlive: false },
      { servers: ["10.0.0.7:8080"], proxyProtocol: "v2", health: false },
      { servers: ["10.0.0.7:8080"], sticky: { cookie: "srv", secure: false }, health: false },
    ),
  },
);

/** Compression is left out: the model does not cover its effect on a response (Vary, Content-Encoding). */
const extras: fc.Arbitrary<Partial<Edge>> = fc.record({
  limits: rarely(
    fc.constantFrom(
      { maxBody: "10B" },
      { maxBody: { size: "1kB", unknownLength: "refuse" as const } },
      { maxBody: { size: "1kB", unknownLength: "allow" as const } },
    ),
    6,
  ),
  errorPages: rarely(fc.constantFrom({ 404: "<h1>'gone' # %[src]</h1>" }, { 403: "no", 400: "bad" }), 5),
  requestHeaders: rarely(headerEdits, 6),
  responseHeaders: rarely(responseHeaderEdits, 6),
  logs: rarely(fc.constantFrom({ format: "json" } as const, { format: "httplog" } as const), 5).map(
    (logs) => logs ?? ({ format: "off" } as const),
  ),
}) as fc.Arbitrary<Partial<Edge>>;

interface RawDraft {
  readonly global: readonly string[] | undefined;
  readonly public: readonly string[] | undefined;
  readonly internal: readonly string[] | undefined;
  /** For the first backend. */
  readonly backend: readonly string[] | undefined;
}

const raw: fc.Arbitrary<RawDraft> = fc.record({
  global: rarely(globalLines, 4),
  public: rarely(frontendLines, 3),
  internal: rarely(frontendLines, 3),
  backend: rarely(backendLines, 2),
});

interface SiteDraft {
  readonly through: readonly ("public" | "internal")[] | undefined;
  readonly hsts: Site["hsts"];
  readonly ambiguousPaths: Site["ambiguousPaths"];
  readonly plainHttp: Site["plainHttp"];
  readonly requestHeaders: Site["requestHeaders"];
  readonly responseHeaders: Site["responseHeaders"];
  readonly redirect: Redirect | undefined;
  readonly routes: readonly Route[];
}

function site(paths: "normal" | "as-is", backends: readonly string[]): fc.Arbitrary<SiteDraft> {
  return fc.record({
    through: rarely(fc.constantFrom(["public"] as const, ["internal"] as const), 5),
    hsts: rarely(
      fc.record({
        maxAge: fc.constantFrom("180d", "1s"),
        includeSubDomains: fc.boolean(),
        preload: rarely(fc.boolean(), 2),
      }),
      2,
    ) as fc.Arbitrary<Site["hsts"]>,
    ambiguousPaths: rarely(fc.constantFrom("refuse", "allow"), 4),
    plainHttp: rarely(fc.constantFrom("serve" as const, "redirect" as const), 6),
    requestHeaders: rarely(headerEdits, 6),
    responseHeaders: rarely(responseHeaderEdits, 6),
    redirect: rarely(redirect(paths, true), 10),
    routes: fc.array(route(paths, backends), { minLength: 1, maxLength: 9 }),
  });
}

interface Draft {
  readonly paths: "normal" | "as-is";
  readonly entrances: Entrances;
  readonly hosts: readonly string[];
  readonly sites: readonly SiteDraft[];
  /** The target of a catch-all for every other host. */
  readonly elsewhere: string | undefined;
  /** One host, twice: once for each entrance. */
  readonly twice: boolean;
  readonly pools: readonly (readonly [string, Backend])[];
  readonly raw: RawDraft | undefined;
  readonly extras: Partial<Edge>;
}

function assemble({
  paths,
  entrances: trafficPaths,
  hosts: all,
  sites: drafts,
  elsewhere,
  twice,
  pools,
  raw: lines,
  extras: more,
}: Draft): Edge {
  const others = all.filter((host) => host !== "*");
  const alone = elsewhere !== undefined && others.length > 0;
  const hosts = alone ? others : all;
  const own = drafts.slice(0, hosts.length);
  const sites = own.map((draft, index): Site => {
    const host = hosts.filter((_, at) => at % own.length === index);
    const through =
      trafficPaths.internal === undefined || "prefix" in trafficPaths.internal ? undefined : draft.through;
    return {
      host: host.length === 1 ? (host[0] ?? "*") : host,
      through: through === undefined ? undefined : [...through],
      hsts: draft.hsts,
      plainHttp: draft.plainHttp,
      requestHeaders: draft.requestHeaders,
      responseHeaders: draft.responseHeaders,
      ambiguousPaths: draft.ambiguousPaths,
      ...(draft.redirect === undefined ? { routes: [...draft.routes] } : { redirect: draft.redirect }),
    };
  });
  if (alone) sites.push({ host: "*", redirect: { to: elsewhere } });
  const [first] = sites;
  const [firstHost] = hosts;
  if (
    twice &&
    first !== undefined &&
    firstHost !== undefined &&
    trafficPaths.internal !== undefined &&
    "hosts" in trafficPaths.internal &&
    !trafficPaths.internalOnly
  ) {
    sites.push({
      ...first,
      host: firstHost,
      through: ["internal"],
      routes: [{ respond: { status: 200, body: "twice" } }],
      redirect: undefined,
    });
    sites[0] = { ...first, through: ["public"] };
  }
  return compact({
    edge: "fuzz",
    stickyKey: "k".repeat(56),
    paths,
    public:
      trafficPaths.internalOnly && trafficPaths.internal !== undefined && "hosts" in trafficPaths.internal
        ? undefined
        : { ...trafficPaths.public, raw: lines?.public },
    internal:
      trafficPaths.internal === undefined ||
      ("prefix" in trafficPaths.internal &&
        (trafficPaths.public?.plainHttp === "off" || readsRequests(trafficPaths.public)))
        ? undefined
        : "hosts" in trafficPaths.internal
          ? {
              hosts: [...trafficPaths.internal.hosts],
              site: [sites.at(-1)?.host ?? "*"].flat()[0],
              raw: lines?.internal,
            }
          : { sharesPublicPort: { hostPrefix: trafficPaths.internal.prefix }, site: firstHost },
    sites,
    backends: Object.fromEntries(
      pools.map(([name, pool], index) => [name, index === 0 ? { ...pool, raw: lines?.backend } : pool]),
    ),
    haproxy: { threads: 1, raw: lines?.global },
    stats: false,
    ...more,
  }) as Edge;
}

/** Without empty keys. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, compact(one)]])),
  );
}

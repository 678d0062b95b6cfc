// Random descriptions, valid by construction, with few words so that hosts, paths and conditions overlap.
import fc from "fast-check";
import type { EdgeDescription } from "../../src/description/schema/edge.ts";
import { pathPattern, valuePattern } from "./regexes.ts";
import {
  bodyText,
  describedPath,
  editedHeaderName,
  headerValueText,
  matchedHeaderName,
  queryName,
} from "./texts.ts";

type Site = EdgeDescription["sites"][number];
type Route = NonNullable<Site["routes"]>[number];
type Redirect = NonNullable<Site["redirect"]>;
type Public = NonNullable<EdgeDescription["public"]>;
type Backend = NonNullable<EdgeDescription["backends"]>[string];
type Conditions = NonNullable<Route["header"]>;

/** A description for the schema and the planner; what they refuse is a defect here, or in them. */
export const description: fc.Arbitrary<EdgeDescription> = fc
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
      extras,
    }),
  )
  .map(assemble);

/** Nested under each other, with wildcards on several levels, and spellings that must come to the same. */
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
const NETWORKS = [
  "203.0.113.7",
  "203.0.113.0/24",
  "10.0.0.0/8",
  "0.0.0.0/0",
  "::/0",
  "2001:db8::/32",
  "2001:db8::1",
  "fd00::/8",
  "127.0.0.0/8",
  "198.51.100.8/29",
  "0.0.0.0/1",
  "::ffff:10.0.0.0/104",
] as const;
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "PURGE",
  "FOO",
  "TRACE",
] as const;

/** Present in one of `of`. */
function rarely<T>(arbitrary: fc.Arbitrary<T>, of: number): fc.Arbitrary<T | undefined> {
  return fc.nat(of - 1).chain((draw) => (draw === 0 ? arbitrary : fc.constant(undefined)));
}

interface Entrances {
  readonly public: Public;
  readonly internal: { readonly hosts: readonly string[] } | { readonly prefix: string } | undefined;
  readonly internalOnly: boolean;
}

const networks = fc.oneof(
  { weight: 12, arbitrary: fc.shuffledSubarray([...NETWORKS], { minLength: 1, maxLength: 3 }) },
  // More than stand on a line of HAProxy's.
  {
    weight: 1,
    arbitrary: fc
      .shuffledSubarray([...NETWORKS], { minLength: 1, maxLength: 2 })
      .map((few) => [...few, ...Array.from({ length: 30 }, (_, index) => `192.0.${index}.0/24`)]),
  },
);

const publicEntrance: fc.Arbitrary<Public> = fc
  .record({
    loadBalancer: fc.oneof(
      fc.constantFrom("aws-classic-elb", "aws-classic-elb", "aws-nlb", "service", "none"),
      fc.constant({ kind: "aws-nlb", proxyProtocol: { http: "v1", https: "v2" } } as const),
    ),
    tls: rarely(
      fc.constantFrom(
        { endsAt: "loadBalancer" } as const,
        { endsAt: "loadBalancer" } as const,
        { endsAt: "haproxy", certificates: [{ file: "/etc/haproxy/tls/site.pem" }] } as const,
      ),
      2,
    ),
    plainHttp: rarely(fc.constantFrom("redirect", "serve", "off"), 2),
    allow: rarely(
      networks.map((list) => ["203.0.113.0/24", "127.0.0.0/8", ...list]),
      6,
    ),
    ports: rarely(fc.constantFrom({ http: 8000, https: 8443 }, { https: 444 }), 5),
  } as const)
  .map(
    ({ tls, plainHttp, ...rest }) =>
      ({
        ...rest,
        tls,
        plainHttp: tls === undefined ? (plainHttp === undefined ? undefined : "serve") : plainHttp,
      }) as Public,
  );

const entrances: fc.Arbitrary<Entrances> = fc.record({
  public: publicEntrance,
  internal: rarely(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          hosts: fc.shuffledSubarray(["haproxy-service", "edge.internal", "Edge"], { maxLength: 2 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ prefix: fc.constantFrom("haproxy", "HAProxy", "a.", "b") }) },
    ),
    3,
  ),
  internalOnly: fc.nat(19).map((draw) => draw === 0),
});

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

/** Compression is left out: what it does to an answer (Vary, Content-Encoding) is nothing that the model speaks of. */
const extras: fc.Arbitrary<Partial<EdgeDescription>> = fc.record({
  limits: rarely(fc.constantFrom({ maxBody: "10B" }, { maxBody: "1kB" }), 6),
  errorPages: rarely(fc.constantFrom({ 404: "<h1>'gone' # %[src]</h1>" }, { 403: "no", 400: "bad" }), 5),
  logs: rarely(fc.constantFrom({ format: "json" } as const, { format: "httplog" } as const), 5).map(
    (logs) => logs ?? ({ format: "off" } as const),
  ),
}) as fc.Arbitrary<Partial<EdgeDescription>>;

const redirect = (paths: "normal" | "as-is", prefixToo: boolean): fc.Arbitrary<Redirect> =>
  fc
    .record({
      whole: rarely(
        fc.constantFrom(
          "https://www.example.com/",
          "/there",
          "/a?b=%20c",
          "https://www.example.com/é/%[path]?x=${HOME}&y='\"",
          "//a.test/",
        ),
        3,
      ),
      scheme: rarely(fc.constantFrom("http", "https"), 3),
      host: rarely(fc.constantFrom("www.example.com", "A.test", "bücher.test"), 3),
      port: rarely(fc.constantFrom(80, 443, 8443), 4),
      rewrite: fc.oneof(
        fc.constant({}),
        fc.record({ path: describedPath(paths) }),
        ...(prefixToo ? [fc.record({ prefix: describedPath(paths) })] : []),
      ),
      status: rarely(fc.constantFrom(301, 302, 303, 307, 308), 2),
    } as const)
    .map(({ whole, scheme, host, port, rewrite, status }) => {
      if (whole !== undefined) return { to: whole, status };
      const named = scheme !== undefined || host !== undefined;
      const parts = { scheme, host, ...(named ? { port } : {}), ...rewrite, status };
      return named || Object.keys(rewrite).length > 0 ? parts : { ...parts, scheme: "https" };
    }) as fc.Arbitrary<Redirect>;

const condition = fc.oneof(
  { weight: 5, arbitrary: headerValueText },
  { weight: 3, arbitrary: fc.constantFrom("1", "beta", "a b", "a", "") },
  { weight: 1, arbitrary: headerValueText.map((exact) => ({ exact })) },
  { weight: 2, arbitrary: fc.constant({ present: true as const }) },
  { weight: 1, arbitrary: valuePattern.map(({ source }) => ({ regex: source })) },
);

function conditions(name: fc.Arbitrary<string>): fc.Arbitrary<Conditions | undefined> {
  const several = (names: fc.Arbitrary<string>, minLength: number, maxLength: number) =>
    fc
      .uniqueArray(fc.tuple(names, condition), { minLength, maxLength, selector: ([key]) => key })
      .map((entries) => Object.fromEntries(entries) as Conditions);
  const numbered = fc.nat(20).map((number) => `x-h${number}`);
  const some = fc.oneof(
    { weight: 20, arbitrary: several(name, 1, 2) },
    // More than stand on a line of HAProxy's.
    { weight: 1, arbitrary: several(numbered, 12, 15) },
  );
  return rarely(some, 4);
}

const headerEdits = fc.record({
  set: rarely(
    fc
      .uniqueArray(fc.tuple(editedHeaderName, headerValueText), {
        minLength: 1,
        maxLength: 2,
        selector: ([key]) => key,
      })
      .map((entries) => Object.fromEntries(entries)),
    2,
  ),
  add: rarely(fc.dictionary(editedHeaderName, headerValueText, { minKeys: 1, maxKeys: 2 }), 2),
  remove: rarely(fc.array(editedHeaderName, { maxLength: 2 }), 2),
});

const pathMatch = (paths: "normal" | "as-is") =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 6, arbitrary: describedPath(paths) },
    { weight: 1, arbitrary: describedPath(paths).map((prefix) => ({ prefix })) },
    { weight: 3, arbitrary: describedPath(paths).map((exact) => ({ exact })) },
    { weight: 1, arbitrary: pathPattern.map(({ source }) => ({ regex: source })) },
  );

const rewrite = (paths: "normal" | "as-is", prefixToo: boolean) =>
  fc
    .record({
      host: rarely(fc.constantFrom("app.internal", "App.Internal.", "10.0.0.9"), 2),
      ...{
        inner: fc.oneof(
          fc.constant({}),
          fc.record({ path: describedPath(paths) }),
          ...(prefixToo ? [fc.record({ prefix: describedPath(paths) })] : []),
        ),
      },
    })
    .map(({ host, inner }) => ({ host, ...inner }));

function route(paths: "normal" | "as-is", backends: readonly string[]): fc.Arbitrary<Route> {
  return pathMatch(paths).chain((path) => {
    const prefixToo = typeof path !== "object" || !("regex" in path);
    const action = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...backends).map((to) => ({ to })) },
      ...(backends.length < 2
        ? []
        : [
            {
              weight: 2,
              arbitrary: fc
                .tuple(
                  ...backends.map((name) =>
                    fc.integer({ min: 0, max: 4 }).map((weight) => [name, weight] as const),
                  ),
                )
                .map((shares) => ({
                  to: Object.fromEntries(
                    shares.every(([, weight]) => weight === 0) ? shares.map(([name]) => [name, 1]) : shares,
                  ),
                })),
            },
          ]),
      { weight: 3, arbitrary: redirect(paths, prefixToo).map((one) => ({ redirect: one })) },
      {
        weight: 2,
        arbitrary: fc
          .record({
            status: fc.constantFrom(200, 204, 304, 404, 410, 418, 451, 503, 599),
            body: rarely(bodyText, 2),
            contentType: rarely(fc.constantFrom("text/html", 'application/json; x="a b"', "é"), 3),
          })
          .map(({ status, body, contentType }) => ({
            respond: status === 204 || status === 304 ? { status } : { status, body, contentType },
          })),
      },
    );
    return fc
      .record({
        name: rarely(fc.constantFrom("r1", "r2", "a.test/a", "r:*/~x", "a.test/"), 8),
        path: fc.constant(path),
        method: rarely(
          fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom(...METHODS) },
            { weight: 8, arbitrary: fc.subarray([...METHODS], { minLength: 1, maxLength: 3 }) },
            {
              weight: 1,
              arbitrary: fc.constant(["GET", ...Array.from({ length: 30 }, (_, index) => `M${index}`)]),
            },
          ),
          4,
        ),
        header: conditions(matchedHeaderName),
        query: conditions(queryName),
        action,
        rewrite: rarely(rewrite(paths, prefixToo), 4),
        requestHeaders: rarely(headerEdits, 4),
        responseHeaders: rarely(headerEdits, 4),
        timeouts: rarely(fc.constantFrom({ server: "20s" }, { tunnel: "2m" }), 8),
        retries: rarely(fc.constantFrom(0, 1, 3), 8),
        websocket: rarely(fc.constant(true), 12),
        allow: rarely(networks, 8),
        deny: rarely(networks, 8),
        maxBody: rarely(fc.constantFrom("0B", "5B", "100B"), 8),
      })
      .map(({ action: one, ...rest }) => ({ ...rest, ...one }) as Route);
  });
}

interface SiteDraft {
  readonly through: readonly ("public" | "internal")[] | undefined;
  readonly hsts: Site["hsts"];
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
    redirect: rarely(redirect(paths, true), 10),
    routes: fc.array(route(paths, backends), { minLength: 1, maxLength: 9 }),
  });
}

interface Draft {
  readonly paths: "normal" | "as-is";
  readonly entrances: Entrances;
  readonly hosts: readonly string[];
  readonly sites: readonly SiteDraft[];
  /** Where a catch-all of its own sends every other host. */
  readonly elsewhere: string | undefined;
  /** One host, twice: once for each entrance. */
  readonly twice: boolean;
  readonly pools: readonly (readonly [string, Backend])[];
  readonly extras: Partial<EdgeDescription>;
}

function assemble({
  paths,
  entrances: ways,
  hosts: all,
  sites: drafts,
  elsewhere,
  twice,
  pools,
  extras: more,
}: Draft): EdgeDescription {
  const others = all.filter((host) => host !== "*");
  const alone = elsewhere !== undefined && others.length > 0;
  const hosts = alone ? others : all;
  const own = drafts.slice(0, hosts.length);
  const sites = own.map((draft, index): Site => {
    const host = hosts.filter((_, at) => at % own.length === index);
    const through = ways.internal === undefined || "prefix" in ways.internal ? undefined : draft.through;
    return {
      host: host.length === 1 ? (host[0] ?? "*") : host,
      through: through === undefined ? undefined : [...through],
      hsts: draft.hsts,
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
    ways.internal !== undefined &&
    "hosts" in ways.internal &&
    !ways.internalOnly
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
    paths,
    public:
      ways.internalOnly && ways.internal !== undefined && "hosts" in ways.internal ? undefined : ways.public,
    internal:
      ways.internal === undefined
        ? undefined
        : "hosts" in ways.internal
          ? { hosts: [...ways.internal.hosts], site: [sites.at(-1)?.host ?? "*"].flat()[0] }
          : { sharesPublicPort: { hostPrefix: ways.internal.prefix }, site: firstHost },
    sites,
    backends: Object.fromEntries(pools),
    haproxy: { threads: 1 },
    stats: false,
    ...more,
  }) as EdgeDescription;
}

/** Without the keys that hold nothing. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, compact(one)]])),
  );
}

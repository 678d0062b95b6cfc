// Descriptions that together contain every text field of the schema, each with a harmless text or with another in its place.
import { descriptionJsonSchema, type JsonSchema } from "../../scripts/schema/json-schema.ts";

/** Returns the text of a field: `harmless`, except for the tested field. `other` is another harmless text. */
export type TextOf = (field: string, harmless: string, other: string, options?: FieldOptions) => string;

export interface FieldOptions {
  /** Completes the description if the field is an enumeration or has a fixed form. */
  readonly before?: string;
  /** The text is in haproxy.cfg exactly as it is, within a word. */
  readonly exact?: true;
  /** A text may have a special meaning alone: `/` as the new prefix, `*` as a host. */
  readonly alone?: false;
  /** Raw HAProxy lines: they may be any directive, and HAProxy may refuse them. */
  readonly raw?: true;
}

const exact = { exact: true } as const;
const raw = { raw: true } as const;
const path = { before: "/x" } as const;
const host = { before: "x" } as const;

/** Changes of headers, at a place in the description. Another level that changed the same header would make lines disappear. */
function headerEdits(of: TextOf, at: string, level: string): object {
  const header = { before: "x-c" } as const;
  const value = { before: "v" } as const;
  const edits = (message: string) => {
    const lines = (verb: string, harmless: string, other: string) => ({
      [of(`${at}${message}.${verb}.{key}`, harmless, other, header)]: of(
        `${at}${message}.${verb}.{}`,
        "1",
        "2",
        value,
      ),
    });
    return {
      set: lines("set", `x-${level}-set`, `x-${level}-ses`),
      add: lines("add", `x-${level}-add`, `x-${level}-ade`),
      setIfAbsent: lines("setIfAbsent", `x-${level}-abs`, `x-${level}-abt`),
      remove: [of(`${at}${message}.remove[]`, `x-${level}-gone`, `x-${level}-away`, header)],
    };
  };
  return { requestHeaders: edits("requestHeaders"), responseHeaders: edits("responseHeaders") };
}

const KEYS = ["d8ZbTq2VwNc0mYhJ4uKfRx7LsPa1GiEo5tWn9CkBvQ3zMy6DjHrUeXgS", "Q".repeat(56)] as const;

/** TLS terminated at the load balancer, an internal port, Services and servers. */
function firstEdge(of: TextOf): object {
  return {
    edge: of("edge", "first", "second"),
    namespace: of("namespace", "web", "api"),
    clusterDomain: of("clusterDomain", "cluster.local", "k8s.example"),
    public: {
      loadBalancer: {
        kind: "aws-classic-elb",
        sources: [of("public.loadBalancer.sources[]", "10.0.0.0/8", "192.0.2.0/24")],
        idleTimeout: of("public.loadBalancer.idleTimeout", "60s", "90s"),
        healthCheck: {
          interval: of("public.loadBalancer.healthCheck.interval", "10s", "20s"),
          timeout: of("public.loadBalancer.healthCheck.timeout", "5s", "4s"),
        },
        aws: {
          name: of("public.loadBalancer.aws.name", "front", "facade", { before: "f" }),
          tlsPolicy: of(
            "public.loadBalancer.aws.tlsPolicy",
            "ELBSecurityPolicy-TLS-1-2-2017-01",
            "ELBSecurityPolicy-2016-08",
          ),
          draining: of("public.loadBalancer.aws.draining", "60s", "90s"),
          accessLogs: {
            bucket: of("public.loadBalancer.aws.accessLogs.bucket", "logs", "records", { before: "log" }),
            prefix: of("public.loadBalancer.aws.accessLogs.prefix", "edge", "front/edge", { before: "x" }),
          },
        },
      },
      tls: {
        terminatedAt: "loadBalancer",
        certificate: of("public.tls.certificate", certificateArn("a"), certificateArn("b"), {
          before: certificateArn(""),
        }),
      },
      allow: [of("public.allow[]", "192.0.2.0/24", "198.51.100.0/24")],
      raw: [of("public.raw[]", "http-request set-header x-a 1", "http-request set-header x-b 2", raw)],
    },
    internal: {
      hosts: [of("internal.hosts[]", "inside", "within", { before: "w" })],
      site: of("internal.site", "main.example.com", "main.example.com."),
      raw: [of("internal.raw[]", "http-request set-header x-a 1", "http-request set-header x-b 2", raw)],
    },
    sites: [
      {
        host: [
          "main.example.com",
          of("sites[].host[]", "also.example.com", "other.example.com", { ...host, alone: false }),
        ],
        hsts: { maxAge: of("sites[].hsts.maxAge", "180d", "30d") },
        routes: [
          { to: "app" },
          {
            name: of("sites[].routes[].name", "named", "called", { before: "r" }),
            path: "/named",
            to: "app",
            timeouts: { server: "7s" },
          },
        ],
      },
      {
        host: of("sites[].host", "plain.example.com", "simple.example.com", { before: "y", alone: false }),
        redirect: { to: of("sites[].redirect.to", "/there", "/here", path) },
      },
      {
        host: "parts.example.com",
        redirect: {
          host: of("sites[].redirect.host", "c.example.com", "d.example.com", host),
          path: of("sites[].redirect.path", "/c", "/d", path),
        },
      },
      {
        host: "prefix.example.com",
        redirect: { prefix: of("sites[].redirect.prefix", "/e", "/f", { ...path, alone: false }) },
      },
      {
        host: "redirects.example.com",
        routes: [
          {
            path: "/to",
            redirect: {
              to: of("sites[].routes[].redirect.to", "https://www.example.com/", "https://www.example.net/", {
                before: "https://www.example.com/",
              }),
            },
          },
          {
            path: "/path",
            redirect: {
              host: of("sites[].routes[].redirect.host", "a.example.com", "b.example.com", host),
              path: of("sites[].routes[].redirect.path", "/a", "/b", path),
            },
          },
          {
            path: "/prefix",
            redirect: {
              prefix: of("sites[].routes[].redirect.prefix", "/a", "/b", { ...path, alone: false }),
            },
          },
        ],
      },
    ],
    backends: {
      app: { service: of("backends.{}.service", "app.web", "api.edge"), port: 80 },
      api: { servers: ["10.0.0.9:8080"] },
    },
    expect: [expectation(of)],
    invariants: invariants(of),
  };
}

function certificateArn(id: string): string {
  return `arn:aws:acm:eu-central-1:111122223333:certificate/${id}`;
}

/** A load balancer with its certificate and records; limits of bodies in their long form, and a trusted header. */
function namedEdge(of: TextOf): object {
  return {
    edge: "named",
    public: {
      loadBalancer: {
        kind: "aws-nlb",
        sources: ["10.0.0.0/16"],
        aws: { dns: [of("public.loadBalancer.aws.dns[]", "a.example.com", "b.example.com", host)] },
      },
      tls: {
        terminatedAt: "loadBalancer",
        certificate: {
          hosts: [of("public.tls.certificate.hosts[]", "a.example.com", "b.example.com", host)],
        },
      },
      trustedHeaders: [of("public.trustedHeaders[]", "x-real-ip", "x-real-in", { before: "x-real-i" })],
    },
    limits: { maxBody: { size: of("limits.maxBody.size", "1MB", "2MB") } },
    sites: [
      {
        host: "a.example.com",
        routes: [
          { to: "app" },
          { path: "/small", maxBody: { size: of("sites[].routes[].maxBody.size", "1kB", "2kB") }, to: "app" },
        ],
      },
    ],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
  };
}

/** One site for each kind of match: the text of one does not change the order of others. */
function matchingEdge(of: TextOf): object {
  return { edge: "matching", sites: matches(of), backends: { app: { servers: ["10.0.0.7:8080"] } } };
}

function matches(of: TextOf): readonly object[] {
  const site = (name: string, route: object) => ({
    host: `${name}.example.com`,
    routes: [{ ...route, to: "app" }],
  });
  return [
    site("path", { path: of("sites[].routes[].path", "/prefix", "/prefiy", path) }),
    site("path-prefix", { path: { prefix: of("sites[].routes[].path.prefix", "/prefiz", "/prefiw", path) } }),
    site("path-exact", { path: { exact: of("sites[].routes[].path.exact", "/exact", "/exacu", path) } }),
    site("path-regex", {
      path: { regex: of("sites[].routes[].path.regex", "^/r1$", "^/r2$", { before: "^/r" }) },
    }),
    site("method", { method: of("sites[].routes[].method", "GET", "POST", { before: "X" }) }),
    site("methods", { method: ["PUT", of("sites[].routes[].method[]", "HEAD", "PATCH", { before: "Y" })] }),
    site("header-name", {
      header: { [of("sites[].routes[].header.{key}", "x-a", "x-b", { before: "x-c" })]: "1" },
    }),
    site("header", { header: { "x-h": of("sites[].routes[].header.{}", "1", "2", { before: "v" }) } }),
    site("header-exact", {
      header: { "x-e": { exact: of("sites[].routes[].header.{}.exact", "1", "2", { before: "v" }) } },
    }),
    site("header-regex", {
      header: { "x-r": { regex: of("sites[].routes[].header.{}.regex", "^1", "^2", { before: "v" }) } },
    }),
    site("query-name", {
      query: { [of("sites[].routes[].query.{key}", "qa", "qb", { before: "qx" })]: "1" },
    }),
    site("query", { query: { q: of("sites[].routes[].query.{}", "1", "2", { before: "v" }) } }),
    site("query-exact", {
      query: { qe: { exact: of("sites[].routes[].query.{}.exact", "1", "2", { before: "v" }) } },
    }),
    site("query-regex", {
      query: { qr: { regex: of("sites[].routes[].query.{}.regex", "^1", "^2", { before: "v" }) } },
    }),
  ];
}

function expectation(of: TextOf): object {
  return {
    get: of("expect[].get", "https://main.example.com/", "https://main.example.com/x", {
      before: "https://main.example.com/",
    }),
    headers: {
      [of("expect[].headers.{key}", "x-a", "x-b", { before: "x-c" })]: of("expect[].headers.{}", "1", "2"),
      "x-list": [of("expect[].headers.{}[]", "1", "2")],
    },
    body: of("expect[].body", "a", "b"),
    from: of("expect[].from", "192.0.2.7", "192.0.2.8"),
    location: of("expect[].location", "/a", "/b"),
    backend: of("expect[].backend", "app", "api"),
    seen: {
      path: of("expect[].seen.path", "/a", "/b"),
      host: of("expect[].seen.host", "a", "b"),
      serverName: of("expect[].seen.serverName", "a", "b"),
      method: of("expect[].seen.method", "GET", "POST"),
      headers: {
        [of("expect[].seen.headers.{key}", "x-a", "x-b", { before: "x-c" })]: of(
          "expect[].seen.headers.{}",
          "1",
          "2",
        ),
      },
    },
    responseHeaders: {
      [of("expect[].responseHeaders.{key}", "x-a", "x-b", { before: "x-c" })]: of(
        "expect[].responseHeaders.{}",
        "1",
        "2",
      ),
    },
    responseBody: of("expect[].responseBody", "a", "b"),
    certificate: of("expect[].certificate", "a", "b"),
  };
}

function invariants(of: TextOf): readonly object[] {
  const outcome = (name: string) => ({
    backend: of(`invariants[].${name}.backend`, "app", "api"),
    status: of(`invariants[].${name}.status`, "2xx", "4xx"),
    redirect: of(`invariants[].${name}.redirect`, "https://**", "http://**"),
  });
  const all = { path: "/" };
  return [
    { never: { ...all, ...outcome("never") } },
    // biome-ignore lint/suspicious/noThenProperty: the word of the description.
    { always: all, then: outcome("then") },
    ...requestsOf(of, "never").map((never) => ({ never: { ...never, noRoute: true } })),
    // biome-ignore lint/suspicious/noThenProperty: the word of the description.
    ...requestsOf(of, "always").map((always) => ({ always, then: { noRoute: true } })),
  ];
}

/** The requests of an invariant, with each form of a path and of methods. */
function requestsOf(of: TextOf, kind: "never" | "always"): readonly object[] {
  const at = `invariants[].${kind}`;
  const path = { before: "/x" } as const;
  return [
    {
      path: of(`${at}.path`, "/a", "/b", path),
      host: of(`${at}.host`, "main.example.com", "*.example.com"),
      method: of(`${at}.method`, "GET", "POST", { before: "X" }),
      from: of(`${at}.from`, "192.0.2.0/24", "not 198.51.100.0/24"),
      listener: of(`${at}.listener`, "https", "http"),
      header: {
        [of(`${at}.header.{key}`, "x-a", "x-b", { before: "x-c" })]: of(`${at}.header.{}`, "1", "2"),
      },
    },
    {
      path: { exact: of(`${at}.path.exact`, "/a", "/b", path) },
      method: [of(`${at}.method[]`, "GET", "POST", { before: "X" })],
    },
    { path: { prefix: of(`${at}.path.prefix`, "/a", "/b", path) } },
    { path: { regex: of(`${at}.path.regex`, "^/a", "^/b", { before: "^/r" }) } },
  ];
}

/** Settings of the pods; in haproxy.cfg they change the drain and the name servers. */
function podsOf(of: TextOf): object {
  return {
    image: {
      repository: of("image.repository", "registry.example.com/web/edge", "edge", { before: "e" }),
      baseDigest: of("image.baseDigest", `sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`, {
        before: `sha256:${"a".repeat(63)}`,
      }),
      revision: of("image.revision", "2026-11-30", "2026-12-01", { before: "r" }),
      tools: [of("image.tools[]", "dnsutils", "telnet", { before: "t" })],
    },
    dns: {
      nameServers: [of("dns.nameServers[]", "10.96.0.10", "10.96.0.11:5353")],
      options: [of("dns.options[]", "single-request", "timeout:1", { before: "op" })],
    },
    kubernetes: {
      resources: {
        cpu: of("kubernetes.resources.cpu", "500m", "2"),
        memory: of("kubernetes.resources.memory", "4GiB", "5GiB"),
      },
      networkPolicy: {
        publicFrom: [of("kubernetes.networkPolicy.publicFrom[]", "192.0.2.0/24", "198.51.100.0/24")],
      },
      pullSecrets: [of("kubernetes.pullSecrets[]", "registry", "other", { before: "s" })],
      drain: {
        detection: of("kubernetes.drain.detection", "10s", "11s"),
        hardStop: of("kubernetes.drain.hardStop", "60s", "61s"),
        gracePeriod: of("kubernetes.drain.gracePeriod", "90s", "91s"),
      },
    },
  };
}

/** TLS terminated at HAProxy, in-cluster clients distinguished by Host, everything else that a route and a backend can have. */
function secondEdge(of: TextOf): object {
  const weighted = of("sites[].routes[].to.{key}", "app", "app");
  const name = of("backends.{key}", "named", "called", { before: "b" });
  return {
    edge: "second",
    stickyKey: of("stickyKey", KEYS[0], KEYS[1], { before: KEYS[0].slice(0, 55) }),
    public: {
      loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
      tls: {
        terminatedAt: "haproxy",
        certificates: [
          {
            file: of("public.tls.certificates[].file", "/etc/a.pem", "/etc/b.pem", {
              before: "/etc/",
              ...exact,
            }),
            hosts: [of("public.tls.certificates[].hosts[]", "main.example.com", "x.example.com")],
          },
          { secret: of("public.tls.certificates[].secret", "tls-a", "tls-b", { before: "t", ...exact }) },
        ],
      },
      plainHttp: "serve",
    },
    internal: {
      sharesPublicPort: { hostPrefix: of("internal.sharesPublicPort.hostPrefix", "haproxy", "inside", host) },
      site: "main.example.com",
    },
    timeouts: Object.fromEntries(
      ["client", "server", "connect", "request", "keepAlive", "queue", "check", "handshake"].map((key) => [
        key,
        of(`timeouts.${key}`, "10s", "11s"),
      ]),
    ),
    limits: {
      maxBody: of("limits.maxBody", "1MB", "2MB"),
      maxHeader: of("limits.maxHeader", "32kB", "64kB"),
    },
    check: {
      allow: [
        {
          code: of("check.allow[].code", "unused-backend", "no-health-check"),
          because: of("check.allow[].because", "it is meant so", "it is wanted"),
          for: of("check.allow[].for", "app", "api"),
        },
      ],
    },
    ...podsOf(of),
    compression: { types: [of("compression.types[]", "text/html", "text/css", { before: "text/x" })] },
    errorPages: { [of("errorPages.{key}", "404", "503")]: of("errorPages.{}", "gone", "away") },
    logs: {
      to: of("logs.to", "/dev/log", "192.0.2.1:514", { before: "/run/", ...exact }),
      facility: of("logs.facility", "local0", "local1"),
    },
    stats: {
      user: {
        name: of("stats.user.name", "admin", "root", { before: "u", ...exact }),
        password: of("stats.user.password", "secret", "hidden", { before: "p" }),
      },
    },
    haproxy: { raw: [of("haproxy.raw[]", "tune.maxrewrite 1024", "tune.maxrewrite 2048", raw)] },
    ...headerEdits(of, "", "edge"),
    sites: [
      {
        host: "main.example.com",
        ...headerEdits(of, "sites[].", "site"),
        routes: [
          {
            to: of("sites[].routes[].to", "app", "app"),
            rewrite: {
              host: of("sites[].routes[].rewrite.host", "a.internal", "b.internal", host),
              path: of("sites[].routes[].rewrite.path", "/a", "/b", path),
            },
            timeouts: {
              server: of("sites[].routes[].timeouts.server", "20s", "21s"),
              tunnel: of("sites[].routes[].timeouts.tunnel", "20s", "21s"),
            },
            allow: [of("sites[].routes[].allow[]", "192.0.2.0/24", "198.51.100.0/24")],
            deny: [of("sites[].routes[].deny[]", "192.0.2.0/25", "198.51.100.0/25")],
            maxBody: of("sites[].routes[].maxBody", "1kB", "2kB"),
            ...headerEdits(of, "sites[].routes[].", "route"),
          },
          {
            path: "/prefix",
            to: { [weighted]: 1, [name]: 1 },
            rewrite: { prefix: of("sites[].routes[].rewrite.prefix", "/a", "/b", { ...path, alone: false }) },
          },
          {
            path: "/respond",
            respond: {
              status: 200,
              body: of("sites[].routes[].respond.body", "a", "b"),
              contentType: of("sites[].routes[].respond.contentType", "text/html", "text/css", {
                before: "text/x",
                ...exact,
              }),
            },
          },
          { path: "/servers", to: "servers" },
        ],
      },
    ],
    backends: {
      app: { servers: ["10.0.0.7:8080"] },
      [name]: { servers: ["10.0.0.8:8080"] },
      servers: servers(of),
      configMap: {
        servers: ["10.0.0.9:443"],
        tls: {
          ca: {
            configMap: of("backends.{}.tls.ca.configMap", "ca", "cb", { before: "x" }),
            key: of("backends.{}.tls.ca.key", "ca.crt", "cb.crt", { before: "x" }),
          },
        },
      },
      secret: {
        servers: ["10.0.0.9:443"],
        tls: { ca: { secret: of("backends.{}.tls.ca.secret", "ca", "cb", { before: "x" }) } },
      },
    },
    expect: [
      {
        request: of("expect[].request", "POST https://main.example.com/", "POST https://main.example.com/x", {
          before: "POST https://main.example.com/",
        }),
        backend: [of("expect[].backend[]", "app", "servers")],
        certificate: [of("expect[].certificate[]", "a", "b")],
      },
    ],
  };
}

/** The Service of a cloud's controller, with annotations. */
function serviceEdge(of: TextOf): object {
  return {
    edge: "service",
    public: {
      loadBalancer: {
        kind: "service",
        annotations: {
          [of("public.loadBalancer.annotations.{key}", "example.com/a", "example.com/b", {
            before: "example.com/x",
          })]: of("public.loadBalancer.annotations.{}", "first", "second"),
        },
      },
    },
    sites: [
      { host: "main.example.com", redirect: { to: "https://other.example.com/" } },
      { host: "app.example.com", routes: [{ to: "app" }] },
    ],
    backends: { app: { servers: ["10.0.0.7:80", "10.0.0.8:80"], sticky: { cookie: "srv" } } },
    stickyKey: {
      secret: of("stickyKey.secret", "keys", "others", { before: "x" }),
      key: of("stickyKey.key", "sticky-key", "key", { before: "x" }),
    },
    stats: {
      user: {
        name: "admin",
        password: {
          secret: of("stats.user.password.secret", "keys", "others", { before: "x" }),
          key: of("stats.user.password.key", "password", "stats", { before: "x" }),
        },
      },
    },
  };
}

function servers(of: TextOf): object {
  return {
    servers: [
      of("backends.{}.servers[]", "10.0.0.1:80", "10.0.0.2:80"),
      { address: of("backends.{}.servers[].address", "10.0.0.3:80", "app.example.com:80") },
      "db.example.com:80",
    ],
    balance: { header: of("backends.{}.balance.header", "x-user", "x-team", { before: "x-c", ...exact }) },
    health: {
      path: of("backends.{}.health.path", "/a", "/b", path),
      host: of("backends.{}.health.host", "a.example.com", "b.example.com", host),
      method: of("backends.{}.health.method", "GET", "HEAD", { before: "X" }),
      status: of("backends.{}.health.status", "200", "204"),
      interval: of("backends.{}.health.interval", "3s", "4s"),
      timeout: of("backends.{}.health.timeout", "2s", "3s"),
    },
    timeouts: Object.fromEntries(
      ["connect", "server", "queue", "tunnel"].map((key) => [
        key,
        of(`backends.{}.timeouts.${key}`, "40s", "41s"),
      ]),
    ),
    tls: {
      verify: of("backends.{}.tls.verify", "/etc/ca.pem", "/etc/cb.pem", { before: "/etc/", ...exact }),
      sni: of("backends.{}.tls.sni", "a.example.com", "b.example.com", host),
    },
    sticky: { cookie: of("backends.{}.sticky.cookie", "SRV", "SRW", { before: "C", ...exact }) },
    raw: [of("backends.{}.raw[]", "option forwardfor", "option abortonclose", raw)],
  };
}

export interface TextField extends FieldOptions {
  readonly name: string;
  readonly harmless: string;
  readonly other: string;
  readonly edge: (of: TextOf) => object;
}

/** Every text field of the two edges. */
export function textFields(): readonly TextField[] {
  return [firstEdge, secondEdge, matchingEdge, namedEdge, serviceEdge].flatMap((edge) => {
    const fields: TextField[] = [];
    edge((name, harmless, other, options = {}) => {
      fields.push({ name, harmless, other, edge, ...options });
      return harmless;
    });
    return fields;
  });
}

/** The text by itself, and after a valid prefix. */
export function formsOf({ before = "", alone }: TextField, piece: string): ReadonlySet<string> {
  return new Set([...(alone === false ? [] : [piece]), `${before}${piece}`]);
}

/** The description with these texts in place of the harmless ones. */
export function withTexts(edge: TextField["edge"], texts: ReadonlyMap<string, string>): object {
  return edge((name, harmless) => texts.get(name) ?? harmless);
}

/** Every place of the schema where any text can be written, `[]` for a list's items, `{}` for a map's values, `{key}` for its keys. */
export function schemaTexts(): ReadonlySet<string> {
  const found = new Set<string>();
  visit(descriptionJsonSchema(), "", found);
  return found;
}

function visit(node: JsonSchema, place: string, found: Set<string>): void {
  const types = [node.type].flat();
  if (types.includes("string") && node.enum === undefined && node.const === undefined) found.add(place);
  for (const one of node.anyOf ?? []) visit(one, place, found);
  for (const [key, one] of Object.entries(node.properties ?? {}))
    visit(one, place === "" ? key : `${place}.${key}`, found);
  if (node.items !== undefined) visit(node.items, `${place}[]`, found);
  if (typeof node.additionalProperties !== "object") return;
  found.add(`${place}.{key}`);
  visit(node.additionalProperties, `${place}.{}`, found);
}

// Findings about valid YAML with invalid values.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { load, shown } from "./written.ts";

const HEAD =
  "edge: app\nsites: [{ host: a.example, routes: [{ to: app }] }]\nbackends: { app: { service: app } }\n";
const said = (text: string) => shown({ "portico.yaml": `${HEAD}${text}\n` });
const findingsOfRoute = (route: string) =>
  shown({
    "portico.yaml": `edge: app\nsites:\n  - host: a.example\n    routes:\n      - ${route}\nbackends: { app: { service: app } }\n`,
  });

test("a misspelt key", async () => {
  expect(await said("expct: []")).toMatchInlineSnapshot(`
    "error  unknown-key   unknown key \`expct\`: did you mean \`expect\`?

       portico.yaml:4:1   expct: []
                          ^^^^^

       An unknown key would silently have no effect. Write \`expect\`.         portico finding unknown-key
    "
  `);
});
test("a misspelt key in a route", async () => {
  expect(await findingsOfRoute("{ paht: /x, to: app }")).toMatchInlineSnapshot(`
    "error  unknown-key   unknown key \`paht\` in \`sites[0].routes[0]\`: did you mean \`path\`?

       portico.yaml:5:11   - { paht: /x, to: app }
                               ^^^^

       An unknown key would silently have no effect. Write \`path\`.           portico finding unknown-key
    "
  `);
});
test("a key like no other", async () => {
  expect(await said("stats: { wibble: 1 }")).toMatchInlineSnapshot(`
    "error  unknown-key   unknown key \`wibble\` in \`stats\`

       portico.yaml:4:10   stats: { wibble: 1 }
                                    ^^^^^^

       The keys here are port, public, user. Remove it, or write one of these keys.
                                                                             portico finding unknown-key
    "
  `);
});
test("a missing key", async () => {
  expect(
    await shown({ "portico.yaml": "edge: app\nsites:\n  - routes: [{ to: app }]\n" }),
  ).toMatchInlineSnapshot(`
    "error  missing-key   the key \`host\` is missing in \`sites[0]\`

       portico.yaml:3:5   - routes: [{ to: app }]
                            ^^^^^^^^^^^^^^^^^^^^^

       A host name, \`*.example.com\` for names under it, \`*\` for other hosts, or a list. Add \`host\`.
                                                                             portico finding missing-key
    "
  `);
});
test("a status that no redirect to HTTPS has", async () => {
  expect(await said("public: { plainHttp: { redirect: 303 } }")).toContain(
    "the status of a redirect to HTTPS is 301, 302, 307 or 308",
  );
});

test("a misspelt value of a choice", async () => {
  expect(await said("public: { plainHttp: redirct }")).toMatchInlineSnapshot(`
    "error  unknown-value
       \`public.plainHttp\`: expected redirect, serve, off or a map with \`redirect\`, got the text
       "redirct"

       portico.yaml:4:22   public: { plainHttp: redirct }
                                                ^^^^^^^

       What happens to plain HTTP requests: redirect to HTTPS with status 301 or another one ({
       redirect: 308 }), serve them, or no listener (off). Sites and routes can be excepted from the
       redirect. Default: redirect if there is TLS, otherwise serve. Write \`redirect\`.
                                                                           portico finding unknown-value
    "
  `);
});
test("an invalid value", async () => {
  expect(await said("public: { loadBalancer: f5 }")).toMatchInlineSnapshot(`
    "error  unknown-value
       \`public.loadBalancer\`: expected aws-classic-elb, aws-nlb, http, service, none or a map with
       \`kind\`, \`provider\`, \`internal\`, \`annotations\` or others, got the text "f5"

       portico.yaml:4:25   public: { loadBalancer: f5 }
                                                   ^^

       The load balancer in front of the cluster. Write aws-classic-elb, aws-nlb, http, service, none or
       a map with \`kind\`, \`provider\`, \`internal\`, \`annotations\` or others.
                                                                           portico finding unknown-value
    "
  `);
});
test("a misspelt discriminator of an alternative", async () => {
  expect(
    await said("public: { tls: { terminatedAt: haprxy, certificates: [{ file: /a.pem }] } }"),
  ).toMatchInlineSnapshot(`
    "error  unknown-value
       \`public.tls.terminatedAt\`: the text "haprxy" is not one of haproxy, loadBalancer

       portico.yaml:4:32   public: { tls: { terminatedAt: haprxy, certificates: [{ file: /a.pem }] } }
                                                          ^^^^^^

       HAProxy terminates TLS. The load balancer forwards the TCP connection. Write \`haproxy\`.
                                                                           portico finding unknown-value
    "
  `);
});
test("a misspelt key of an alternative", async () => {
  expect(await findingsOfRoute("{ path: { exactt: /x }, to: app }")).toMatchInlineSnapshot(`
    "error  unknown-key   unknown key \`exactt\` in \`sites[0].routes[0].path\`: did you mean \`exact\`?

       portico.yaml:5:19   - { path: { exactt: /x }, to: app }
                                       ^^^^^^

       An unknown key would silently have no effect. Write \`exact\`.          portico finding unknown-key
    "
  `);
});
test("an empty alternative", async () => {
  expect(await findingsOfRoute("{ path: {}, to: app }")).toMatchInlineSnapshot(`
    "error  missing-key   \`sites[0].routes[0].path\` is an empty map

       portico.yaml:5:17   - { path: {}, to: app }
                                     ^^

       The paths that match: a prefix of whole segments, { exact } or { regex }. Default: all paths.
       Write \`prefix\`, \`exact\` or \`regex\` in it.                             portico finding missing-key
    "
  `);
});
test("a number of seconds without its unit", async () => {
  expect(await said("timeouts: { server: 30 }")).toMatchInlineSnapshot(`
    "error  wrong-type   \`timeouts.server\`: 30 has no unit. Write a unit: 30ms, 30s, …

       portico.yaml:4:21   timeouts: { server: 30 }
                                               ^^

       The maximum time until a response begins, and between two parts of it. Default 30s.
                                                                              portico finding wrong-type
    "
  `);
});
test("a number where text is expected, in YAML's own notation", async () => {
  expect(await findingsOfRoute("{ header: { x-version: 1e3 }, to: app }")).toMatchInlineSnapshot(`
    "error  wrong-type
       \`sites[0].routes[0].header.x-version\`: expected text or a map with \`exact\`, \`present\` or \`regex\`,
       got the number 1000

       portico.yaml:5:32   - { header: { x-version: 1e3 }, to: app }
                                                    ^^^

       Put it in quotes: "1e3".                                               portico finding wrong-type
    "
  `);
});
test("an octal number where text is expected", async () => {
  expect(await findingsOfRoute("{ header: { x-version: 0o17 }, to: app }")).toContain(
    'Put it in quotes: "0o17".',
  );
});
test("a truth value where text is expected", async () => {
  expect(await findingsOfRoute("{ query: { debug: true }, to: app }")).toMatchInlineSnapshot(`
    "error  wrong-type
       \`sites[0].routes[0].query.debug\`: expected text or a map with \`exact\`, \`present\` or \`regex\`, got
       true

       portico.yaml:5:27   - { query: { debug: true }, to: app }
                                               ^^^^

       Put it in quotes: "true".                                              portico finding wrong-type
    "
  `);
});
test("a number in quotes", async () => {
  expect(await findingsOfRoute('{ redirect: { to: "https://a.example", status: "301" } }')).toContain(
    'got\n   the text "301"',
  );
  const whole = `edge: app
public: { ports: { http: "8080" } }
kubernetes: { replicas: "3" }
stats: { port: 8404, public: "true" }
compression: 'no'
sites: [{ host: a.example, routes: [{ to: web, websocket: yes }] }]
timeouts: { server: "30" }
backends: { web: { service: web, port: "80", retries: '2', maxConnections: "many" } }
`;
  const text = (await shown({ "portico.yaml": whole })).replace(/\s+/g, " ");
  for (const remedy of [
    "Remove the quotes: 8080.",
    "Remove the quotes: 3.",
    "Remove the quotes: true.",
    "Remove the quotes: false.",
    "Write true.",
    "Remove the quotes: 80.",
    "Remove the quotes: 2.",
    "30 has no unit. Write a unit: 30ms, 30s, …",
  ])
    expect(text).toContain(remedy);
  expect(text.match(/Remove the quotes/g)).toHaveLength(6);
});
test("a list where a map is expected", async () => {
  expect(await said("limits: [1, 2]")).toMatchInlineSnapshot(`
    "error  wrong-type
       \`limits\`: expected a map with \`maxConnections\`, \`maxHeader\` or \`maxBody\`, got a list

       portico.yaml:4:9   limits: [1, 2]
                                  ^^^^^^

       The limits of one HAProxy.                                             portico finding wrong-type
    "
  `);
});
test("nothing where a map is expected", async () => {
  expect(await said("limits:")).toMatchInlineSnapshot(`
    "error  wrong-type
       \`limits\`: expected a map with \`maxConnections\`, \`maxHeader\` or \`maxBody\`, got nothing

       portico.yaml:4:1   limits:
                          ^^^^^^

       The limits of one HAProxy.                                             portico finding wrong-type
    "
  `);
});
test.each([
  ["limits: { maxHeader: plenty }", '"plenty" is not a size'],
  ["limits: { maxHeader: '' }", "is not a size"],
  ["limits: { maxHeader: 2MiB }", "15360B to 1MiB"],
])("a size with its own bounds: %s", async (text, expected) => {
  const shown = await said(text);
  expect(shown).toContain(expected);
  expect(shown.match(/^error/gm)).toHaveLength(1);
});
test("a number out of range", async () => {
  expect(await said("haproxy: { ports: { http: 70000 } }")).toMatchInlineSnapshot(`
    "error  invalid-value   \`haproxy.ports.http\`: a port is 1 to 65535

       portico.yaml:4:27   haproxy: { ports: { http: 70000 } }
                                                     ^^^^^

       The port for public HTTP requests. Default 8080.                    portico finding invalid-value
    "
  `);
});
test("a fraction", async () => {
  expect(await said("kubernetes: { replicas: 1.5 }")).toMatchInlineSnapshot(`
    "error  invalid-value   \`kubernetes.replicas\`: expected a whole number, got the number 1.5

       portico.yaml:4:25   kubernetes: { replicas: 1.5 }
                                                   ^^^

       A fixed number of pods.                                             portico finding invalid-value
    "
  `);
});
test("an invalid name", async () => {
  expect(
    await shown({
      "portico.yaml":
        "edge: app\nsites: [{ host: a.example, routes: [{ to: app }] }]\nbackends: { my app: { service: app } }\n",
    }),
  ).toMatchInlineSnapshot(`
    "error  invalid-value
       the name "my app" in \`backends\`: a backend's name is up to 63 letters, digits, -, _ and ., and
       begins and ends with a letter or digit

       portico.yaml:3:13   backends: { my app: { service: app } }
                                       ^^^^^^

                                                                           portico finding invalid-value
    "
  `);
});

test.each([
  ["an error page that is empty", 'errorPages: { 503: "" }', "the page is empty"],
  [
    "a certificate for every host",
    'public: { tls: { terminatedAt: haproxy, certificates: [{ file: /a.pem, hosts: ["*"] }] } }',
    "a certificate cannot cover every host",
  ],
  [
    "a certificate for an invalid host name",
    'public: { tls: { terminatedAt: haproxy, certificates: [{ file: /a.pem, hosts: ["https://a.example"] }] } }',
    "a host has no scheme",
  ],
])("%s", async (_, text, words) => {
  expect(await said(text)).toContain(words);
});
test("a switch that can only be on", async () => {
  expect(await findingsOfRoute("{ to: app, websocket: false }")).toContain(
    "the only valid value is true, not false",
  );
});

test("on, yes and no are text", async () => {
  const { value } = await load({
    "portico.yaml":
      "edge: on\nsites: [{ host: yes, routes: [{ header: { x-flag: no }, to: app }] }]\nbackends: { app: { service: app } }\n",
  });
  expect(value?.edge).toMatchObject({
    edge: "on",
    sites: [{ host: "yes", routes: [{ header: { "x-flag": "no" } }] }],
  });
});

test("20 are shown and the others counted", async () => {
  const text = await said(Array.from({ length: 33 }, (_, index) => `zzzz-${index}: 1`).join("\n"));
  expect(text.match(/^error {2}unknown-key/gm)).toHaveLength(20);
  expect(text.endsWith("\n\n… and 13 more\n")).toBe(true);
});

/** Every map of a description, with an unknown key added. */
const VALID = {
  edge: "app",
  namespace: "web",
  public: {
    loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/8"] },
    tls: { terminatedAt: "haproxy", certificates: [{ file: "/a.pem" }] },
    ports: { http: 80 },
  },
  internal: { hosts: ["haproxy-service"] },
  sites: [
    {
      host: ["a.example", "*.b.example"],
      hsts: { maxAge: "180d" },
      routes: [
        {
          path: { exact: "/x" },
          header: { "x-beta": { present: true } },
          to: { app: 1 },
          rewrite: { path: "/y" },
          requestHeaders: { set: { "x-a": "b" } },
          timeouts: { server: "3s" },
        },
        { path: { prefix: "/z" }, redirect: { to: "https://c.example/" } },
        { respond: { status: 404 } },
      ],
    },
  ],
  backends: {
    app: {
      service: "app",
      health: { path: "/health" },
      timeouts: { connect: "1s" },
      servers: [{ address: "10.0.0.1:80" }],
      balance: { header: "x-user" },
      sticky: { cookie: "s" },
      tls: { verify: false },
    },
  },
  stickyKey: "d8ZbTq2VwNc0mYhJ4uKfRx7LsPa1GiEo5tWn9CkBvQ3zMy6DjHrUeXgS",
  timeouts: { client: "30s" },
  limits: { maxConnections: 100 },
  logs: { format: "json" },
  stats: { user: { name: "a", password: "b" } },
  haproxy: { ports: { http: 8080 } },
  kubernetes: { replicas: 2, nodePorts: { http: 30000 } },
  expect: [{ get: "http://a.example/", seen: { path: "/" }, status: 200 }],
};

/** Maps whose keys are names that a user chooses. */
const NAMES = new Set(["header", "to", "set", "backends"]);

function mapsIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => mapsIn(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  const below = Object.entries(value).flatMap(([key, item]) => mapsIn(item, [...path, key]));
  return NAMES.has(String(path.at(-1))) ? below : [path, ...below];
}

function withKey(value: unknown, path: readonly (string | number)[], key: string): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const map = path.reduce((held, step) => held[step] as Record<string | number, unknown>, copy);
  map[key] = 1;
  return copy;
}

describe("unknown keys", () => {
  test("the description they are put into is valid", async () => {
    expect((await load({ "portico.yaml": JSON.stringify(VALID, null, 2) })).findings).toEqual([]);
  });

  test.each(mapsIn(VALID).map((path) => [path.join(".") || "the whole", path] as const))(
    "in %s get a finding at the key",
    async (_, path) => {
      const text = JSON.stringify(withKey(VALID, path, "zzqq"), null, 2);
      const { value, findings } = await load({ "portico.yaml": text });
      expect(value).toBeUndefined();
      const line = text.split("\n").findIndex((each) => each.includes('"zzqq"')) + 1;
      expect(findings).toMatchObject([
        { code: "unknown-key", at: [{ file: "portico.yaml", line, length: 6 }] },
      ]);
    },
  );
});

test("no value of any kind at any place makes it throw or shows zod's messages", async () => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
    fc.constantFrom(
      {},
      [],
      "",
      null,
      0,
      -1,
      1.5,
      true,
      "app",
      { exact: 1 },
      { kind: 1 },
      { terminatedAt: 1 },
    ),
  );
  const places = mapsIn(VALID).flatMap((path) => {
    const map = path.reduce<unknown>(
      (held, step) => (held as Record<string | number, unknown>)[step],
      VALID,
    ) as Record<string, unknown>;
    return Object.keys(map).map((key) => ({ path, key }));
  });
  const mistake = fc.record({ place: fc.constantFrom(...places), value: anything });
  await fc.assert(
    fc.asyncProperty(fc.array(mistake, { minLength: 1, maxLength: 4 }), async (mistakes) => {
      const edge = structuredClone(VALID) as unknown;
      for (const { place, value } of mistakes) {
        let map = edge as Record<string | number, unknown> | undefined;
        for (const step of place.path)
          map = (typeof map === "object" && map !== null ? map[step] : undefined) as typeof map;
        if (typeof map === "object" && map !== null) map[place.key] = structuredClone(value);
      }
      const { value, findings } = await load({ "portico.yaml": JSON.stringify(edge, null, 2) });
      expect(value === undefined).toBe(findings.length > 0);
      for (const finding of findings) {
        expect(`${finding.what} ${finding.remedy}`).not.toMatch(
          /Invalid input|Unrecognized|undefined|expected string|received|\[object/,
        );
        expect(finding.what).not.toMatch(/: $|^$/);
        expect(finding.at).toHaveLength(1);
      }
    }),
    { numRuns: 400 },
  );
}, 120_000);

// With a search for the end of the line at each place, this takes minutes.
test("40,000 mistakes in one line of 2 MB", async () => {
  const site = { host: "a.example", routes: [{ to: "app" }] };
  const sites = Array.from({ length: 40_000 }, () => site);
  const text = JSON.stringify({ edge: "app", sites, backends: { app: { service: "app", port: 8080 } } });
  const { value } = await load({ "portico.yaml": text });
  if (value === undefined) throw new Error("the description was refused");
  expect(value.positionOf(["sites", 39_999, "host"])).toMatchObject({ line: 1, length: 11 });
  const { findings } = planEdge(value.edge, value.positionOf);
  expect(findings.filter(({ code }) => code === "duplicate-host")).toHaveLength(39_999);
});

describe("a remedy is a value that the field accepts:", () => {
  test.each([
    [
      "stats: yes",
      "Remove `stats` for the default, or write false or a map with `port`, `public` or `user`.",
    ],
    [
      "stats: true",
      "Remove `stats` for the default, or write false or a map with `port`, `public` or `user`.",
    ],
    ['stats: "no"', "Remove the quotes: false."],
    ["public: { loadBalancer: { kind: aws-nlb, sources: 10.0.0.0/16 } }", "Write `[10.0.0.0/16]`."],
    ["public: { allow: 192.0.2.0/24 }", "Write `[192.0.2.0/24]`."],
  ])("%s", async (text, remedy) => {
    const { findings } = await load({ "portico.yaml": `${HEAD}${text}\n` });
    expect(findings.map((finding) => finding.remedy)).toEqual([remedy]);
  });

  test.each([
    ["health", "/health", "Write `{ path: /health }`."],
    ["health", "tpc", "Write `tcp`."],
    [
      "health",
      "yes",
      "Remove `health` for the default, or write false, tcp or a map with `path`, `host`, `method`, `status` or others.",
    ],
    ["keepAlive", '"no"', "Remove the quotes: false."],
  ])("%s: %s of a backend", async (key, value, remedy) => {
    const backends = `backends: { app: { service: app, ${key}: ${value} } }\n`;
    const { findings } = await load({ "portico.yaml": `${HEAD.replace(/backends.*\n/, "")}${backends}` });
    expect(findings.map((finding) => finding.remedy)).toEqual([remedy]);
    expect(findings[0]?.what).not.toContain("only valid value");
  });

  test("hsts: 180d", async () => {
    const text = HEAD.replace("host: a.example,", "host: a.example, hsts: 180d,");
    const { findings } = await load({ "portico.yaml": text });
    expect(findings.map(({ remedy }) => remedy)).toEqual(["Write `{ maxAge: 180d }`."]);
  });
});

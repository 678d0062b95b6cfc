// Names that HAProxy's resolver does not resolve in a pod: short names, answers that are too long, and a DNS outage with short hold times.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { claimNetwork } from "../../src/lab/network.ts";
import { type DnsRecords, openDns } from "../lab/stubs/dns.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { writeConfig } from "./fixtures/configs.ts";

const API = "api.web.svc.cluster.local";

interface Names {
  readonly server: string;
  /** Lines of the `resolvers` section. */
  readonly resolvers?: string;
  /** A line of the global section. */
  readonly global?: string;
  /** undefined: HAProxy's default, IPv6. */
  readonly prefer?: "ipv4" | undefined;
  /** Of the name, from the start. */
  readonly records?: DnsRecords;
}

async function running(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  haproxy: Haproxy,
  names: Names,
) {
  const { server, resolvers = "", global = "" } = names;
  const prefer = "prefer" in names && names.prefer === undefined ? "" : "resolve-prefer ipv4";
  const network = await claimNetwork();
  onTestFinished(() => network.release());
  const dns = await openDns({
    listen: { host: network.address(2), port: 0 },
    names: names.records === undefined ? {} : { [API]: names.records },
  });
  onTestFinished(() => dns.close());
  const folder = await mkdtemp(join(tmpdir(), "portico-faults-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const configFile = await writeConfig(
    folder,
    `global
  log stdout format raw local0
  ${global}
defaults
  mode http
  log global
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind ${network.address(1)}:8080
  default_backend api
backend api
  ${server} init-addr none resolvers cluster ${prefer}
resolvers cluster
  nameserver stub ${dns.endpoint.host}:${dns.endpoint.port}
  timeout resolve 200ms
  timeout retry 200ms
  resolve_retries 1
  hold valid 200ms
  ${resolvers}
`,
  );
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const started = await HaproxyProcess.start({
    haproxy,
    cwd: folder,
    configFile,
    singleThread: true,
    onLog: (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    },
  });
  onTestFinished(async () => void (await started.stop()));
  const untilLogged = (pattern: RegExp) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = () => {
      const found = lines.find((line) => pattern.test(line));
      if (found === undefined) return;
      listeners.delete(look);
      resolve(found);
    };
    listeners.add(look);
    look();
    return promise;
  };
  const untilQueried = (times: number, name: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = times;
    const forget = dns.onQuery((query) => {
      if (query.name !== name) return;
      left -= 1;
      if (left > 0) return;
      forget();
      resolve();
    });
    return promise;
  };
  return { dns, lines, untilLogged, untilQueried };
}

const all = await findAllHaproxies();

describe.concurrent.each(all)("HAProxy $version", (haproxy) => {
  test("a short name is queried as it is written", async (context) => {
    const { dns, lines, untilQueried } = await running(context, haproxy, { server: "server a api:8080" });
    dns.set(API, { a: ["127.0.0.1"] });
    dns.set("api.web", { a: ["127.0.0.1"] });
    await untilQueried(6, "api");
    expect([...new Set(dns.queries.map(({ name }) => name))]).toEqual(["api"]);
    expect(lines.filter((line) => /is UP|changed its IP/.test(line))).toEqual([]);
  });

  test("a truncated answer gives no address, and is not queried over TCP", async (context) => {
    const { dns, lines, untilQueried } = await running(context, haproxy, {
      server: `server-template a 100 ${API}:8080`,
    });
    dns.set(API, { a: Array.from({ length: 40 }, (_, index) => `127.88.0.${index + 1}`) });
    dns.fail({ truncated: true, over: "udp" });
    await untilQueried(6, API);
    expect(new Set(dns.queries.map(({ over }) => over))).toEqual(new Set(["udp"]));
    expect(lines.filter((line) => /is UP|changed its IP/.test(line))).toEqual([]);
  });

  test("an answer longer than accepted_payload_size gives no address, one that fits does", async (context) => {
    const { dns, lines, untilQueried, untilLogged } = await running(context, haproxy, {
      server: `server-template a 100 ${API}:8080`,
    });
    dns.set(API, { a: Array.from({ length: 40 }, (_, index) => `127.88.0.${index + 1}`) });
    await untilQueried(6, API);
    expect(lines.filter((line) => /is UP|changed its IP/.test(line))).toEqual([]);
    dns.set(API, { a: Array.from({ length: 26 }, (_, index) => `127.88.0.${index + 1}`) });
    await untilLogged(/a26? .*is UP|api\/a26/);
  });

  test("with a short hold time, a server goes down when DNS does not answer", async (context) => {
    const { dns, untilLogged } = await running(context, haproxy, {
      server: `server a ${API}:8080`,
      resolvers: "hold timeout 1s",
    });
    dns.set(API, { a: ["127.0.0.1"] });
    await untilLogged(/Server api\/a .*UP/);
    dns.fail({ unanswered: true });
    await untilLogged(/Server api\/a .*(?:DOWN|MAINT|maintenance)/);
  });

  test.for([
    { prefer: "ipv4", records: { aaaa: ["::1"] }, address: "::1" },
    { prefer: undefined, records: { a: ["127.0.0.1"] }, address: "127.0.0.1" },
    { prefer: undefined, records: { a: ["127.0.0.1"], aaaa: ["::1"] }, address: "::1" },
    { prefer: "ipv4", records: { a: ["127.0.0.1"], aaaa: ["::1"] }, address: "127.0.0.1" },
  ] as const)(
    "the preferred family is $prefer, and the name has $records: $address",
    async ({ prefer, records, address }, context) => {
      const { untilLogged } = await running(context, haproxy, {
        server: `server a ${API}:8080`,
        prefer,
        records,
      });
      expect((await untilLogged(/IP (?:changed )?from/)).replaceAll("'", "")).toContain(` to ${address} `);
    },
  );
});

// HAProxy manual 3.2, section 3.1, dns-accept-family.
describe.concurrent.each(all.filter(({ branch }) => branch !== "2.6" && branch !== "3.0"))(
  "HAProxy $version",
  (haproxy) => {
    test("with dns-accept-family ipv4, HAProxy queries no AAAA record", async (context) => {
      const { dns, lines, untilQueried } = await running(context, haproxy, {
        server: `server a ${API}:8080`,
        global: "dns-accept-family ipv4",
        prefer: undefined,
        records: { aaaa: ["::1"] },
      });
      await untilQueried(6, API);
      expect(new Set(dns.queries.map(({ type }) => type))).toEqual(new Set(["A"]));
      expect(lines.filter((line) => /is UP|changed its IP/.test(line))).toEqual([]);
    });
  },
);

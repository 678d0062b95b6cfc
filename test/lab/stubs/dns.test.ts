// The stub DNS server, queried by Node's own resolver (c-ares) and directly.
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { decode, encode } from "dns-packet";
import { expect, onTestFinished, test } from "vitest";
import { opened, testNetwork } from "../simulators/lab-fixture.ts";
import { openDns } from "./dns.ts";

async function open() {
  const network = await testNetwork();
  const names = { "App.ns.svc.cluster.local.": { a: ["10.0.0.1", "10.0.0.2"], aaaa: ["2001:db8::1"] } };
  const dns = await opened(openDns({ listen: await network.listenAt(53), names }));
  const resolver = new Resolver({ timeout: 100, tries: 1 });
  resolver.setServers([`${dns.endpoint.host}:${dns.endpoint.port}`]);
  return { dns, resolver };
}

const name = "app.ns.svc.cluster.local";

test("answers from a mutable table, and counts queries", async () => {
  const { dns, resolver } = await open();
  expect(await resolver.resolve4(name)).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(await resolver.resolve6(name)).toEqual(["2001:db8::1"]);
  dns.set(name, { a: ["10.0.0.3"], ttlSeconds: 60 });
  expect(await resolver.resolve4(name, { ttl: true })).toEqual([{ address: "10.0.0.3", ttl: 60 }]);
  await expect(resolver.resolve6(name)).rejects.toMatchObject({ code: "ENODATA" });
  dns.remove(name);
  await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(dns.count(name, "A")).toBe(3);
  expect(dns.count(name)).toBe(5);
  expect(dns.queries.at(-1)).toEqual({ name, type: "A", over: "udp" });
});

test("fails by name and type, until the fault is removed", async () => {
  const { dns, resolver } = await open();
  const heal = dns.fail({ name, type: "AAAA", unanswered: true });
  await expect(resolver.resolve6(name)).rejects.toMatchObject({ code: "ETIMEOUT" });
  expect(await resolver.resolve4(name)).toHaveLength(2);
  heal();
  expect(await resolver.resolve6(name)).toHaveLength(1);
  const recover = dns.fail({ rcode: "SERVFAIL" });
  await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: "ESERVFAIL" });
  recover();
  dns.fail({ delayMs: 5 });
  expect(await resolver.resolve4(name)).toHaveLength(2);
});

test("a truncated answer, forced or too long, sends clients to TCP", async () => {
  const { dns, resolver } = await open();
  dns.fail({ name, truncated: true });
  expect(await resolver.resolve4(name)).toHaveLength(2);
  expect(dns.queries.map(({ over }) => over)).toEqual(["udp", "tcp"]);
  const many = Array.from({ length: 250 }, (_, n) => `10.1.0.${n}`);
  dns.set("many.example.com", { a: many });
  expect((await resolver.resolve4("many.example.com")).toSorted()).toEqual(many.toSorted());
  expect(dns.queries.slice(2).map(({ over }) => over)).toEqual(["udp", "tcp"]);
});

test("without EDNS an answer over UDP has at most 512 bytes", async () => {
  const { dns } = await open();
  dns.set("many.example.com", { a: Array.from({ length: 50 }, (_, n) => `10.1.0.${n}`) });
  const socket = createSocket("udp4");
  const query = encode({
    type: "query",
    id: 7,
    flags: 256,
    questions: [{ type: "A", name: "many.example.com" }],
  });
  socket.send(query, dns.endpoint.port, dns.endpoint.host);
  const [message] = await once(socket, "message");
  socket.close();
  expect(decode(message)).toMatchObject({
    id: 7,
    flag_tc: true,
    flag_rd: true,
    rcode: "NOERROR",
    answers: [],
  });
});

test("faults of one transport do not affect the other", async () => {
  const { dns, resolver } = await open();
  dns.fail({ over: "tcp", unanswered: true });
  expect(await resolver.resolve4(name)).toHaveLength(2);
  dns.fail({ over: "udp", unanswered: true });
  await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: "ETIMEOUT" });
});

test("a lossy server loses its share, spread evenly", async () => {
  const { dns } = await open();
  dns.fail({ loss: 0.25 });
  dns.fail({ name: "last.example.com" });
  const socket = await client(dns.endpoint);
  for (let id = 1; id <= 80; id += 1) socket.ask(id, "A");
  // Datagrams over loopback keep their order: after this answer, all earlier queries were received.
  socket.ask(81, "A", "last.example.com");
  await socket.answered(81);
  const lost = Array.from({ length: 80 }, (_, at) => at + 1).filter((id) => !socket.ids.includes(id));
  expect(lost).toHaveLength(20);
  expect(lost.filter((id) => id % 2 === 0).length).toBeGreaterThan(5);
  expect(lost.filter((id) => id % 2 === 1).length).toBeGreaterThan(5);
});

test("a race loses only queries from a port with an unanswered earlier query", async () => {
  const { dns } = await open();
  dns.fail({ race: true });
  const [one, other] = await Promise.all([client(dns.endpoint), client(dns.endpoint)]);
  one.ask(1, "A");
  one.ask(2, "AAAA");
  other.ask(3, "AAAA");
  await Promise.all([one.answered(1), other.answered(3)]);
  // After the first answer the port is known.
  one.ask(4, "AAAA");
  await one.answered(4);
  expect(one.ids).toEqual([1, 4]);
});

/** A socket that sends queries without waiting. */
async function client({ host, port }: { readonly host: string; readonly port: number }) {
  const socket = createSocket("udp4");
  socket.connect(port, host);
  await once(socket, "connect");
  onTestFinished(() => void socket.close());
  const ids: number[] = [];
  const waiting = new Map<number, () => void>();
  socket.on("message", (message) => {
    const { id = 0 } = decode(message);
    ids.push(id);
    waiting.get(id)?.();
  });
  return {
    ids,
    ask: (id: number, type: "A" | "AAAA", queried = name) =>
      void socket.send(encode({ type: "query", id, questions: [{ name: queried, type }] })),
    answered: (id: number) =>
      new Promise<void>((resolve) => {
        if (ids.includes(id)) resolve();
        else waiting.set(id, resolve);
      }),
  };
}

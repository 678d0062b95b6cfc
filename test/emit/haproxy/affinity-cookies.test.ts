// Cookies for session affinity: a keyed hash of the server's address, the same in every HAProxy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned } from "../../model/planned.ts";

const KEY = "d8ZbTq2VwNc0mYhJ4uKfRx7LsPa1GiEo5tWn9CkBvQ3zMy6DjHrUeXgS";
const NAMED = /app|pods|server|srv-app/;

const plan = planned({
  public: { loadBalancer: "none" },
  stickyKey: KEY,
  sites: [
    {
      host: "a.test",
      routes: [
        { to: "app" },
        { path: "/retried", to: "app", retries: 1 },
        { path: "/pods", to: "pods" },
        { path: "/names", to: "names" },
      ],
    },
  ],
  backends: {
    app: {
      servers: ["10.0.0.1:80", "10.0.0.2:8080", { address: "10.0.0.3:80", backup: true }],
      balance: "roundrobin",
      sticky: { cookie: "srv", secure: false },
    },
    pods: { service: "pods", port: 80, endpoints: { headless: 3 }, sticky: { cookie: "srv", secure: false } },
    names: {
      servers: ["one.example.net:80", "two.example.net:80"],
      sticky: { cookie: "srv", secure: false },
    },
  },
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  /** By cookie of a first response: the address of the server that set it, in HAProxy's notation. */
  async function cookies(path: string, wanted: number): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (let index = 0; index < 20 && found.size < wanted; index += 1) {
      const answer = await lab.request(`http://a.test${path}`);
      const value = cookieOf(answer.headers);
      if (value !== undefined) found.set(value, answer.seen?.server ?? "");
    }
    return found;
  }

  test.each([
    ["/", 2],
    ["/names", 2],
    ["/pods", 1],
  ])(
    "%s: a client stays with the server of its cookie, whose value is a keyed hash",
    async (path, wanted) => {
      const found = await cookies(path, wanted);
      expect(found.size).toBe(wanted);
      expect(new Set(found.values()).size).toBe(wanted);
      for (const [value, server] of found) {
        expect(value).toBe(cookieFor(KEY, server));
        expect(value).not.toMatch(NAMED);
        for (let index = 0; index < 4; index += 1) {
          const again = await lab.request(`http://a.test${path}`, { headers: { cookie: `srv=${value}` } });
          expect([again.seen?.server, cookieOf(again.headers)]).toEqual([server, undefined]);
          expect(again.seen?.headers.find(([name]) => name.toLowerCase() === "cookie")).toBe(undefined);
        }
      }
    },
  );

  test("names, addresses and hashes without the key select no server", async () => {
    const found = await cookies("/", 2);
    for (const [, server] of found) {
      const guesses = ["app-1", "app", server, cookieFor("", server), cookieFor("app", server)];
      for (const guess of guesses) {
        const answer = await lab.request("http://a.test/", { headers: { cookie: `srv=${guess}` } });
        // HAProxy sets a new cookie for a client with an unknown one.
        expect([...found.keys()]).toContain(cookieOf(answer.headers));
      }
    }
  });

  test("a cookie is the same for routes with retries of their own, and after a reload", async () => {
    const before = await cookies("/", 2);
    const retried = await cookies("/retried", 2);
    expect(retried).toEqual(before);
    expect((await lab.haproxy.reload()).ok).toBe(true);
    for (const [value, server] of before) {
      const again = await lab.request("http://a.test/", { headers: { cookie: `srv=${value}` } });
      expect([again.seen?.server, cookieOf(again.headers)]).toEqual([server, undefined]);
    }
  });
});

function cookieOf(headers: readonly (readonly [string, string])[]): string | undefined {
  const text = headers.find(([name]) => name.toLowerCase() === "set-cookie")?.[1];
  return text === undefined ? undefined : /^srv=([^;]*)/.exec(text)?.[1];
}

/** As HAProxy computes it from key, address and port (srv_set_dyncookie() in src/server.c): the same in every HAProxy with the key. */
function cookieFor(key: string, server: string): string {
  const [address = "", port = ""] = server.split(":");
  const bytes = Buffer.alloc(8);
  for (const [index, part] of address.split(".").entries()) bytes.writeUInt8(Number(part), index);
  bytes.writeUInt32BE(Number(port), 4);
  return xxh64(Buffer.concat([Buffer.from(key), bytes]))
    .toString(16)
    .padStart(16, "0");
}

const MASK = (1n << 64n) - 1n;
const [P1, P2, P3, P4, P5] = [
  11400714785074694791n,
  14029467366897019727n,
  1609587929392839161n,
  9650029242287828579n,
  2870177450012600261n,
];

function rotated(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function round(lane: bigint, input: bigint): bigint {
  return (rotated((lane + input * P2) & MASK, 31n) * P1) & MASK;
}

/** XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
function xxh64(data: Buffer): bigint {
  let at = 0;
  let hash = P5;
  if (data.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, (MASK + 1n - P1) & MASK];
    for (; at + 32 <= data.length; at += 32)
      lanes.forEach((lane, index) => {
        lanes[index] = round(lane, data.readBigUInt64LE(at + index * 8));
      });
    hash =
      lanes.reduce((sum, lane, index) => sum + rotated(lane, [1n, 7n, 12n, 18n][index] ?? 0n), 0n) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK;
  }
  hash = (hash + BigInt(data.length)) & MASK;
  for (; at + 8 <= data.length; at += 8)
    hash = (rotated(hash ^ round(0n, data.readBigUInt64LE(at)), 27n) * P1 + P4) & MASK;
  for (; at + 4 <= data.length; at += 4)
    hash = (rotated(hash ^ ((BigInt(data.readUInt32LE(at)) * P1) & MASK), 23n) * P2 + P3) & MASK;
  for (; at < data.length; at += 1)
    hash = (rotated(hash ^ ((BigInt(data.readUInt8(at)) * P5) & MASK), 11n) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}

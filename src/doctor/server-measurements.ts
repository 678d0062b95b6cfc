// Measures one name server: which queries it answers, in what time, and whether pairs are lost more often than single queries.
import { setTimeout as delay } from "node:timers/promises";
import { queryTcp, queryUdp, type Reply } from "./raw-queries.ts";

export interface ServerMeasurements {
  readonly server: string;
  /** Each from a socket of its own. */
  readonly a: Measurements;
  readonly aaaa: Measurements;
  /** Both together from one socket, as the C libraries do. */
  readonly pair: { readonly a: Measurements; readonly aaaa: Measurements };
  readonly tcp: Measurements;
}

export interface Measurements {
  readonly sent: number;
  readonly lost: number;
  /** Of the answered queries; null: none was answered. */
  readonly medianMs: number | null;
  readonly longestMs: number | null;
  /** Response codes other than NOERROR, without duplicates. */
  readonly refusals: readonly string[];
  /** Whether any answer had an address. */
  readonly found: boolean;
}

export interface Sampling {
  /** Queries of each kind. */
  readonly rounds: number;
  /** Until an answer counts as lost. */
  readonly timeoutMs: number;
}

/** Between queries, so that a server gets no burst. */
const APART_MS = 10;
/** A few losses may be chance; a second sample decides. */
const FEW = 3;
const AGAIN = 4;

/** Sends `rounds` queries of each kind, and four times as many where the losses of the first ones are inconclusive. */
export async function measureServer(
  server: string,
  name: string,
  sampling: Sampling,
): Promise<ServerMeasurements> {
  const first = await sample(server, name, sampling);
  const lost = lostOf(first);
  const open = lost > 0 && lost <= FEW;
  const { a, aaaa, pairs } = open
    ? joined(first, await sample(server, name, { ...sampling, rounds: sampling.rounds * AGAIN }))
    : first;
  const tcp = await Promise.all(
    (["A", "AAAA"] as const).map((type) => queryTcp(server, name, type, sampling.timeoutMs)),
  );
  return {
    server,
    a: measurementsOf(a),
    aaaa: measurementsOf(aaaa),
    pair: {
      a: measurementsOf(pairs.map(([reply = null]) => reply)),
      aaaa: measurementsOf(pairs.map(([, reply = null]) => reply)),
    },
    tcp: measurementsOf(tcp),
  };
}

function measurementsOf(replies: readonly Reply[]): Measurements {
  const answered = replies.filter((reply) => reply !== null);
  const times = answered.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return {
    sent: replies.length,
    lost: replies.length - answered.length,
    medianMs: times[Math.floor(times.length / 2)] ?? null,
    longestMs: times.at(-1) ?? null,
    refusals: [...new Set(answered.map(({ rcode }) => rcode))].filter((rcode) => rcode !== "NOERROR").sort(),
    found: answered.some(({ addresses }) => addresses > 0),
  };
}

interface Samples {
  readonly a: readonly Reply[];
  readonly aaaa: readonly Reply[];
  readonly pairs: readonly (readonly Reply[])[];
}

/** Single queries first, then pairs, so that they do not affect each other. */
async function sample(server: string, name: string, { rounds, timeoutMs }: Sampling): Promise<Samples> {
  const alone = await inTurn(2 * rounds, (at) =>
    queryUdp(server, name, [at % 2 === 0 ? "A" : "AAAA"], timeoutMs),
  );
  const pairs = await inTurn(rounds, () => queryUdp(server, name, ["A", "AAAA"], timeoutMs));
  const every = (which: number) => alone.filter((_, at) => at % 2 === which).map(([reply = null]) => reply);
  return { a: every(0), aaaa: every(1), pairs };
}

/** Started one after the other, awaited together. */
async function inTurn<T>(count: number, query: (at: number) => Promise<T>): Promise<readonly T[]> {
  const begun: Promise<T>[] = [];
  for (let at = 0; at < count; at += 1) {
    begun.push(query(at));
    await delay(APART_MS);
  }
  return Promise.all(begun);
}

function joined(one: Samples, other: Samples): Samples {
  return {
    a: [...one.a, ...other.a],
    aaaa: [...one.aaaa, ...other.aaaa],
    pairs: [...one.pairs, ...other.pairs],
  };
}

function lostOf({ a, aaaa, pairs }: Samples): number {
  return [...a, ...aaaa, ...pairs.flat()].filter((reply) => reply === null).length;
}

// What one name server does with many questions: which it answers, in what time, and whether two at once fare worse than one.
import { setTimeout as delay } from "node:timers/promises";
import { queryTcp, queryUdp, type Reply } from "./raw-queries.ts";

export interface ServerMeasurements {
  readonly server: string;
  /** Each from a socket of its own. */
  readonly a: Measurements;
  readonly aaaa: Measurements;
  /** Both at once from one socket, as the C libraries do. */
  readonly pair: { readonly a: Measurements; readonly aaaa: Measurements };
  readonly tcp: Measurements;
}

export interface Measurements {
  readonly sent: number;
  readonly lost: number;
  /** Of those that were answered; null: none was. */
  readonly medianMs: number | null;
  readonly longestMs: number | null;
  /** Response codes but NOERROR, without repetition. */
  readonly refusals: readonly string[];
  /** Whether any answer had an address. */
  readonly found: boolean;
}

export interface Sampling {
  /** Questions of each kind. */
  readonly rounds: number;
  /** Until an answer counts as lost. */
  readonly timeoutMs: number;
}

/** Between questions, so that a server sees no burst. */
const APART_MS = 10;
/** A few losses are chance; as many again tell. */
const FEW = 3;
const AGAIN = 4;

/** Takes `rounds` questions of each kind, and four times more where the first ones leave open what their losses mean. */
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

/** Alone first, then in pairs: what one kind meets must not be the other's doing. */
async function sample(server: string, name: string, { rounds, timeoutMs }: Sampling): Promise<Samples> {
  const alone = await inTurn(2 * rounds, (at) =>
    queryUdp(server, name, [at % 2 === 0 ? "A" : "AAAA"], timeoutMs),
  );
  const pairs = await inTurn(rounds, () => queryUdp(server, name, ["A", "AAAA"], timeoutMs));
  const every = (which: number) => alone.filter((_, at) => at % 2 === which).map(([reply = null]) => reply);
  return { a: every(0), aaaa: every(1), pairs };
}

/** Begun one after the other, waited for together. */
async function inTurn<T>(count: number, ask: (at: number) => Promise<T>): Promise<readonly T[]> {
  const begun: Promise<T>[] = [];
  for (let at = 0; at < count; at += 1) {
    begun.push(ask(at));
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

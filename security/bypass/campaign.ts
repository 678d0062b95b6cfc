// All attacks on one server, through an edge or straight to it, and what got through.
import {
  APP_HOST,
  type Attack,
  KINDS,
  type Kind,
  TRAILERS,
  withoutFramingTrailers,
} from "./attacks/attack.ts";
import { bodies } from "./attacks/bodies.ts";
import { framing } from "./attacks/framing.ts";
import { headers } from "./attacks/headers.ts";
import { hosts } from "./attacks/hosts.ts";
import { http2 } from "./attacks/http2.ts";
import { methods } from "./attacks/methods.ts";
import { paths } from "./attacks/paths.ts";
import { ask, type Endpoint, send } from "./client.ts";
import type { Edge, LogLine } from "./edge.ts";
import { type Behind, breachOf, HANDLER_STATUS, logBreach, loggedRuns, seesTrailer } from "./judge.ts";
import type { HandlerRun, RunningServer } from "./running-server.ts";

export const ATTACKS: readonly Attack[] = [
  ...[paths, hosts, methods, headers, bodies, framing, http2].flat(),
];

/** Number of concurrent connections. */
const GROUP = 48;
/** After each group, so many requests of another client, on connections to the server that an attack may have left in a bad state. */
const BYSTANDERS = 4;
/** Late records of a busy machine are awaited 10 s. */
const MOST_WAITS = 50;

export interface Tally {
  /** Requests sent. */
  readonly sent: number;
  /** Attacks that got through and must not. */
  readonly through: number;
  /** Attacks that got through and are documented as left to the application. */
  readonly left: number;
}

export interface Outcome {
  readonly tallies: Readonly<Record<Kind, Tally>>;
  /** One line for each breach. */
  readonly failures: readonly string[];
}

interface Target {
  readonly server: RunningServer;
  /** Absent: directly to the server, in HTTP/1 only. */
  readonly edge?: Edge;
}

/** What came of one kind of attack. */
interface Evidence {
  readonly byNumber: ReadonlyMap<string, Attack>;
  readonly runs: readonly HandlerRun[];
  readonly lines: readonly LogLine[];
  /** Of this kind and those before it: a line or a run that comes late is counted with the next kind. */
  readonly counts: Counts;
  readonly answers: readonly (readonly [number: string, answer: string])[];
}

/** How often handlers ran, and how often they did by HAProxy's log: at least and at most. */
interface Counts {
  readonly runs: number;
  readonly least: number;
  readonly most: number;
}

const NOTHING: Counts = { runs: 0, least: 0, most: 0 };

export async function attackAll(target: Target, attacks: readonly Attack[] = ATTACKS): Promise<Outcome> {
  const failures: string[] = [];
  const tallies = {} as Record<Kind, Tally>;
  let counts = NOTHING;
  for (const kind of KINDS) {
    const ofKind = attacks.filter((attack) => attack.kind === kind);
    const own = target.edge === undefined ? ofKind : withoutFramingTrailers(ofKind, target.edge.branch);
    const evidence = await attackWith(own, endpointsFor(kind, target), target, counts);
    counts = agree(evidence.counts) ? evidence.counts : NOTHING;
    const { through, left, chunks } = judged(
      kind,
      evidence,
      target.edge === undefined ? undefined : { client: "127.0.0.1", branch: target.edge.branch },
    );
    tallies[kind] = { sent: evidence.byNumber.size, through, left };
    failures.push(...chunks);
  }
  return { tallies, failures };
}

function endpointsFor(kind: Kind, { edge, server }: Target): readonly Endpoint[] {
  if (edge === undefined)
    return kind === "HTTP/2" ? [] : [{ host: server.host, port: server.port, protocol: "HTTP/1" }];
  return kind === "HTTP/2" ? [edge.endpoints.http2, edge.endpoints.http2WithoutTls] : [edge.endpoints.http1];
}

async function attackWith(
  attacks: readonly Attack[],
  endpoints: readonly Endpoint[],
  { edge, server }: Target,
  before: Counts,
): Promise<Evidence> {
  const byNumber = new Map<string, Attack>();
  const answers: [string, string][] = [];
  const jobs = endpoints.flatMap((endpoint) => attacks.map((attack) => ({ endpoint, attack })));
  for (let start = 0; start < jobs.length; start += GROUP) {
    const group = jobs.slice(start, start + GROUP);
    const sent = group.map(async ({ endpoint, attack }) => {
      const number = nextNumber();
      byNumber.set(number, attack);
      answers.push([number, await send(endpoint, attack.bytes(number))]);
    });
    await Promise.all(sent);
    if (edge === undefined) continue;
    for (let count = 0; count < BYSTANDERS; count += 1) answers.push(await bystander(edge.endpoints.http1));
  }
  return { byNumber, answers, ...(await settled(server, edge, before)) };
}

/** Runs and log lines. A server may still process a request whose client has disconnected: late records are awaited where counts differ. */
async function settled(
  server: RunningServer,
  edge: Edge | undefined,
  before: Counts,
): Promise<Pick<Evidence, "runs" | "lines" | "counts">> {
  const lines: LogLine[] = [];
  const runs: HandlerRun[] = [];
  let dropped = 0;
  let counts = before;
  for (let times = 0; times < MOST_WAITS; times += 1) {
    lines.push(...((await edge?.logLines()) ?? []));
    runs.push(...(await server.handlerRuns()));
    dropped += (await edge?.droppedLines()) ?? 0;
    const { least, most } = loggedRuns(lines);
    counts = {
      runs: before.runs + runs.length,
      least: before.least + least,
      most: before.most + most + dropped,
    };
    if (edge === undefined || agree(counts)) break;
    await new Promise((done) => setTimeout(done, 200));
  }
  return { lines, runs, counts };
}

function agree({ runs, least, most }: Counts): boolean {
  return runs >= least && runs <= most;
}

/** An ordinary request; its number is that of no attack. */
async function bystander(endpoint: Endpoint): Promise<[number: string, answer: string]> {
  const number = nextNumber();
  const text = `GET /any?case=${number} HTTP/1.1\r\nHost: ${APP_HOST}\r\nConnection: close\r\n\r\n`;
  return [number, await ask(endpoint, Buffer.from(text))];
}

function judged(
  kind: Kind,
  { byNumber, runs, lines, answers, counts }: Evidence,
  behind: Behind | undefined,
) {
  const got = new Map<Attack, string>();
  const chunks: string[] = [];
  const note = (attack: Attack | undefined, what: string | undefined) => {
    if (what === undefined) return;
    if (attack === undefined) chunks.push(`a request of no attack: ${what}`);
    else if (!got.has(attack)) got.set(attack, what);
  };
  for (const run of runs) note(byNumber.get(numberOf(run)), breachOf(run, behind));
  for (const line of lines) {
    const attack = byNumber.get(/case=(n[0-9a-z]{6})/.exec(line.path ?? "")?.[1] ?? "");
    note(attack, logBreach(line, attack?.neverForwarded ?? false));
  }
  if (behind !== undefined) {
    for (const [number, answer] of answers)
      note(byNumber.get(number), foreignAnswer(number, answer, byNumber));
    const { least, most } = counts;
    if (!agree(counts))
      chunks.push(`handlers ran ${counts.runs} times, HAProxy logged ${least} to ${most} requests`);
  }
  const ofTrailers = runs.filter(seesTrailer).length;
  const trailersAreLeft = isLeft({ leftToApplication: TRAILERS }, behind?.branch);
  if (ofTrailers > 0 && !trailersAreLeft) chunks.push(`${ofTrailers} handlers see trailers as headers`);
  const left = [...got].filter(([attack]) => isLeft(attack, behind?.branch));
  const through = [...got].filter(([attack]) => !isLeft(attack, behind?.branch));
  return {
    left: left.length + (trailersAreLeft ? ofTrailers : 0),
    through: through.length + chunks.length,
    chunks: [
      ...counted(chunks).map((one) => `${kind}: ${one}`),
      ...through.map(([{ name }, what]) => `${kind}: ${name}: ${what}`),
    ],
  };
}

function isLeft(
  { leftToApplication }: Pick<Attack, "leftToApplication">,
  branch: string | undefined,
): boolean {
  if (leftToApplication === undefined) return false;
  const { before } = leftToApplication;
  return before === undefined || branch === undefined || branch < before;
}

/** An answer that belongs to another request, and a bystander without an answer. */
function foreignAnswer(
  number: string,
  answer: string,
  attacks: ReadonlyMap<string, Attack>,
): string | undefined {
  const foreign = [...answer.matchAll(/case=(n[0-9a-z]{6})/g)].find(([, other]) => other !== number);
  if (foreign !== undefined) return `the answer to ${foreign[1]} came back`;
  if (attacks.has(number) || new RegExp(`^HTTP/1.[01] ${HANDLER_STATUS} `).test(answer)) return undefined;
  return `an ordinary request was answered ${JSON.stringify(answer.slice(0, 60))}`;
}

function numberOf({ query, headers }: HandlerRun): string {
  const header = headers.find(([name]) => name.toLowerCase() === "x-case")?.[1];
  return /case=(n[0-9a-z]{6})/.exec(query)?.[1] ?? /\bn[0-9a-z]{6}\b/.exec(header ?? "")?.[0] ?? "";
}

/** Equal ones once, with how many they are. */
function counted(texts: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
}

let numbers = 0;

/** All of one length, because lengths of bodies depend on it. */
function nextNumber(): string {
  numbers += 1;
  return `n${numbers.toString(36).padStart(6, "0")}`;
}

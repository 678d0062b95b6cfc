// Random configurations run by a real HAProxy, whose answers are compared with those of the evaluator.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Budget } from "../../../src/space/budget.ts";
import { cubesOf } from "../../../src/space/cubes.ts";
import { Evaluator } from "../../../src/space/evaluate.ts";
import { type Ask, decidedBy } from "../../../src/space/evaluate-request.ts";
import { Members } from "../../../src/space/find-member.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { partition } from "../../../src/space/partition.ts";
import type { Leaf, Program } from "../../../src/space/program.ts";
import { witnessOf } from "../../../src/space/witness.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";
import { Chance, MAPS, RandomFrontend, randomRequest, SERVERS } from "./random-config.ts";
import {
  askOf,
  type ClientRequest,
  requestOfWitness,
  type Seen,
  type ServerAnswer,
  send,
} from "./requests.ts";
import { expectedText } from "./templates.ts";

export interface Agreement {
  readonly agreed: number;
  /** Depends on what is not known. */
  readonly undecided: number;
  /** Regions that no request of this kind is in. */
  readonly unreached: number;
  readonly differing: readonly string[];
}

export const FRONTENDS = 12;
const MOST_WITNESSES = 60;

export async function compareWithHaproxy(binary: string, seed: number, requests: number): Promise<Agreement> {
  const chance = new Chance(seed);
  const frontends = Array.from({ length: FRONTENDS }, (_, id) => new RandomFrontend(chance, id));
  const written = [HEAD, ...frontends.map((one) => one.text())].join("\n");
  const folder = await mkdtemp(join(tmpdir(), "portico-space-"));
  const config = written.replaceAll("@FOLDER@", folder);
  const haproxy = await startHaproxy(binary, config, MAPS_BESIDE(folder));
  const stubs = await Promise.all(
    frontends.flatMap(({ backends }) =>
      backends.flatMap((name) => SERVERS.map((server) => stub(folder, name, server))),
    ),
  );
  const formulas = new Formulas();
  const parsed = parseHaproxyConfig(config, "haproxy.cfg");
  const files = (path: string) => MAPS[path.slice(folder.length + 1)];
  const program = evaluateHaproxy({ config: parsed, wiring: readHaproxyWiring(parsed), files }, formulas);
  const random = frontends.flatMap((_, id) =>
    Array.from({ length: requests }, () => randomRequest(chance, `unix@${folder}/f${id}.sock`)),
  );
  const witnesses = witnessesOf(program, formulas);
  const outcomes = await inTurns([...random, ...witnesses.map(({ request }) => request)], (asked) =>
    compareOne(program, asked),
  );
  const unreached = witnesses.filter(({ request, leaf }) => {
    const decided = decidedBy(program.facets[0] ?? { rules: [] }, askOf(request));
    return decided !== undefined && decided.leaf.key !== leaf.key;
  }).length;
  await haproxy.stop();
  for (const server of stubs) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
  return {
    agreed: outcomes.filter((one) => one === "agreed").length,
    undecided: outcomes.filter((one) => one === "undecided").length,
    unreached,
    differing: outcomes.filter((one) => one !== "agreed" && one !== "undecided"),
  };
}

export const HEAD = `global
  tune.http.maxhdr 200
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
  timeout tarpit 1s
`;

export function MAPS_BESIDE(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(MAPS).map(([name, text]) => [join("..", folder.split("/").at(-1) ?? "", name), text]),
  );
}

/** Answers as the request's `x-stub-answer` says. */
export function stub(folder: string, name: string, own: string): Promise<Server> {
  const server = createServer({ requireHostHeader: false }, (incoming, answer) => {
    const { method = "", url = "", rawHeaders, headers } = incoming;
    const { status, headers: answered } = JSON.parse(String(headers["x-stub-answer"])) as ServerAnswer;
    answer.statusCode = status;
    for (const [header, value] of answered) answer.setHeader(header, value);
    answer.setHeader("x-stub-server", own);
    answer.setHeader("x-stub", name);
    answer.setHeader("x-stub-target", url);
    answer.setHeader("x-stub-method", method);
    answer.end(method === "HEAD" ? undefined : JSON.stringify({ headers: rawHeaders }));
  });
  return new Promise((done) => {
    server.listen(join(folder, `${name}-${own}.sock`), () => done(server));
  });
}

/** A request for each region of the answers. */
export function witnessesOf(
  program: Program,
  formulas: Formulas,
): readonly { readonly request: ClientRequest; readonly leaf: Leaf }[] {
  const parts = partition([program]);
  const budget = new Budget(20_000_000);
  const { values } = new Evaluator(parts, formulas, budget).facet(program, "answer");
  const counts = parts.dimensions.map(({ count }) => count);
  const members = new Members(parts);
  return cubesOf(values, counts, () => true, MOST_WITNESSES * FRONTENDS).cubes.flatMap((cube) => {
    const member = members.find(values, cube, () => true);
    return member ? [{ request: requestOfWitness(witnessOf(member)), leaf: cube.value }] : [];
  });
}

export async function inTurns<T, U>(list: readonly T[], run: (one: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  const left = list.entries();
  const worker = async () => {
    for (const [index, one] of left) results[index] = await run(one);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

async function compareOne(program: Program, asked: ClientRequest): Promise<string> {
  const ask = askOf(asked);
  const answer = decidedBy(program.facets[0] ?? { rules: [] }, ask);
  if (answer === undefined) return "undecided";
  const seen = await send(asked).catch((error: unknown): Seen => closed(error));
  const [, key = "", status] = /^(.*?)(?: set-status (\d+))?$/s.exec(answer.leaf.key) ?? [];
  const wanted = expectedText(key, ask);
  if (wanted === undefined) return "undecided";
  const place = `${JSON.stringify(asked)} by line ${answer.rules.at(-1)?.at?.line}`;
  const got = withStatus(seen, status, wanted);
  if (shorten(wanted) !== shorten(got)) return `${place}: ${answer.leaf.key}, but HAProxy: ${got}`;
  const isForward = wanted.startsWith("→ ");
  if (isForward && seen.status !== Number(status ?? asked.answer.status))
    return `${place}: ${answer.leaf.key}, but HAProxy: ${got} with status ${seen.status}`;
  return facetsDiffer(program, ask, seen, asked) ?? "agreed";
}

/** The answer as it was before a rule set its status. */
function withStatus({ answer, status: seen }: Seen, changed: string | undefined, wanted: string): string {
  if (changed === undefined || answer.startsWith("→ ")) return answer;
  if (seen !== Number(changed)) return answer;
  return answer.replace(/^\d+/, /^\d+/.exec(wanted)?.[0] ?? "200");
}

export function closed(error: unknown): Seen {
  const answer = error instanceof Error && "code" in error ? "closed" : String(error);
  const unseen = { target: undefined, method: undefined, server: undefined, status: undefined };
  return { answer, ...unseen, headers: new Map(), answered: new Map() };
}

/** A part of the stats page's answer to POST. */
const STATS_MARK = ";st=DENY";

/** The status alone, where HAProxy writes the rest; the stats page and the monitor answer as others do. How a connection is closed is not seen. */
function shorten(answer: string): string {
  if (answer.startsWith("closed")) return "closed";
  const [, status, to] = /^(\d{3})(?: (.*))?$/s.exec(answer) ?? [];
  if (status === undefined) return answer.startsWith("stats") ? "200" : answer;
  if (to?.endsWith(STATS_MARK)) return "200";
  return to !== undefined && status.startsWith("3") ? answer : status;
}

/** What the server got, which server it is, and the headers of the answer. */
function facetsDiffer(program: Program, ask: Ask, seen: Seen, asked: ClientRequest): string | undefined {
  for (const facet of program.facets) {
    const ends = endsOf(facet.id, seen, asked);
    const leaf = ends && decidedBy(facet, ask)?.leaf;
    if (ends === undefined || leaf === undefined) continue;
    const wanted = facet.id === "servers" ? serverIn(leaf, ask, ends.now) : changed(leaf, ask, ends.before);
    if (wanted !== UNKNOWN && wanted !== ends.now)
      return `${JSON.stringify(asked)}: ${facet.id} ${JSON.stringify(wanted)}, but HAProxy: ${JSON.stringify(ends.now)}`;
  }
  return undefined;
}

const UNKNOWN = Symbol("unknown");
type Before = string | undefined | typeof UNKNOWN;

/** What the client or the server sent, and what the other one got; undefined: it was not seen. */
function endsOf(
  facet: string,
  seen: Seen,
  asked: ClientRequest,
): { readonly before: Before; readonly now: string | undefined } | undefined {
  const [id = "", name = ""] = facet.split(/:(.*)/s);
  if (id === "response-header") {
    if (seen.status === undefined || isOfStats(seen)) return undefined;
    const own = asked.answer.headers.find(([one]) => one.toLowerCase() === name)?.[1];
    return { before: seen.server === undefined ? UNKNOWN : own, now: seen.answered.get(name) };
  }
  if (seen.target === undefined) return undefined;
  if (id === "request-header") {
    if (seen.headers.size === 0) return undefined;
    return { before: asked.headers.find(([one]) => one === name)?.[1], now: seen.headers.get(name) };
  }
  const [path, query] = splitTarget(seen.target);
  const [askedPath, askedQuery] = splitTarget(asked.target);
  const ends: Readonly<Record<string, ReturnType<typeof endsOf>>> = {
    path: { before: askedPath, now: path },
    query: { before: askedQuery, now: query },
    method: { before: asked.method, now: seen.method },
    servers: { before: undefined, now: seen.server },
  };
  return ends[id];
}

function isOfStats({ answered }: Seen): boolean {
  return answered.get("location")?.endsWith(STATS_MARK) === true;
}

function splitTarget(target: string): readonly [path: string, query: string | undefined] {
  const at = target.indexOf("?");
  return at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)];
}

/** Any, where no rule names one. */
function serverIn({ key }: Leaf, ask: Ask, seen: string | undefined): Before {
  const [, named] = /^use-server (.*)\n/.exec(key) ?? [];
  if (named === undefined) return seen;
  const name = expectedText(named, ask);
  if (name === undefined || !SERVERS.some((one) => one === name)) return UNKNOWN;
  return name;
}

function changed({ key }: Leaf, ask: Ask, before: Before): Before {
  if (key === "") return before;
  if (key === "removed" || key === "absent") return undefined;
  const [, front = "", template = ""] = /^(added )?=(.*)$/s.exec(key) ?? [];
  const text = expectedText(template, ask);
  if (text === undefined) return UNKNOWN;
  if (front === "" || before === undefined) return text;
  return before === UNKNOWN ? UNKNOWN : `${before}\n${text}`;
}

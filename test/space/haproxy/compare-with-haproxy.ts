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
import { Chance, MAPS, RandomFrontend, randomRequest } from "./random-config.ts";
import { askOf, type ClientRequest, requestOfWitness, type Seen, send } from "./requests.ts";
import { expectedText } from "./templates.ts";

export interface Agreement {
  readonly agreed: number;
  /** Depends on what is not known. */
  readonly undecided: number;
  /** Regions that no request of this kind is in. */
  readonly unreached: number;
  readonly differing: readonly string[];
}

const FRONTENDS = 12;
const MOST_WITNESSES = 60;

export async function compareWithHaproxy(binary: string, seed: number, requests: number): Promise<Agreement> {
  const chance = new Chance(seed);
  const frontends = Array.from({ length: FRONTENDS }, (_, id) => new RandomFrontend(chance, id));
  const written = [HEAD, ...frontends.map((one) => one.text())].join("\n");
  const folder = await mkdtemp(join(tmpdir(), "portico-space-"));
  const config = written.replaceAll("@FOLDER@", folder);
  const haproxy = await startHaproxy(binary, config, MAPS_BESIDE(folder));
  const stubs = await Promise.all(
    frontends.flatMap(({ backends }) => backends.map((name) => stub(folder, name))),
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

const HEAD = `global
  tune.http.maxhdr 200
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
  timeout tarpit 1s
`;

function MAPS_BESIDE(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(MAPS).map(([name, text]) => [join("..", folder.split("/").at(-1) ?? "", name), text]),
  );
}

function stub(folder: string, name: string): Promise<Server> {
  const server = createServer({ requireHostHeader: false }, (incoming, answer) => {
    const { method = "", url = "", rawHeaders } = incoming;
    answer.setHeader("x-stub", name);
    answer.setHeader("x-stub-target", url);
    answer.setHeader("x-stub-method", method);
    answer.end(method === "HEAD" ? undefined : JSON.stringify({ target: url, method, headers: rawHeaders }));
  });
  return new Promise((done) => {
    server.listen(join(folder, `${name}.sock`), () => done(server));
  });
}

/** A request for each region of the answers. */
function witnessesOf(
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

async function inTurns<T, U>(list: readonly T[], run: (one: T) => Promise<U>): Promise<U[]> {
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
  const wanted = expectedText(answer.leaf.key, ask);
  if (wanted === undefined) return "undecided";
  const place = `${JSON.stringify(asked)} by line ${answer.rules.at(-1)?.at?.line}`;
  if (shorten(wanted) !== shorten(seen.answer)) return `${place}: ${wanted}, but HAProxy: ${seen.answer}`;
  return facetsDiffer(program, ask, seen, asked) ?? "agreed";
}

function closed(error: unknown): Seen {
  const answer = error instanceof Error && "code" in error ? "closed" : String(error);
  return { answer, target: undefined, method: undefined, headers: new Map() };
}

/** The status alone, where HAProxy writes the rest; the stats page and the monitor answer as others do. */
function shorten(answer: string): string {
  const [, status, to] = /^(\d{3})(?: (.*))?$/s.exec(answer) ?? [];
  if (status === undefined) return answer.startsWith("stats") ? "200" : answer;
  if (to?.endsWith(";st=DENY")) return "200";
  return to !== undefined && status.startsWith("3") ? answer : status;
}

/** What the server got. */
function facetsDiffer(program: Program, ask: Ask, seen: Seen, asked: ClientRequest): string | undefined {
  if (seen.target === undefined) return undefined;
  const [path = "", ...query] = seen.target.split("?");
  const [askedPath = "", ...askedQuery] = asked.target.split("?");
  const got: Readonly<Record<string, [string | undefined, string | undefined]>> = {
    path: [path, askedPath],
    query: [
      query.length === 0 ? undefined : query.join("?"),
      askedQuery.length === 0 ? undefined : askedQuery.join("?"),
    ],
    method: [seen.method, asked.method],
  };
  for (const facet of program.facets) {
    const name = facet.id.replace(/^request-header:/, "");
    const isHeader = name !== facet.id;
    if (isHeader && seen.headers.size === 0) continue;
    const [now, before] = isHeader
      ? [seen.headers.get(name), asked.headers.find(([one]) => one === name)?.[1]]
      : (got[facet.id] ?? []);
    if (!isHeader && !(facet.id in got)) continue;
    const leaf = decidedBy(facet, ask)?.leaf;
    if (leaf === undefined) continue;
    const wanted = changed(leaf, ask, before);
    if (wanted !== UNKNOWN && wanted !== now)
      return `${JSON.stringify(asked)}: ${facet.id} ${JSON.stringify(wanted)}, but HAProxy: ${JSON.stringify(now)}`;
  }
  return undefined;
}

const UNKNOWN = Symbol("unknown");

function changed({ key }: Leaf, ask: Ask, before: string | undefined): string | undefined | typeof UNKNOWN {
  if (key === "") return before;
  if (key === "removed" || key === "absent") return undefined;
  const [, front = "", template = ""] = /^(added )?=(.*)$/s.exec(key) ?? [];
  const text = expectedText(template, ask);
  if (text === undefined) return UNKNOWN;
  return front === "" || before === undefined ? text : `${before}\n${text}`;
}

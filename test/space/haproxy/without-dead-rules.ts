// A real HAProxy with a random configuration, and one without the rules that no request reaches.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decidedBy } from "../../../src/space/evaluate-request.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { type ExaminedRule, examineRules } from "../../../src/space/haproxy/rule-reach.ts";
import type { Program } from "../../../src/space/program.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";
import { closed, FRONTENDS, HEAD, inTurns, MAPS_BESIDE, stub, witnessesOf } from "./compare-with-haproxy.ts";
import { Chance, MAPS, RandomFrontend, randomRequest, SERVERS } from "./random-config.ts";
import { askOf, type ClientRequest, type Seen, send } from "./requests.ts";

export interface WithoutDeadRules {
  /** Lines that are left out. */
  readonly dead: readonly string[];
  readonly compared: number;
  readonly differing: readonly string[];
}

export async function compareWithoutDeadRules(
  binary: string,
  seed: number,
  requests: number,
): Promise<WithoutDeadRules> {
  const chance = new Chance(seed);
  const frontends = Array.from({ length: FRONTENDS }, (_, id) => new RandomFrontend(chance, id));
  const written = [HEAD, ...frontends.map((one) => one.text())].join("\n");
  const names = frontends.flatMap(({ backends }) => backends);
  const dead = deadIn(written).map(({ line }) => line.number);
  const left = written.split("\n").map((line, index) => (dead.includes(index + 1) ? "" : line));
  const [whole, less] = [await start(binary, written, names), await start(binary, left.join("\n"), names)];
  const formulas = new Formulas();
  const program = evaluateHaproxy(read(written), formulas);
  const asked = [
    ...frontends.flatMap((_, id) =>
      Array.from({ length: requests }, () => several(chance, randomRequest(chance, listenerOf(id)))),
    ),
    ...witnessesOf(program, formulas).map(({ request }) => request),
  ];
  const compared = asked.filter((request) => isDecided(program, request));
  const differing = await inTurns(compared, async (request) => {
    const [one, other] = [await whole.ask(request), await less.ask(request)];
    return one === other ? undefined : `${JSON.stringify(request)}: ${one}, without dead rules ${other}`;
  });
  await Promise.all([whole.stop(), less.stop()]);
  const lines = written.split("\n");
  return {
    dead: dead.map((number) => (lines[number - 1] ?? "").trim()),
    compared: compared.length,
    differing: differing.filter((one) => one !== undefined),
  };
}

const FOLDER = "/FOLDER";

function listenerOf(id: number): string {
  return `unix@${FOLDER}/f${id}.sock`;
}

function read(written: string) {
  const config = parseHaproxyConfig(written.replaceAll("@FOLDER@", FOLDER), "haproxy.cfg");
  const files = (path: string) => MAPS[path.slice(FOLDER.length + 1)];
  return { config, wiring: readHaproxyWiring(config), files };
}

function deadIn(written: string): readonly ExaminedRule[] {
  return examineRules(read(written)).rules.filter(({ state }) => state.kind !== "reached");
}

/** The answer to other requests may differ each time. */
function isDecided({ facets }: Program, request: ClientRequest): boolean {
  return facets.every((facet) => decidedBy(facet, askOf(request)) !== undefined);
}

/** Sometimes with a header of several values and lines, or a parameter twice. */
function several(chance: Chance, request: ClientRequest): ClientRequest {
  const more: [string, string][] = chance.often(30) ? [["x-a", chance.of(["a", "yes,bot-a", "1, ab"])]] : [];
  const target = chance.often(20) ? `${request.target.split("?")[0]}?p=1&p=a&q` : request.target;
  return { ...request, target, headers: [...request.headers, ...more] };
}

async function start(binary: string, written: string, names: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "portico-space-"));
  const haproxy = await startHaproxy(binary, written.replaceAll("@FOLDER@", folder), MAPS_BESIDE(folder));
  const stubs = await Promise.all(
    names.flatMap((name) => SERVERS.map((server) => stub(folder, name, server))),
  );
  return {
    async ask(request: ClientRequest): Promise<string> {
      const listener = request.listener.replace(FOLDER, folder);
      const seen = await send({ ...request, listener }).catch((error: unknown): Seen => closed(error));
      return JSON.stringify([seen.answer, seen.target, seen.method, [...seen.headers]]).replaceAll(
        folder,
        "",
      );
    },
    async stop(): Promise<void> {
      await haproxy.stop();
      for (const server of stubs) {
        server.closeAllConnections();
        server.close();
      }
      await rm(folder, { recursive: true });
    },
  };
}

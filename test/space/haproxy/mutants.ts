// Changed configurations: whether `diff` reports a change exactly when HAProxy answers a request differently.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComparedRequests, compareRequests } from "../../../src/diff/compare-requests.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";
import { HEAD, inTurns, stub } from "./compare-with-haproxy.ts";
import { HAND_WRITTEN } from "./hand-written.ts";
import { mutantOf } from "./mutate.ts";
import { Chance, MAPS, RandomFrontend, randomRequest, SERVERS } from "./random-config.ts";
import { type ClientRequest, requestOfWitness, type Seen, send } from "./requests.ts";

export interface MutantResults {
  readonly mutants: number;
  /** `changed`: `diff` reports a region, and HAProxy answers a request differently. `equal`: `diff` reports none, and HAProxy answers all requests the same. */
  readonly agreed: { readonly changed: number; readonly equal: number };
  /** It depends on an unknown, or on a line that is not examined. */
  readonly undecided: number;
  /** `diff` reports a region that depends on no unknown, and no sent request shows a difference. */
  readonly unshown: readonly string[];
  /** Proven equal, although HAProxy answers a request differently. */
  readonly missed: readonly string[];
}

const MUTANTS_EACH = 12;
const RANDOM_EACH = 40;
const MOST_WITNESSES = 30;

/** The configuration with this number, and changes of it, in one HAProxy. */
export async function compareMutants(binary: string, seed: number): Promise<MutantResults> {
  const chance = new Chance(seed);
  const written =
    seed % 3 === 0
      ? (HAND_WRITTEN[(seed / 3) % HAND_WRITTEN.length] ?? "")
      : new RandomFrontend(chance, 0).text();
  // A client gets the same server each time.
  const base = written.replaceAll(/^backend .*$/gm, "$&\n  balance source");
  const folder = await mkdtemp(join(tmpdir(), "portico-mutants-"));
  const place = (text: string) => text.replaceAll("@FOLDER@", folder);
  try {
    await writeMaps(folder);
    const texts = [
      base,
      ...mutantsOf(chance, base, (text) => isAccepted(binary, folder, place(HEAD + text))),
    ];
    return await compareAll(binary, chance, folder, texts.map(place));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeMaps(folder: string): Promise<void> {
  await Promise.all(Object.entries(MAPS).map(([name, text]) => writeFile(join(folder, name), text)));
}

function mutantsOf(chance: Chance, base: string, accepted: (text: string) => boolean): readonly string[] {
  const found = new Set<string>();
  for (let attempt = 0; attempt < MUTANTS_EACH * 4 && found.size < MUTANTS_EACH; attempt += 1) {
    const mutant = mutantOf(chance, base);
    if (mutant !== base && !found.has(mutant) && accepted(mutant)) found.add(mutant);
  }
  return [...found];
}

function isAccepted(binary: string, folder: string, config: string): boolean {
  const file = join(folder, "mutant.cfg");
  writeFileSync(file, config);
  return spawnSync(binary, ["-c", "-f", file]).status === 0;
}

/** Each in a frontend of its own: the first, and its changes. */
async function compareAll(
  binary: string,
  chance: Chance,
  folder: string,
  texts: readonly string[],
): Promise<MutantResults> {
  const config = [HEAD, ...texts.map((text, id) => renamed(text, id))].join("\n");
  for (const id of texts.keys()) {
    await mkdir(join(folder, `m${id}`));
    await writeMaps(join(folder, `m${id}`));
  }
  const haproxy = await startHaproxy(binary, config);
  const names = texts.flatMap((_, id) => ["one", "two", "A1", "K1"].map((name) => `b${id}-${name}`));
  const stubs = await Promise.all(
    names.flatMap((name) => SERVERS.map((server) => stub(folder, name, server))),
  );
  try {
    const random = Array.from({ length: RANDOM_EACH }, () => randomRequest(chance, `unix@${folder}/f0.sock`));
    const [base = "", ...mutants] = texts;
    const sent = new Map<string, Promise<string>>();
    const answer = (id: number, asked: ClientRequest) => {
      const to = { ...asked, listener: `unix@${folder}/f${id}.sock` };
      const key = JSON.stringify(to);
      const known = sent.get(key) ?? answerOf(to, id);
      sent.set(key, known);
      return known;
    };
    const verdicts = await inTurns(
      mutants.map((text, index) => ({ text, id: index + 1 })),
      async ({ text, id }) => {
        const compared = compare(folder, base, text);
        const witnesses = [...compared.parts, ...compared.undecided]
          .slice(0, MOST_WITNESSES)
          .flatMap(requestsOf);
        const shown: ClientRequest[] = [];
        for (const asked of [...witnesses, ...random])
          if ((await answer(0, asked)) !== (await answer(id, asked))) shown.push(asked);
        return { compared, shown, text };
      },
    );
    return summed(base, verdicts);
  } finally {
    await haproxy.stop();
    for (const server of stubs) {
      server.closeAllConnections();
      server.close();
    }
  }
}

/** The witness, and one with the header whose change is compared: without it, nothing shows that a rule removes it. */
function requestsOf({ id, witness }: ComparedRequests["parts"][number]): readonly ClientRequest[] {
  const asked = requestOfWitness(witness);
  const [kind, name] = id.split(":");
  if (name === undefined) return [asked];
  const added: ClientRequest["headers"][number] = [name, "shown"];
  const { answer, headers } = asked;
  return kind === "response-header"
    ? [asked, { ...asked, answer: { ...answer, headers: [...answer.headers, added] } }]
    : [asked, { ...asked, headers: [...headers, added] }];
}

/** With maps of its own: HAProxy 2.6 and 3.0 look a file up by one method alone, whichever conditions name it. */
function renamed(text: string, id: number): string {
  return text
    .replaceAll(/\/(\w+\.(?:map|lst))\b/g, `/m${id}/$1`)
    .replaceAll("frontend f0", `frontend f${id}`)
    .replaceAll("/f0.sock", `/f${id}.sock`)
    .replaceAll(/\bb0-/g, `b${id}-`);
}

/** What the client and the server see, with the names of the first. */
async function answerOf(asked: ClientRequest, id: number): Promise<string> {
  const seen = await send(asked).catch((error: unknown) => closed(error));
  const { answer, target, method, headers, server, status, answered } = seen;
  const all = [answer, target, method, [...headers], server, status, [...answered].filter(isSteady)];
  return JSON.stringify(all).replaceAll(new RegExp(`\\bb${id}-`, "g"), "b0-");
}

const PASSING = new Set(["date", "connection", "keep-alive", "x-stub-answer"]);

function isSteady([name]: readonly [string, string]): boolean {
  return !PASSING.has(name);
}

function closed(error: unknown): Seen {
  const answer = error instanceof Error && "code" in error ? "closed" : String(error);
  const none = new Map<string, string>();
  return {
    ...{ answer, target: undefined, method: undefined, headers: none },
    ...{ server: undefined, status: undefined, answered: none },
  };
}

function compare(folder: string, before: string, after: string): ComparedRequests {
  const formulas = new Formulas();
  const files = (path: string) => MAPS[path.slice(folder.length + 1)];
  const listener = `unix@${folder}/f0.sock`;
  const evaluated = (text: string) => {
    const config = parseHaproxyConfig(HEAD + text, "haproxy.cfg");
    const input = { config, wiring: readHaproxyWiring(config), files, otherListeners: [listener] };
    return evaluateHaproxy(input, formulas);
  };
  return compareRequests({ before: evaluated(before), after: evaluated(after), formulas });
}

interface Verdict {
  readonly compared: ComparedRequests;
  readonly shown: readonly ClientRequest[];
  readonly text: string;
}

function summed(base: string, verdicts: readonly Verdict[]): MutantResults {
  const [missed, unshown]: [string[], string[]] = [[], []];
  const agreed = { changed: 0, equal: 0 };
  let undecided = 0;
  for (const { compared, shown, text } of verdicts) {
    const isListed = compared.parts.length > 0;
    const isSure = compared.parts.some(({ conditions }) =>
      conditions.every(({ on }) => on.kind !== "unknown"),
    );
    const isOpen =
      compared.undecided.length > 0 || compared.incomplete.length > 0 || namesChange(base, text, compared);
    if (isListed && shown.length > 0) agreed.changed += 1;
    else if (isSure) unshown.push(described(base, text, compared.parts));
    else if (isListed || isOpen) undecided += 1;
    else if (shown.length > 0) missed.push(described(base, text, shown[0]));
    else agreed.equal += 1;
  }
  return { mutants: verdicts.length, agreed, undecided, unshown, missed };
}

/** A changed line is named as not examined: it is listed as another change. */
function namesChange(base: string, text: string, { unexamined }: ComparedRequests): boolean {
  const [old, now] = [base.split("\n"), text.split("\n")];
  const changed = [
    ...old.filter((line) => !now.includes(line)),
    ...now.filter((line) => !old.includes(line)),
  ];
  const words = (line: string) => line.replaceAll(/["'`]/g, "").trim();
  return unexamined.some((one) => changed.some((line) => words(one.text).includes(words(line))));
}

function described(base: string, text: string, what: unknown): string {
  const old = base.split("\n");
  const now = text.split("\n");
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
  ];
  const order = lines.length === 0 ? ["(order)", ...now] : lines;
  return `${order.join("\n")}\n${JSON.stringify(what)}`;
}

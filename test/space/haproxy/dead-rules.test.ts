// Rules reported as unreachable are unreachable: HAProxy answers the same without them.
import { describe, expect, test } from "vitest";
import { decidedBy } from "../../../src/space/evaluate-request.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { examineRules } from "../../../src/space/haproxy/rule-reach.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { HEAD, witnessesOf } from "./compare-with-haproxy.ts";
import { Chance, MAPS, RandomFrontend } from "./random-config.ts";
import { askOf } from "./requests.ts";
import { compareWithoutDeadRules } from "./without-dead-rules.ts";

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  test.each([11, 12])("answers the same without dead rules, seed %i", async (seed) => {
    const { dead, compared, differing } = await compareWithoutDeadRules(path, seed, 15);
    expect(differing).toEqual([]);
    expect(dead.length).toBeGreaterThan(2);
    expect(compared).toBeGreaterThan(100);
  });
});

test.each([21, 22, 23])("a rule that decides for some request is not unreachable, seed %i", (seed) => {
  const chance = new Chance(seed);
  const written = [HEAD, ...Array.from({ length: 6 }, (_, id) => new RandomFrontend(chance, id).text())].join(
    "\n",
  );
  const config = parseHaproxyConfig(written, "haproxy.cfg");
  const files = (file: string) => MAPS[file.replace("@FOLDER@/", "")];
  const input = { config, wiring: readHaproxyWiring(config), files };
  const formulas = new Formulas();
  const program = evaluateHaproxy(input, formulas);
  const [answers = { rules: [] }] = program.facets;
  const deciding = new Set(
    witnessesOf(program, formulas).flatMap(({ request }) =>
      (decidedBy(answers, askOf(request))?.rules ?? []).map(({ at }) => at?.line),
    ),
  );
  const { rules, isIncomplete } = examineRules(input);
  const dead = rules.filter(({ state }) => state.kind !== "reached").map(({ line }) => line.number);
  expect(isIncomplete).toBe(false);
  expect(dead.filter((line) => deciding.has(line))).toEqual([]);
  expect(deciding.size).toBeGreaterThan(10);
});

// A request is located in the region and at the rule that decide it: the example of each region in the region itself.
import { expect, test } from "vitest";
import { passedOn } from "../../src/model/forwarded.ts";
import { type Ask, NOT_KNOWN } from "../../src/space/evaluate-request.ts";
import { Formulas } from "../../src/space/formula.ts";
import { evaluateHaproxy } from "../../src/space/haproxy/evaluate-haproxy.ts";
import { evaluatePlan } from "../../src/space/plan/evaluate-plan.ts";
import { locateRequest } from "../../src/space/plan/locate-request.ts";
import { locatedRegionsOf } from "../../src/space/regions.ts";
import { headerLines } from "../../src/space/witness.ts";
import { parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { askOf, requestOfWitness } from "./haproxy/requests.ts";
import { planOfSeed } from "./plan/random-plans.ts";

const CONFIG = `defaults
  mode http
frontend www
  bind :80
  http-request deny if { path_beg /admin } !{ src 198.51.100.0/24 }
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  http-request redirect scheme https if { hdr(host) -i old.example } { query -m found }
  use_backend admin if { path_beg /admin }
  use_backend post if { method POST }
  default_backend web
backend web
  server a 10.0.0.1:80
backend post
  server a 10.0.0.1:80
backend admin
  server a 10.0.0.1:80
`;

function located() {
  const config = parseHaproxyConfig(CONFIG, "haproxy.cfg");
  const formulas = new Formulas();
  const wiring = readHaproxyWiring(config);
  const program = evaluateHaproxy({ config, wiring, files: () => undefined }, formulas);
  const { regions, locator } = locatedRegionsOf(program, { formulas });
  if (locator === undefined) throw new Error("a small configuration needs more than the budget");
  return { regions, locator };
}

test("the example of each region of a haproxy.cfg, with and without what no request decides", () => {
  const { regions, locator } = located();
  expect(regions.length).toBeGreaterThan(4);
  for (const [index, { witness }] of regions.entries()) {
    if (witness === undefined) throw new Error("no example");
    const own = askOf(requestOfWitness(witness));
    const isBusy = witness.assumed.some(({ holds }) => holds);
    const known: Ask = (dimension) => (dimension.kind === "unknown" ? isBusy : own(dimension));
    expect(locator.locate(known).regions).toEqual([index]);
    const unknown: Ask = (dimension) => (dimension.kind === "unknown" ? NOT_KNOWN : own(dimension));
    expect(locator.locate(unknown).regions).toContain(index);
  }
});

test("regions that only a counter leads to are not reachable, and neither are those of other listeners", () => {
  const { regions, locator } = located();
  const reachable = locator.reachableAt([":80"]);
  const others = regions.filter((_, index) => !reachable.regions.includes(index));
  expect(new Set(others.map(({ values }) => values.get("answer")?.text))).toEqual(new Set(["429"]));
  expect(reachable.rules.map(({ at }) => at?.line)).not.toContain(6);
  expect(locator.reachableAt([]).regions).toEqual([]);
});

test("the examples of regions of random plans, at the rule that decides", () => {
  let compared = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const plan = planOfSeed(seed);
    const formulas = new Formulas();
    const program = evaluatePlan(plan, { formulas, paths: plan.paths });
    const { regions, locator } = locatedRegionsOf(program, { formulas });
    for (const [index, { witness }] of regions.entries()) {
      const listener = plan.listeners.find(({ name }) => name === witness?.listener);
      if (witness === undefined || listener === undefined) continue;
      const { method, target, client, others } = witness;
      const headers = passedOn(listener, headerLines(witness), client);
      const before = String(others.get("client-of-load-balancer") ?? client);
      const request = locateRequest(
        plan,
        { listener: listener.name, method, target, headers, client },
        before,
      );
      if ("outside" in request || witness.assumed.length > 0) continue;
      const ask: Ask = ({ id, kind }) => (kind === "unknown" ? NOT_KNOWN : request.value(id));
      const found = locator?.locate(ask);
      expect(found?.regions, `seed ${seed}: ${JSON.stringify(witness)}`).toEqual([index]);
      const answers = found?.rules.map((rule) => locator?.answerOf(rule).text);
      expect(answers).toEqual([regions[index]?.values.get("answer")?.text]);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(200);
});

// Requests with and without a query, a port of the Host or a Host are one region if their answers differ only in that part.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Budget } from "../../src/space/budget.ts";
import { conditionsText } from "../../src/space/condition-text.ts";
import { Diagrams, relabel } from "../../src/space/diagram.ts";
import { Evaluator } from "../../src/space/evaluate.ts";
import { Formulas } from "../../src/space/formula.ts";
import { evaluateHaproxy } from "../../src/space/haproxy/evaluate-haproxy.ts";
import { type Values, withOptionalParts } from "../../src/space/optional-parts.ts";
import { partition } from "../../src/space/partition.ts";
import type { Program } from "../../src/space/program.ts";
import { regionsOf } from "../../src/space/regions.ts";
import { parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { valueAt } from "./value-at.ts";

function evaluated(rules: string): { readonly program: Program; readonly formulas: Formulas } {
  const config = parseHaproxyConfig(
    `defaults\n  mode http\nfrontend www\n  bind :80\n${rules}\n  default_backend web\nbackend web\n  server a 10.0.0.1:80\n`,
    "haproxy.cfg",
  );
  const formulas = new Formulas();
  const wiring = readHaproxyWiring(config);
  return { program: evaluateHaproxy({ config, wiring, files: () => undefined }, formulas), formulas };
}

const CONFIGS: readonly [rules: string, routes: readonly string[]][] = [
  ["  http-request redirect scheme https", ["all requests: 302 https://{host}{port}{path}{query}"]],
  [
    "  redirect prefix https://x.example code 301 if { path_beg /a }",
    ["/a*: 301 https://x.example{path}{query}", "all requests: → web"],
  ],
  [
    "  redirect prefix https://x.example code 301 drop-query if { path_beg /a }",
    ["/a*: 301 https://x.example{path}", "all requests: → web"],
  ],
  // The text contains the question mark even without a query.
  [
    "  http-request redirect location /new?%[query]",
    ["with a query: 302 /new{query}", "all requests: 302 /new?"],
  ],
  [
    "  http-request redirect location /with?%[query] if { query -m found }\n  http-request redirect location /without",
    ["with a query: 302 /with{query}", "all requests: 302 /without"],
  ],
  [
    "  http-request redirect location /new?%[query] if { query -m found }\n  http-request redirect location /new",
    ["all requests: 302 /new{query}"],
  ],
  // A Host with a port is another text: the match fails, and `field` removes the port.
  [
    "  http-request redirect location https://%[hdr(host),field(1,:)]%[path] unless { hdr(host) a.example }",
    ["host a.example (case-sensitive), without port: → web", "all requests: 302 https://{host}{path}"],
  ],
  [
    "  use_backend web if { hdr(host) -i a.example } { path /p }\n  redirect scheme https code 301",
    ["all requests: 301 https://{host}{port}{path}{query}"],
  ],
];

describe.each(CONFIGS)("%s", (rules, routes) => {
  const { program, formulas } = evaluated(rules);

  test("the list", () => {
    const { regions } = regionsOf(program, { formulas });
    expect(
      regions.map(({ conditions, values }) => `${conditionsText(conditions)}: ${values.get("answer")?.text}`),
    ).toEqual(routes);
  });

  test("each request gets its own answer, with the parts that it lacks left out", () => {
    const budget = new Budget(undefined);
    const parts = partition([program]);
    const { values } = new Evaluator(parts, formulas, budget).facet(program, "answer");
    const diagrams = new Diagrams<Values>(budget, (of) => of.get("answer")?.key);
    const before = relabel(values, diagrams, (leaf) => new Map([["answer", leaf]]));
    const after = withOptionalParts(before, diagrams, parts.dimensions);
    const indexOf = (id: string) => parts.dimensions.findIndex(({ dimension }) => dimension.id === id);
    const counts = parts.dimensions.map(({ count }) => count);
    const lacks = (classes: readonly number[], id: string) =>
      indexOf(id) >= 0 && classes[indexOf(id)] === (counts[indexOf(id)] ?? 0) - 1;
    fc.assert(
      fc.property(fc.tuple(...counts.map((count) => fc.nat(count - 1))), (classes) => {
        const isWithoutHost = lacks(classes, "host");
        let key = valueAt(after, classes).get("answer")?.key ?? "";
        if (lacks(classes, "query")) key = key.replaceAll("?%[query]", "");
        if (isWithoutHost || lacks(classes, "host-port")) key = key.replaceAll(":%[host-port]", "");
        if (isWithoutHost) key = key.replaceAll("%[host]", "");
        expect(key).toBe(valueAt(before, classes).get("answer")?.key);
      }),
    );
  });
});

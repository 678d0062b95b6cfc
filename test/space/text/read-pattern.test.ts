// The reader of PCRE against HAProxy, which searches with PCRE2, and against JavaScript where both read the same.
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Automaton } from "../../../src/space/text/automaton.ts";
import { NotFollowed } from "../../../src/space/text/expression.ts";
import { readPattern } from "../../../src/space/text/read-pattern.ts";
import { ReversedAutomaton } from "../../../src/space/text/reversed-automaton.ts";
import { SearchAutomaton } from "../../../src/space/text/search-automaton.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";
import { accepts, patternSource, searchedText, sharedPatternSource } from "./patterns.ts";

interface Searched {
  readonly source: string;
  readonly ignoreCase: boolean;
}

/** Undefined: it is refused. */
function automatonOf({ source, ignoreCase }: Searched): Automaton | undefined {
  try {
    return new SearchAutomaton(readPattern(source, ignoreCase));
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

const sensitive = (source: string): Searched => ({ source, ignoreCase: false });

/** Each with texts that it tells apart. */
const CORNERS: readonly (readonly [source: string, ...texts: string[]])[] = [
  ["a$", "a", "a\n", "a\n\n", "a\r\n"],
  ["a\\z", "a", "a\n"],
  ["a\\Z", "a", "a\n", "a\n\n"],
  ["^a.b$", "a\nb", "axb", "a\rb"],
  ["(?s)^a.b$", "a\nb", "axb"],
  ["(?m)^b$", "a\nb", "a\nb\nc", "ab"],
  ["(?m)^$", "", "a\n", "a\n\n", "\n"],
  ["^$", "", "\n", "\n\n"],
  ["[[:alnum:]]", "a", ":", "l", "_"],
  ["^/(?!api|ws)", "/api", "/apix", "/web", "/", "/ws"],
  ["^(?=.*a)(?=.*b)", "ab", "ba", "a", "b"],
  ["a(?=b$)", "ab", "abc", "ab\n"],
  ["(?:(?!foo).)*bar$", "foobar", "xbar", "bar"],
  ["(?i)aB|c", "ab", "AB", "C"],
  ["(a(?i)b|c)d", "aBd", "Cd", "ABd", "CD"],
  ["\\bid\\b", "id", "a-id", "aid", "id_", "/id/"],
  ["\\Bid\\b", "id", "aid", "a-id"],
  ["\\Q.*\\E", ".*", "xx", ".x"],
  ["\\Qa", "a", "b"],
  ["a{2", "a{2", "aa"],
  ["a{}", "a{}", "a"],
  ["a{0}b", "b", "ab", "a"],
  ["^(?:a{2,3}){2}$", "aaaa", "aaa", "aaaaaa", "aaaaaaa"],
  ["[]-a]", "]", "_", "^", "\\"],
  ["[a\\]b]", "]", "\\"],
  ["[^]]", "]", "a"],
  ["\\d+(?x) a b # note", "1ab", "1 a b"],
  ["(?i)[^a]", "A", "a", "b"],
  ["(?i)[@-\\x5a]", "z", "@", "{"],
  ["[\\w.-]+@", "a.b@", "@"],
  ["(?<name>a)|(?P<other>b)|(?'third'c)", "a", "b", "c", "d"],
  ["a*?b+?c??$", "b", "aabbc", "a"],
  ["\\h\\v", " \n", "\xa0\x85", "ab"],
  ["\\x{e9}", "\xe9", "e"],
  ["", "", "a"],
];

const found = fc.sample(
  fc
    .tuple(patternSource, fc.boolean())
    .filter(([source, ignoreCase]) => automatonOf({ source, ignoreCase }) !== undefined),
  { numRuns: 250, seed: 11 },
);
const patterns: readonly Searched[] = [
  ...CORNERS.map(([source]) => sensitive(source)).filter(({ source }) => source !== ""),
  ...found.map(([source, ignoreCase]) => ({ source, ignoreCase })),
];
const texts: readonly string[] = [
  ...new Set([
    ...CORNERS.flatMap(([, ...texts]) => texts),
    ...fc.sample(searchedText, { numRuns: 120, seed: 11 }),
  ]),
].filter((one) => one !== "");

/** By text: a character for each pattern, 1 where HAProxy finds it. */
async function matchesOf(binary: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "portico-patterns-"));
  const rules = patterns.map(({ source, ignoreCase }, index) => {
    const quoted = `'${source.replaceAll("'", "'\\''")}'`;
    return `  http-request set-var(txn.v${index}) int(1) if { req.hdr(x-text),b64dec -m reg${ignoreCase ? " -i" : ""} -- ${quoted} }`;
  });
  const answer = patterns.map((_, index) => `%[var(txn.v${index},0)]`).join("");
  const haproxy = await startHaproxy(
    binary,
    `global
  tune.vars.txn-max-size 1048576
defaults
  mode http
  timeout client 10s
frontend f
  bind unix@${folder}/socket
${rules.join("\n")}
  http-request return status 200 content-type text/plain lf-string "${answer}"
`,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  for (const one of texts) {
    const headers = { "x-text": Buffer.from(one, "latin1").toString("base64") };
    answers.push(
      await new Promise<string>((done, fail) => {
        get({ socketPath: join(folder, "socket"), path: "/", headers, agent }, (response) =>
          done(text(response)),
        ).once("error", fail);
      }),
    );
  }
  agent.destroy();
  await haproxy.stop();
  await rm(folder, { recursive: true });
  return answers;
}

describe.each(await findAllHaproxies())("HAProxy $version", ({ path: binary }) => {
  test(`finds ${patterns.length} patterns in the same texts`, async () => {
    const answers = await matchesOf(binary);
    const wrong: string[] = [];
    for (const [index, pattern] of patterns.entries()) {
      const automaton = automatonOf(pattern);
      for (const [at, one] of texts.entries()) {
        const holds = answers[at]?.[index] === "1";
        if (automaton === undefined || accepts(automaton, one) !== holds)
          wrong.push(`${JSON.stringify(pattern)} in ${JSON.stringify(one)}: HAProxy ${holds}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(answers.join("").match(/1/g)?.length).toBeGreaterThan(10_000);
  });
});

test("expressions that JavaScript reads the same accept the same texts", () => {
  let matching = 0;
  const values = fc.array(searchedText, { minLength: 20, maxLength: 20 });
  const property = fc.property(sharedPatternSource, values, fc.boolean(), (source, values, ignoreCase) => {
    const automaton = automatonOf({ source, ignoreCase });
    if (automaton === undefined) throw new Error(`${source} is refused`);
    const expression = new RegExp(source, ignoreCase ? "i" : "");
    for (const one of values) {
      expect([source, one, accepts(automaton, one)]).toEqual([source, one, expression.test(one)]);
      if (expression.test(one)) matching += 1;
    }
  });
  fc.assert(property, { numRuns: 1000 });
  expect(matching).toBeGreaterThan(2000);
});

test("read backwards, an expression accepts the same texts backwards", () => {
  const property = fc.property(patternSource, fc.array(searchedText, { maxLength: 20 }), (source, values) => {
    const automaton = automatonOf(sensitive(source));
    if (automaton === undefined) return;
    const backwards = new ReversedAutomaton(automaton);
    for (const one of values)
      expect(accepts(backwards, [...one].reverse().join(""))).toBe(accepts(automaton, one));
  });
  fc.assert(property, { numRuns: 1000 });
});

test.each([
  ["(a)\\1", "a back-reference"],
  ["(?<a>b)\\k<a>", "a back-reference"],
  ["(?<=a)b", "a lookbehind"],
  ["(?<!a)b", "a lookbehind"],
  ["(?>a+)b", "an atomic group"],
  ["a++b", "a possessive quantifier"],
  ["(a|(?R))", "recursion or a reference to a group"],
  ["(a)(?1)", "recursion or a reference to a group"],
  ["(?(?=a)b|c)", "a conditional group"],
  ["\\p{L}", "a Unicode property"],
  ["\\X", "a Unicode property"],
  ["\\R", "\\R"],
  ["a\\Kb", "\\K"],
  ["(*UTF)a", "a PCRE verb"],
  ["(*COMMIT)a", "a PCRE verb"],
  ["a{,3}", "{,n} or { n }, which versions of PCRE read differently"],
  ["^*", "a repeated assertion"],
  ["[[:nothing:]]", "[:nothing:]"],
  ["[:alpha:]", "[:name:] outside a class"],
  ["[z-a]", "a range of a character class in the wrong order"],
  ["[a-\\d]", "a range of a character class that begins or ends with a class"],
  ["a)", "an unmatched closing parenthesis"],
  ["(a", "a missing closing parenthesis"],
  ["[a", "the regular expression is incomplete"],
  ["€", "a character that is not a byte"],
  ["[ab]*a[ab]{20}", "more than 20000 states"],
  ["(?:a{1,1000}){1,1000}", "a regular expression that is too large"],
])("%s is refused", (source, why) => {
  const states = () => {
    const automaton = new SearchAutomaton(readPattern(source, false));
    const all = new Set([automaton.start]);
    for (const state of all)
      for (const symbol of automaton.alphabet.members.keys()) all.add(automaton.next(state, symbol));
  };
  expect(states).toThrow(new NotFollowed(why));
});

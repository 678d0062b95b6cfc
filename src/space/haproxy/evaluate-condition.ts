// Conditions of rules as formulas: ACLs, named, predefined and anonymous.
import type { AclTest, Condition, ConditionTerm } from "../../wiring/haproxy/condition.ts";
import { readAcl, readCondition } from "../../wiring/haproxy/condition.ts";
import { type HaproxyLine, parseHaproxyConfig } from "../../wiring/haproxy/config.ts";
import type { ExpressionCall } from "../../wiring/haproxy/expression.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { one, whenChoice } from "./choice.ts";
import { definition } from "./definition.ts";
import { convertAll, evaluateExpression } from "./evaluate-expression.ts";
import { anotherOf, fetchName, fetchValue, headerListOf, isOfOtherMessage, isSentTwice } from "./fetch.ts";
import { another, someHeader } from "./header-lines.ts";
import { readMapFile, readPatternFile } from "./map-file.ts";
import { patternFile, stateOfFile } from "./pattern-files.ts";
import type { Scope } from "./scope.ts";
import { type Comparison, type PatternList, testValue } from "./test-value.ts";
import { unknown } from "./text-tests.ts";
import type { Scalar } from "./value.ts";

/** When a rule runs, by its condition; without one it always does. */
export function evaluateCondition(scope: Scope, condition: Condition | undefined): Formula {
  if (condition === undefined) return TRUE;
  const { formulas } = scope;
  const some = formulas.or(
    ...condition.anyOf.map((terms) => formulas.and(...terms.map((term) => evaluateTerm(scope, term)))),
  );
  return condition.keyword === "if" ? some : formulas.not(some);
}

/** One ACL of a condition. */
export function evaluateTerm(scope: Scope, { name, test, negated }: ConditionTerm): Formula {
  const holds = test === undefined ? evaluateNamed(scope, name ?? "") : evaluateTest(scope, test);
  return negated ? scope.formulas.not(holds) : holds;
}

/** ACL lines of one name are one: any of them. */
function evaluateNamed(scope: Scope, name: string): Formula {
  const own = namedTests(scope.section, name).map(({ test, line }) =>
    scope.formulas.and(scope.world.appliesWhen(line), evaluateTest(scope, test)),
  );
  const predefined = predefinedTest(scope.section, name);
  if (predefined !== undefined) own.push(evaluateTest(scope, predefined));
  if (own.length > 0) return scope.formulas.or(...own);
  return unknown(scope, { id: `acl ${name}`, text: name, why: `there is no ACL ${name}` });
}

/** Of the section that the rule is in: those of `defaults` are only for its own rules (manual section 4.2, `acl`). */
export function namedTests(
  proxy: HaproxyProxy,
  name: string,
): readonly { readonly test: AclTest; readonly line: HaproxyLine }[] {
  return aclsOf(proxy).get(name) ?? [];
}

/** The tests of a named ACL, including predefined ACLs. */
export function testsOfName(proxy: HaproxyProxy, name: string): readonly AclTest[] {
  const own = namedTests(proxy, name).map(({ test }) => test);
  return [...own, predefinedTest(proxy, name)].filter((test) => test !== undefined);
}

/** A line `acl` replaces a predefined ACL; behind a rule that uses the predefined one it adds a test to it. */
function predefinedTest(proxy: HaproxyProxy, name: string): AclTest | undefined {
  const test = PREDEFINED.get(name);
  const [first] = namedTests(proxy, name);
  if (test === undefined || first === undefined) return test;
  const isUsed = proxy.section.lines.some(
    (line) =>
      line.number < first.line.number && readCondition(line)?.terms.some((term) => term.name === name),
  );
  return isUsed ? test : undefined;
}

type PlacedAcl = { readonly name: string; readonly test: AclTest; readonly line: HaproxyLine };
const aclsByProxy = new WeakMap<HaproxyProxy, ReadonlyMap<string, readonly PlacedAcl[]>>();

function aclsOf(proxy: HaproxyProxy): ReadonlyMap<string, readonly PlacedAcl[]> {
  const known = aclsByProxy.get(proxy);
  if (known !== undefined) return known;
  const all = proxy.section.lines.flatMap((line) => {
    const acl = readAcl(line);
    return acl ? [{ name: acl.name.value, test: acl.test, line }] : [];
  });
  const made = Map.groupBy(all, ({ name }) => name);
  aclsByProxy.set(proxy, made);
  return made;
}

/** HAProxy's src/acl.c, default_acl_list. */
const PREDEFINED: ReadonlyMap<string, AclTest> = new Map(
  [
    "TRUE always_true",
    "FALSE always_false",
    "LOCALHOST src 127.0.0.1/8 ::1",
    "HTTP req.proto_http",
    "HTTP_1.0 req.ver 1.0",
    "HTTP_1.1 req.ver 1.1",
    "HTTP_2.0 req.ver 2.0",
    "HTTP_3.0 req.ver 3.0",
    "METH_CONNECT method CONNECT",
    "METH_DELETE method DELETE",
    "METH_GET method GET HEAD",
    "METH_HEAD method HEAD",
    "METH_OPTIONS method OPTIONS",
    "METH_POST method POST",
    "METH_PUT method PUT",
    "METH_TRACE method TRACE",
    "HTTP_URL_ABS url_reg ^[^/:]*://",
    "HTTP_URL_SLASH url_beg /",
    "HTTP_URL_STAR url *",
    "HTTP_CONTENT req.hdr_val(content-length) gt 0",
    "REQ_CONTENT req.len gt 0",
    "RDP_COOKIE req.rdp_cookie_cnt gt 0",
    "WAIT_END wait_end",
  ].flatMap((text) => {
    const [line] = parseHaproxyConfig(`acl ${text}\n`, "").lines;
    const acl = line && readAcl(line);
    return acl ? [[acl.name.value, acl.test] as const] : [];
  }),
);

/** When one test holds: of several values of a header, any of them. */
function evaluateTest(scope: Scope, test: AclTest): Formula {
  const { expression, fetch, patterns } = test;
  const lists = patternLists(scope, test);
  if (
    expression === undefined ||
    lists === undefined ||
    fetch.symbolic ||
    patterns.some(({ symbolic }) => symbolic)
  )
    return unfollowedTest(scope, test);
  const [call, ...converters] = expression.calls;
  if (call === undefined) return unfollowedTest(scope, test);
  const { name, method } = fetchName(call.name);
  const comparison: Comparison = { method: test.method ?? method, lists };
  const passes = (value: Scalar | undefined) =>
    whenChoice(scope.formulas, convertAll(scope, one(value), converters), (converted) =>
      testValue(scope, converted, comparison),
    );
  const list = scope.http && !isOfOtherMessage(scope, name) ? headerListOf(name) : undefined;
  const [header, occurrence] = call.arguments;
  if (list !== undefined && header !== undefined && occurrence === undefined) {
    const some = someHeader(scope, header.value, list.whole, passes);
    const several = list.whole ? isSentTwice(scope, header.value) : FALSE;
    return several === FALSE ? some : scope.formulas.choose(several, unfollowedTest(scope, test), some);
  }
  // Its absence and its value are one unknown.
  if (!isFollowed(scope, call)) return unfollowedTest(scope, test);
  const own = whenChoice(scope.formulas, evaluateExpression(scope, expression), (value) =>
    testValue(scope, value, comparison),
  );
  const given = call.arguments.map(({ value }) => value);
  const on = anotherOf(scope, name, given);
  return on === undefined ? own : scope.formulas.or(own, another(scope, on, passes));
}

function isFollowed(scope: Scope, { name, arguments: given }: ExpressionCall): boolean {
  const values = given.map(({ value }) => value);
  return fetchValue(scope, fetchName(name).name, values) !== undefined;
}

/** undefined: a file is not followed. */
function patternLists(scope: Scope, test: AclTest): readonly PatternList[] | undefined {
  const lists: PatternList[] = [];
  for (const { path, ignoreCase, isMap } of test.files) {
    const patterns = patternsAt(scope, path.value, isMap);
    if (patterns === undefined) return undefined;
    lists.push({ patterns, ignoreCase });
  }
  const own = test.patterns.map(({ value }) => value);
  return own.length > 0 || lists.length === 0
    ? [...lists, { patterns: own, ignoreCase: test.ignoreCase }]
    : lists;
}

function patternsAt({ world }: Scope, path: string, isMap: boolean): readonly string[] | undefined {
  const file = patternFile(world, path);
  if (!("text" in file)) return undefined;
  return isMap ? readMapFile(file.text).entries.map(({ key }) => key) : readPatternFile(file.text);
}

function unfollowedTest(scope: Scope, test: AclTest): Formula {
  const written = writtenTest(test);
  const files = test.files.map(({ path }) => patternFile(scope.world, path.value));
  const contents = files.map((file) => ("text" in file ? file.text : (file.digest ?? "")));
  const states = test.files.map(({ path }) => stateOfFile(scope, path.value));
  const unfollowed = files.find((file) => "why" in file);
  const why = unfollowed?.why ?? `${test.fetch.value} is not followed`;
  return unknown(scope, {
    id: `${definition(scope, written)}\0${[...contents, ...states].join("\0")}`,
    text: written,
    why,
  });
}

/** `path_beg -i /api`. */
export function writtenTest(test: AclTest): string {
  return [
    test.fetch.value,
    ...(test.method === undefined ? [] : [`-m ${test.method}`]),
    ...(test.ignoreCase ? ["-i"] : []),
    ...test.files.map(({ path }) => `-f ${path.value}`),
    ...test.patterns.map(({ value }) => value),
  ].join(" ");
}

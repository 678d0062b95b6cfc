// What conditions of haproxy.cfg test: the Host, a header, the scheme, the client address.
import { type AclTest, type Condition, readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import { type Expression, readExpression, readFormat } from "../../wiring/haproxy/expression.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { lineageOf, linesFor } from "./haproxy-view.ts";
import { memoized } from "./memoized.ts";

/** One test of a condition, an ACL's own where it is named: several tests of one name are tried one after the other. */
export interface PlacedTest {
  readonly test: AclTest;
  readonly negated: boolean;
  /** Of the ACL; undefined: it is anonymous, between braces. */
  readonly acl?: string;
}

/** The tests that a condition is made of; predefined ACLs have none. */
export function testsOf(proxy: HaproxyProxy, condition: Condition | undefined): readonly PlacedTest[] {
  const unless = condition?.keyword === "unless";
  return (condition?.terms ?? []).flatMap(({ name, test, negated }) => {
    if (test !== undefined) return [{ test, negated: negated !== unless }];
    return lineageOf(proxy)
      .flatMap((one) => aclsByName(one).get(name ?? "") ?? [])
      .map((acl) => ({ test: acl.test, negated: negated !== unless, acl: acl.name }));
  });
}

const aclsByName = memoized(({ acls }: HaproxyProxy) => Map.groupBy(acls, ({ name }) => name));

/** Every test in the conditions of the lines that apply to a proxy, with its line. */
export function testsIn(proxy: HaproxyProxy): readonly (PlacedTest & { readonly line: HaproxyLine })[] {
  return linesFor(proxy).flatMap((line) =>
    testsOf(proxy, readCondition(line)).map((placed) => ({ ...placed, line })),
  );
}

/** The header that an expression reads, in small letters; undefined: it reads none. `req.fhdr(host),lower` reads `host`. */
export function headerOf(expression: Expression | undefined): string | undefined {
  const fetch = expression?.calls[0];
  if (fetch === undefined) return undefined;
  if (/^base(32(\+src)?|_\w+)?$/.test(fetch.name)) return "host";
  if (!/^(req\.)?f?s?hdr(_[a-z]+)?$/.test(fetch.name)) return undefined;
  return fetch.arguments[0]?.value.toLowerCase();
}

export function variablesFromHost(proxy: HaproxyProxy): ReadonlySet<string> {
  return variablesFrom(proxy, (one) => headerOf(one) === "host");
}

/** Which variables come from a source, in the proxy and its defaults: directly, or through other variables and maps. */
export function variablesFrom(
  proxy: HaproxyProxy,
  isSource: (expression: Expression) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const section of lineageOf(proxy).toReversed()) {
    for (const line of section.section.lines) {
      const { words } = directiveOf(line);
      const name = /^set-var(?:-fmt)?\(([^,)]+)/.exec(words[1]?.value ?? words[0]?.value ?? "")?.[1];
      if (name !== undefined && expressionsOf(line).some((one) => isSource(one) || readsVariable(one, found)))
        found.add(name);
    }
  }
  return found;
}

export function readsHost(expression: Expression | undefined, variables: ReadonlySet<string>): boolean {
  return headerOf(expression) === "host" || readsVariable(expression, variables);
}

export function readsVariable(expression: Expression | undefined, variables: ReadonlySet<string>): boolean {
  return (expression?.calls ?? []).some(({ name, arguments: given }, index) =>
    index === 0 && name === "var"
      ? variables.has(given[0]?.value ?? "")
      : name === "concat" && given.some(({ value }) => variables.has(value)),
  );
}

/** Every expression of a line's words: whole words, and those between `%[` and `]`. */
export function expressionsOf(line: HaproxyLine): readonly Expression[] {
  const until = readCondition(line)?.first.column ?? Number.POSITIVE_INFINITY;
  return line.tokens
    .filter(({ column }) => column < until)
    .flatMap(({ value }) => [...readFormat(value), ...(readExpression(value) ? [readExpression(value)] : [])])
    .filter((one) => one !== undefined);
}

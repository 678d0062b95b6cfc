// Lines that HAProxy would refuse without a line that is left out: they are left out too, and not reported as refused.
import { readAcl, readCondition, testsOf, wordsBeforeCondition } from "../condition.ts";
import type { HaproxyConfig, HaproxyLine, HaproxySection } from "../config.ts";
import { directiveOf } from "../config.ts";
import { readExpression, readFormat } from "../expression.ts";

/** Calls `leaveOut` for each, which adds its number to `without`. */
export function dependentLines(
  config: HaproxyConfig,
  without: ReadonlySet<number>,
  leaveOut: (line: HaproxyLine, words: string) => void,
): void {
  const rest = (lines: readonly HaproxyLine[]) => lines.filter(({ number }) => !without.has(number));
  if (config.lines.some((line) => without.has(line.number) && loadsLua(line)))
    for (const line of rest(config.lines)) {
      const words = usesLua(line);
      if (words !== undefined) leaveOut(line, words);
    }
  const names = config.lines.some(
    ({ number, tokens: [first] }) =>
      without.has(number) && (first?.value === "acl" || first?.value === "server"),
  );
  if (!names) return;
  for (const section of config.sections) {
    const missing = missingAcls(config, section, without);
    const servers = namesOf(section, without, "server");
    for (const line of rest(section.lines)) {
      const [keyword, name] = directiveOf(line).words.map(({ value }) => value);
      const terms = readCondition(line)?.terms ?? [];
      const usesMissing = terms.some((term) => term.name !== undefined && missing.has(term.name));
      if (usesMissing || (keyword === "use-server" && servers.has(name ?? "")))
        leaveOut(line, `${keyword} ${name ?? ""}`.trim());
    }
  }
}

function loadsLua({ tokens }: HaproxyLine): boolean {
  return /^lua-load/.test(tokens[0]?.value ?? "");
}

/** The words of a line by which it needs what a Lua file registers (manual of HAProxy's Lua API, `core.register_…`). */
function usesLua(line: HaproxyLine): string | undefined {
  const words = wordsBeforeCondition(line);
  const [first, second, third] = words.map(({ value }) => value);
  const expressions = [
    ...(readAcl(line)
      ? []
      : words.flatMap(({ value }) => [readExpression(value) ?? [], ...readFormat(value)].flat())),
    ...testsOf(line).flatMap(({ expression }) => expression ?? []),
  ];
  const called = expressions.flatMap(({ calls }) => calls).find(({ name }) => /^lua\./.test(name))?.name;
  return called === undefined ? undefined : [first, called === second ? called : (called ?? third)].join(" ");
}

/** The names of ACLs of which every line of a section is left out. */
function missingAcls(
  { sections }: HaproxyConfig,
  { kind, lines }: HaproxySection,
  without: ReadonlySet<number>,
): ReadonlySet<string> {
  const defaults = kind === "defaults" ? [] : sections.filter((one) => one.kind === "defaults");
  const all = [...lines, ...defaults.flatMap((one) => one.lines)];
  const acls = all.flatMap((line) => {
    const name = line.tokens[0]?.value === "acl" ? line.tokens[1]?.value : undefined;
    return name === undefined ? [] : [{ name, remaining: !without.has(line.number) }];
  });
  const remaining = new Set(acls.filter((acl) => acl.remaining).map(({ name }) => name));
  return new Set(acls.map(({ name }) => name).filter((name) => !remaining.has(name)));
}

function namesOf(
  { lines }: HaproxySection,
  without: ReadonlySet<number>,
  keyword: string,
): ReadonlySet<string> {
  return new Set(
    lines
      .filter(({ number, tokens }) => without.has(number) && tokens[0]?.value === keyword)
      .flatMap(({ tokens }) => tokens[1]?.value ?? []),
  );
}

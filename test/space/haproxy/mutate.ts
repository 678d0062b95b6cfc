// One change of a configuration, as people make them: a condition, an operand, the order of lines.
import { type Chance, PATHS } from "./random-config.ts";

const RULE =
  /^ {2}(?:acl|http-request|http-response|http-after-response|redirect|use_backend|tcp-request|use-server) /;

/** May be the same, and may be one that HAProxy refuses. */
export function mutantOf(chance: Chance, text: string): string {
  const lines = text.split("\n");
  const rules = lines.flatMap((line, index) => (RULE.test(line) ? [index] : []));
  const [first, ...others] = rules;
  if (first === undefined) return text;
  const at = chance.of([first, ...others]);
  const line = lines[at] ?? "";
  const next = lines[at + 1] ?? "";
  switch (chance.below(10)) {
    case 0:
      return lines.toSpliced(at, 1).join("\n");
    case 1:
      return RULE.test(next)
        ? lines
            .with(at, next)
            .with(at + 1, line)
            .join("\n")
        : text;
    case 2:
      return lines.with(at, swapped(line, / if /, " unless ")).join("\n");
    case 3:
      return lines.with(at, negated(chance, line)).join("\n");
    case 4:
      return lines.with(at, line.replace(/ (?:or|\|\||OR) /, " ")).join("\n");
    case 5:
      return lines.with(at, line.replace(/ \} \{ /, " } or { ")).join("\n");
    case 6:
      return lines
        .with(at, line.replace(/ -m (?:beg|str|end|sub|dir|dom)\b/, ` -m ${method(chance)}`))
        .join("\n");
    case 7:
      return lines
        .with(at, line.replace(/ -i\b/, "").replace(/_(?:beg|end|sub|dir|dom)\b/, `_${method(chance)}`))
        .join("\n");
    case 8:
      return lines.with(at, withOperand(chance, line)).join("\n");
    default:
      return lines.with(at, withOtherAction(chance, line)).join("\n");
  }
}

function swapped(line: string, from: RegExp, to: string): string {
  return from.test(line) ? line.replace(from, to) : line.replace(" unless ", " if ");
}

function negated(chance: Chance, line: string): string {
  const [rule = "", condition] = line.split(/ (?=(?:if|unless) )/);
  if (condition === undefined) return line;
  const terms = condition.split(/ (?=!?\{|!?acl\d)/);
  const at = 1 + chance.below(Math.max(1, terms.length - 1));
  const term = terms[at];
  if (term === undefined) return line;
  return `${rule} ${terms.with(at, term.startsWith("!") ? term.slice(1) : `!${term}`).join(" ")}`;
}

function method(chance: Chance): string {
  return chance.of(["beg", "end", "sub", "dir", "dom"] as const);
}

/** Another path, host, network, number or name of a backend. */
function withOperand(chance: Chance, line: string): string {
  const changes: readonly (readonly [RegExp, () => string])[] = [
    [/(?<= )\/[\w/.%]*(?= |$)/, () => chance.of(PATHS)],
    [/(?<= )(?:a|b|www\.a)\.example(?= |$)/, () => chance.of(["a.example", "b.example", "x"] as const)],
    [/\/(?:8|16)(?= |$)/, () => chance.of(["/8", "/12", "/16", "/17"] as const)],
    [/(?<= )(?:gt|le|eq) \d(?= |$)/, () => chance.of(["gt 1", "le 3", "eq 2"] as const)],
    [/\bb0-(?:one|two|A1|K1)\b/, () => chance.of(["b0-one", "b0-two", "b0-A1"] as const)],
    [/\b(?:GET|POST|PUT)\b/, () => chance.of(["GET", "POST", "PUT"] as const)],
    [/(?<= )(?:yes|a|1|ab)(?= |$)/, () => chance.of(["yes", "a", "1", "ab"] as const)],
  ];
  const possible = changes.filter(([pattern]) => pattern.test(line));
  const [first, ...others] = possible;
  if (first === undefined) return line;
  const [pattern, made] = chance.of([first, ...others]);
  return line.replace(pattern, made);
}

function withOtherAction(chance: Chance, line: string): string {
  return line
    .replace(/deny_status \d+/, `deny_status ${chance.of(["403", "404", "429"] as const)}`)
    .replace(/ status \d+/, ` status ${chance.of(["200", "410", "404"] as const)}`)
    .replace(/ code \d+/, ` code ${chance.of(["301", "302", "307"] as const)}`)
    .replace(/ str\(a\)/, " str(b)")
    .replace(/\b(set|add)-header x-a (?:a|yes)\b/, "$1-header x-a ab")
    .replace(/ drop-query\b/, "");
}

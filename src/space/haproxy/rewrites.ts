// Actions that change the request: its path, query, method, headers and variables.

import { readExpression } from "../../wiring/haproxy/expression.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { append } from "./answers.ts";
import { changedLines, changedValue } from "./changed-value.ts";
import { type Choice, either, keyOfChoice, mapChoice, one, whenChoice } from "./choice.ts";
import { evaluateExpression, evaluateFormat, formatKey } from "./evaluate-expression.ts";
import { absoluteTargets, unfollowed, variableIn } from "./fetch.ts";
import { addHeader, fixed, headerLines, isRemoved, setHeader } from "./header-lines.ts";
import { type HeaderLines, messageOf, notExamined, type Scope } from "./scope.ts";
import { testText, unknown } from "./text-tests.ts";
import {
  ABSENT,
  constant,
  joined,
  opaque,
  type Part,
  partsOf,
  type Scalar,
  show,
  showScalar,
  type Value,
} from "./value.ts";

/** `when` the rule runs. False: it is another action. */
export function rewrite(scope: Scope, action: string, words: readonly string[], when: Formula): boolean {
  const [, name = action, argument] = /^([^(]*)\((.*)\)$/s.exec(action) ?? [];
  const change = Object.hasOwn(REWRITES, name) ? REWRITES[name] : undefined;
  change?.(scope, words, when, argument ?? "");
  return change !== undefined;
}

type Rewrite = (scope: Scope, words: readonly string[], when: Formula, argument: string) => void;

const REWRITES: Readonly<Record<string, Rewrite>> = {
  "set-var": (scope, [expression = ""], when, name) => {
    setVariable(scope, name, when, valueOfWord(scope, expression));
  },
  "set-var-fmt": (scope, [format = ""], when, name) => {
    setVariable(scope, name, when, evaluateFormat(scope, format));
  },
  "unset-var": (scope, _, when, name) => {
    scope.store.variables.set(
      name,
      changedValue(scope, `var(${name})`, when, ABSENT, variableIn(scope, name)),
    );
  },
  "do-resolve": (scope, words, when, argument) => {
    setVariable(
      scope,
      argument.split(",")[0] ?? "",
      when,
      unfollowed(scope, `do-resolve(${argument}) ${words.join(" ")}`),
    );
  },
  "set-path": (scope, [format = ""], when) => {
    changePath(scope, when, evaluateFormat(scope, format));
  },
  "set-pathq": (scope, [format = ""], when) => {
    setPathAndQuery(scope, evaluateFormat(scope, format), when);
  },
  "set-uri": (scope, [format = ""], when) => {
    setPathAndQuery(scope, evaluateFormat(scope, format), when);
  },
  "set-query": (scope, [format = ""], when) => {
    const { store } = scope;
    const after = withoutMark(evaluateFormat(scope, format));
    store.query = changedValue(scope, "query", when, after, store.query);
  },
  "replace-path": (scope, [pattern = "", format = ""], when) => {
    changePath(scope, when, replaced(scope, scope.store.path, pattern, format));
  },
  "replace-pathq": (scope, [pattern = "", format = ""], when) => {
    replaceTarget(scope, pattern, format, when);
  },
  "replace-uri": (scope, [pattern = "", format = ""], when) => {
    absoluteTargets(scope, "replace-uri");
    replaceTarget(scope, pattern, format, when);
  },
  "set-method": (scope, [format = ""], when) => {
    const { store } = scope;
    store.method = changedValue(scope, "method", when, evaluateFormat(scope, format), store.method);
  },
  "set-status": (scope, [status = "", keyword, reason], when) => {
    const { response } = scope.store;
    if (response === undefined) return;
    if (keyword === "reason")
      notExamined(scope.world, `the reason phrase \`${reason}\` of \`set-status\``, scope.at, "headers");
    const after = one<Scalar | undefined>(fixed(Number(status)));
    response.status = changedValue(scope, "status", when, after, response.status);
  },
  "set-src": (scope, [expression = ""], when) => {
    const { store } = scope;
    const before = store.client;
    const after = mapChoice(valueOfWord(scope, expression), (scalar) =>
      scalar === undefined ? before : one<Scalar | undefined>(scalar),
    );
    store.client = changedValue(scope, "src", when, after, before);
  },
  "set-header": (scope, [name = "", format = ""], when) => {
    changeHeader(scope, name, when, () => setHeader(evaluateFormat(scope, format)));
  },
  "add-header": (scope, [name = "", format = ""], when) => {
    changeHeader(scope, name, when, (before) => addHeader(before, evaluateFormat(scope, format)));
  },
  "del-header": deleteHeader,
  "replace-header": (scope, [name = "", pattern = "", format = ""], when) => {
    replaceHeader(scope, "replace-header", name, pattern, format, when);
  },
  "replace-value": (scope, [name = "", pattern = "", format = ""], when) => {
    replaceHeader(scope, "replace-value", name, pattern, format, when);
  },
};

export function valueOfWord(scope: Scope, word: string): Value {
  const expression = readExpression(word);
  return expression === undefined ? unfollowed(scope, word) : evaluateExpression(scope, expression);
}

/** From an absent source the old value stays (manual section 4.2, `set-var`). */
function setVariable(scope: Scope, written: string, when: Formula, value: Value): void {
  const { store } = scope;
  const [name = "", ...conditions] = written.split(",");
  const before = variableIn(scope, name);
  const after = mapChoice(value, (scalar) =>
    scalar === undefined ? before : one<Scalar | undefined>(scalar),
  );
  const runs = scope.formulas.and(
    when,
    ...conditions.map((condition) => holdsBefore(scope, written, condition, [before, value])),
  );
  store.variables.set(name, changedValue(scope, `var(${name})`, runs, after, before));
}

/** The condition of `set-var(txn.x,ifnotexists)`. Variables of the process exist from the start. */
function holdsBefore(
  scope: Scope,
  written: string,
  condition: string,
  [before, value]: readonly [before: Value, value: Value],
): Formula {
  const { formulas } = scope;
  const isSet = whenChoice(formulas, before, (scalar) => (scalar === undefined ? FALSE : TRUE));
  if (!written.startsWith("proc.")) {
    if (condition === "ifexists" || condition === "ifset") return isSet;
    if (condition === "ifnotexists" || condition === "ifnotset") return formulas.not(isSet);
  }
  const text = `set-var(${written})`;
  const values = [before, value].map((each) => keyOfChoice(formulas, each, showScalar));
  return unknown(scope, { id: [text, ...values].join("\0"), text, why: "set-var with a condition" });
}

function setPathAndQuery(scope: Scope, target: Value, when: Formula): void {
  const { store } = scope;
  const split = mapChoice(target, (scalar) => one(splitTarget(scope, partsOf(scalar))));
  const query = mapChoice(split, (parts) => one(parts.query && textOf(parts.query)));
  changePath(
    scope,
    when,
    mapChoice(split, ({ path }) => one<Scalar | undefined>({ kind: "text", parts: path })),
  );
  store.query = changedValue(scope, "query", when, query, store.query);
}

function changePath(scope: Scope, when: Formula, after: Value): void {
  scope.store.path = changedValue(scope, "path", when, after, scope.store.path);
}

function textOf(parts: readonly Part[]): Scalar {
  return { kind: "text", parts };
}

/** At the first question mark. */
function splitTarget(
  scope: Scope,
  parts: readonly Part[],
): { readonly path: readonly Part[]; readonly query: readonly Part[] | undefined } {
  for (const [index, part] of parts.entries()) {
    if (part.kind === "constant" && part.text.includes("?")) {
      const at = part.text.indexOf("?");
      return {
        path: joined(parts.slice(0, index), constant(part.text.slice(0, at)).parts),
        query: joined(constant(part.text.slice(at + 1)).parts, parts.slice(index + 1)),
      };
    }
    if (part.kind === "opaque" && !part.id.startsWith("path")) return opaqueTarget(scope, parts);
  }
  return { path: parts, query: undefined };
}

function opaqueTarget(
  scope: Scope,
  parts: readonly Part[],
): { readonly path: readonly Part[]; readonly query: readonly Part[] | undefined } {
  const made = (what: string) =>
    opaque({
      id: `${show(parts)},${what}`,
      text: `${show(parts)},${what}`,
      why: "the target is rewritten",
      state: false,
      at: scope.at,
    }).parts;
  return { path: made("path"), query: made("query") };
}

function withoutMark(query: Value): Value {
  return mapChoice(query, (scalar) => {
    const [first, ...rest] = partsOf(scalar);
    if (first?.kind !== "constant" || !first.text.startsWith("?")) return one(scalar);
    return one<Scalar | undefined>({
      kind: "text",
      parts: joined(constant(first.text.slice(1)).parts, rest),
    });
  });
}

/** `^/old(.*)` with `/new\1`: a fixed beginning is replaced. */
const PREFIX = /^\^((?:[A-Za-z0-9_/-]|\\[./-])+)\(\.\*\)\$?$/;

/** The whole text is replaced where the expression is found in it. */
function replaced(scope: Scope, value: Value, pattern: string, format: string): Value {
  return mapChoice(value, (scalar) => {
    const parts = partsOf(scalar);
    const found = testText(scope, parts, { kind: "pattern", source: pattern, ignoreCase: false });
    if (found === FALSE) return one(scalar);
    return either(found, one<Scalar | undefined>(replacement(scope, parts, pattern, format)), one(scalar));
  });
}

function replacement(scope: Scope, parts: readonly Part[], pattern: string, format: string): Scalar {
  const [, front] = PREFIX.exec(pattern) ?? [];
  const [, before] = /^([^\\%]*)\\1$/.exec(format) ?? [];
  const [first, ...rest] = parts;
  if (front !== undefined && before !== undefined && first?.kind === "source" && rest.length === 0) {
    const bytes = front.replaceAll("\\", "").length;
    const dropped: Part = { ...first, through: [...first.through, { kind: "drop", bytes }] };
    return { kind: "text", parts: joined(constant(before).parts, [dropped]) };
  }
  const id = `path ${show(parts)} replaced ${pattern} ${formatKey(scope, format)}`;
  return opaque({
    id,
    text: `${show(parts)} with ${pattern} → ${format}`,
    why: "the path is rewritten",
    state: false,
    at: scope.at,
  });
}

function replaceTarget(scope: Scope, pattern: string, format: string, when: Formula): void {
  const { store } = scope;
  const mark: Value = one<Scalar | undefined>(constant("?"));
  const whole = mapChoice(store.query, (query) =>
    query === undefined ? store.path : append(append(store.path, mark), one<Scalar | undefined>(query)),
  );
  const matches = whenChoice(scope.formulas, whole, (scalar) =>
    testText(scope, partsOf(scalar), { kind: "pattern", source: pattern, ignoreCase: false }),
  );
  const id = `target replaced ${pattern} ${formatKey(scope, format)}`;
  const target = mapChoice(whole, (scalar) =>
    one<Scalar | undefined>(
      opaque({
        id: `${showScalar(scalar)} ${id}`,
        text: `target replaced ${pattern} ${format}`,
        why: "the target is rewritten",
        state: false,
        at: scope.at,
      }),
    ),
  );
  setPathAndQuery(scope, target, scope.formulas.and(when, matches));
}

function changeHeader(
  scope: Scope,
  written: string,
  when: Formula,
  change: (before: Choice<HeaderLines>) => Choice<HeaderLines>,
): void {
  const name = written.toLowerCase();
  const { headers } = messageOf(scope);
  const before = headerLines(scope, name);
  const fetch = scope.phase === "request" ? "req.hdr" : "res.hdr";
  headers.set(name, changedLines(scope, `${fetch}(${name})`, when, change(before), before));
}

/** With `-m` several names may match: those that are known here, and one entry for all others. */
function deleteHeader(scope: Scope, words: readonly string[], when: Formula): void {
  const [name = "", flag, method = "str"] = words;
  const removed = () => one<HeaderLines>({ received: false, added: [] });
  if (flag !== "-m" || method === "str") {
    changeHeader(scope, name, when, removed);
    return;
  }
  const removal = { when, method, pattern: name };
  const { headers, removals } = messageOf(scope);
  for (const known of headers.keys())
    changeHeader(scope, known, scope.formulas.and(when, isRemoved(scope, removal, known)), removed);
  changeHeader(scope, `-m ${method} ${name}`, when, removed);
  removals.push(removal);
}

function replaceHeader(
  scope: Scope,
  action: string,
  name: string,
  pattern: string,
  format: string,
  when: Formula,
): void {
  const made = (before: string, parts: readonly Part[]) =>
    opaque({
      id: `${before} ${show(parts)} ${action} ${pattern} ${formatKey(scope, format)}`,
      text: `${name} with ${pattern} → ${format}`,
      why: "the header is rewritten",
      state: false,
      at: scope.at,
    }).parts;
  const fetch = scope.phase === "request" ? "req.hdr" : "res.hdr";
  if (name.toLowerCase() === "host" && scope.phase === "request")
    notExamined(scope.world, "conditions on a Host header that a rule has rewritten", scope.at);
  changeHeader(scope, name, when, (before) =>
    mapChoice(before, ({ received, rewritten = [], added }) =>
      one({
        received,
        ...(received && { rewritten: made(`%[${fetch}(${name})]`, rewritten) }),
        added: added.map((parts) => made(name, parts)),
      }),
    ),
  );
}

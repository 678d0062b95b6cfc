// Expressions → values, in their scope. A value that cannot be known has the reason.
import type { Position } from "../../findings/finding.ts";
import { MAX_ELEMENTS, MAX_EVALUATIONS, MAX_EXPANDED, shownLimit } from "../../source/limits.ts";
import { callFunction } from "./functions.ts";
import { operationValue } from "./operations.ts";
import type { Arguments } from "./resource.ts";
import type { Expression, ForExpression } from "./syntax.ts";
import {
  asBoolean,
  asText,
  elementsOf,
  failure,
  isNull,
  scalar,
  sizeOf,
  unknown,
  type Value,
  whyNot,
} from "./value.ts";

/** The values of names. */
export interface Scope {
  /** `each`, `count`, names of `for` and `dynamic`; undefined: none of these. */
  readonly local: ReadonlyMap<string, Value>;
  /** `var.x`, `local.x`, `module.x`, `data.t.x`, `aws_elb.x`. Undefined: `path` is too short. */
  readonly lookup: (path: readonly string[], at: Position) => Value | undefined;
  readonly work: Work;
}

/** Over all scopes of a root module. */
export interface Work {
  /** How many evaluations wait for the current one. */
  waiting: number;
  /** Expressions evaluated, and elements that they went over. */
  done: number;
}

/** Maximum depth of references; the stack overflows at about ten times as many. */
const longest = 800;

export function evaluate(expression: Expression, scope: Scope): Value {
  const { work } = scope;
  if (work.waiting >= longest) return unknown("there are too many references to resolve", expression.at);
  if (work.done >= MAX_EVALUATIONS)
    return unknown(`more than ${shownLimit(MAX_EVALUATIONS)} expressions would be evaluated`, expression.at);
  work.waiting += 1;
  work.done += 1;
  const value = valueIn(expression, scope);
  work.waiting -= 1;
  return bounded(value, expression);
}

/** A value small enough to be used in others: names that contain one another twice grow exponentially. */
function bounded(value: Value, { at }: Expression): Value {
  if (sizeOf(value) > MAX_ELEMENTS)
    return unknown(`it has more than ${shownLimit(MAX_ELEMENTS)} elements`, at);
  const isLong =
    value.kind === "scalar" && typeof value.value === "string" && value.value.length > MAX_EXPANDED;
  return isLong ? unknown(`it is longer than ${shownLimit(MAX_EXPANDED)} characters`, at) : value;
}

function valueIn(expression: Expression, scope: Scope): Value {
  const at = expression.at;
  switch (expression.kind) {
    case "literal":
      return scalar(expression.value, at);
    case "template":
      return templateValue(expression.parts, at, scope);
    case "list":
      return { kind: "list", items: expression.items.map((item) => evaluate(item, scope)), at };
    case "object":
      return objectValue(expression, scope);
    case "name":
    case "attribute":
      return referenceValue(expression, scope);
    case "index":
      return elementOf(evaluate(expression.of, scope), evaluate(expression.key, scope), at);
    case "splat":
      return splatValue(expression, scope);
    case "call":
      return callValue(expression, scope);
    case "for":
      return forValue(expression, at, scope);
    case "conditional": {
      const condition = evaluate(expression.condition, scope);
      const holds = asBoolean(condition);
      if (holds === undefined) return unknown(whyNot(condition, "the condition is not true or false"), at);
      return evaluate(holds ? expression.yes : expression.no, scope);
    }
    case "operation":
      return operationValue(
        expression.operator,
        expression.operands.map((operand) => {
          const value = evaluate(operand, scope);
          scope.work.done += sizeOf(value);
          return value;
        }),
        at,
      );
    case "unreadable":
      return unknown(expression.why, at);
  }
}

function templateValue(parts: readonly Expression[], at: Position, scope: Scope): Value {
  const [only] = parts;
  // `"${x}"` is x itself with its type: a list too, as before 0.12.
  if (parts.length === 1 && only !== undefined) {
    const value = evaluate(only, scope);
    return only.kind === "literal" ? { ...value, at } : value;
  }
  let text = "";
  for (const part of parts) {
    const value = evaluate(part, scope);
    const more = asText(value);
    if (more === undefined) return unknown(whyNot(value, "a part of the text is not text"), at);
    text += more;
    if (text.length > MAX_EXPANDED) break;
  }
  return scalar(text, at);
}

function objectValue(expression: Expression & { readonly kind: "object" }, scope: Scope): Value {
  const entries = new Map<string, Value>();
  for (const entry of expression.entries) {
    const key = evaluate(entry.key, scope);
    const name = asText(key);
    if (name === undefined) return unknown(whyNot(key, "a key is not text"), expression.at);
    entries.set(name, evaluate(entry.value, scope));
  }
  return { kind: "object", entries, at: expression.at };
}

/** `a.b.c`: the part that names an object, followed by attributes of the object. */
function referenceValue(expression: Expression, scope: Scope): Value {
  const path: string[] = [];
  let root = expression;
  while (root.kind === "attribute") {
    path.unshift(root.name);
    root = root.of;
  }
  if (root.kind !== "name") return attributesOf(evaluate(root, scope), path, expression.at);
  const own = scope.local.get(root.name);
  if (own !== undefined) return attributesOf(own, path, expression.at);
  path.unshift(root.name);
  for (let length = 1; length <= Math.min(3, path.length); length += 1) {
    const found = scope.lookup(path.slice(0, length), expression.at);
    if (found !== undefined) return attributesOf(found, path.slice(length), expression.at);
  }
  return unknown(`${path.join(".")} is not defined here`, expression.at);
}

function attributesOf(value: Value, names: readonly string[], at: Position): Value {
  return names.reduce((of, name) => attributeOf(of, name, at), value);
}

function attributeOf(value: Value, name: string, at: Position): Value {
  switch (value.kind) {
    case "unknown":
      return value;
    case "resource":
      return resourceAttribute(value, name, at);
    case "module":
      return value.output(name, at);
    case "object":
      return value.entries.get(name) ?? failure(`there is no ${name} in it`, at);
    case "list": {
      // Before 0.12 the one of `count = 1` could be named without its index.
      const [only] = value.items;
      if (/^\d+$/.test(name)) return elementOf(value, scalar(Number(name), at), at);
      return value.items.length === 1 && only !== undefined
        ? attributeOf(only, name, at)
        : failure(`a list has no ${name}`, at);
    }
    case "scalar":
      return failure(`there is no ${name} in it`, at);
  }
}

function resourceAttribute(
  value: Value & { readonly kind: "resource" },
  attribute: string,
  at: Position,
): Value {
  const source = { resource: value.resource, attribute };
  const written = value.resource.arguments.value(attribute);
  if (written !== undefined) return { ...written, source };
  // Of Terraform's Kubernetes provider: `kubernetes_service.x.metadata[0].name`.
  const blocks = attribute === "metadata" ? value.resource.arguments.blocks(attribute).all : [];
  if (blocks.length > 0) return { kind: "list", items: blocks.map(attributesOfBlock), at };
  return { ...unknown("the cloud assigns it when it is applied", at), source };
}

function attributesOfBlock(block: Arguments): Value {
  const entries = new Map(
    block.names().attributes.flatMap((name) => {
      const value = block.value(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  return { kind: "object", entries, at: block.at };
}

function elementOf(of: Value, key: Value, at: Position): Value {
  if (of.kind === "unknown") return of;
  const text = asText(key);
  if (key.kind === "unknown") return key;
  if (text === undefined) return failure("the index is neither a number nor text", at);
  if (of.kind === "object")
    return of.entries.get(text) ?? failure(`there is no ${JSON.stringify(text)} in it`, at);
  if (of.kind === "list") return of.items[Number(text)] ?? failure(`there is no element ${text} in it`, at);
  if (of.kind === "resource" || of.kind === "module") return text === "0" ? of : attributeOf(of, text, at);
  return failure("it has no elements", at);
}

function splatValue(expression: Expression & { readonly kind: "splat" }, scope: Scope): Value {
  const of = evaluate(expression.of, scope);
  if (of.kind === "unknown") return of;
  const single = isNull(of) ? [] : [of];
  const elements = of.kind === "list" ? of.items : single;
  const items = elements.map((element) =>
    expression.steps.reduce<Value>(
      (value, step) =>
        typeof step === "string"
          ? attributeOf(value, step, expression.at)
          : elementOf(value, evaluate(step, scope), expression.at),
      element,
    ),
  );
  return { kind: "list", items, at: of.at };
}

function callValue(expression: Expression & { readonly kind: "call" }, scope: Scope): Value {
  const args = expression.args.map((argument) => evaluate(argument, scope));
  // Functions iterate over all of their arguments.
  for (const argument of args) scope.work.done += sizeOf(argument);
  const last = args.at(-1);
  if (expression.spread && last !== undefined) {
    if (last.kind !== "list") return unknown(whyNot(last, "the expanded value is not a list"), expression.at);
    args.splice(-1, 1, ...last.items);
  }
  return callFunction(expression.name, args, expression.at);
}

function forValue(expression: ForExpression, at: Position, scope: Scope): Value {
  const over = evaluate(expression.over, scope);
  const elements = elementsOf(over);
  if (elements === undefined) return unknown(whyNot(over, "the value of `for` is not a collection"), at);
  const items: Value[] = [];
  const entries = new Map<string, Value>();
  for (const [key, element] of elements) {
    const local = new Map(scope.local).set(expression.valueName, element);
    if (expression.keyName !== undefined) local.set(expression.keyName, scalar(key, element.at));
    const inner = { ...scope, local };
    if (expression.condition !== undefined) {
      const condition = evaluate(expression.condition, inner);
      const holds = asBoolean(condition);
      if (holds === undefined) return unknown(whyNot(condition, "the condition is not true or false"), at);
      if (!holds) continue;
    }
    const value = evaluate(expression.value, inner);
    if (expression.key === undefined) {
      items.push(value);
      continue;
    }
    const keyValue = evaluate(expression.key, inner);
    const name = asText(keyValue);
    if (name === undefined) return unknown(whyNot(keyValue, "a key is not text"), at);
    const before = entries.get(name);
    const gathered = before?.kind === "list" ? before.items : [];
    entries.set(name, expression.gathers ? { kind: "list", items: [...gathered, value], at } : value);
  }
  return expression.makes === "list" ? { kind: "list", items, at } : { kind: "object", entries, at };
}

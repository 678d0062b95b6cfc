// The results of operators.
import type { Position } from "../../findings/finding.ts";
import { asBoolean, asNumber, elementsOf, scalar, unknown, unknownIn, type Value, whyNot } from "./value.ts";

export function operationValue(operator: string, operands: readonly Value[], at: Position): Value {
  const [left, right] = operands;
  if (left === undefined) return unknown("it does not parse", at);
  if (operator === "!") return fromBoolean(asBoolean(left), (value) => !value, left, at);
  if (right === undefined) {
    const number = asNumber(left);
    return number === undefined ? unknown(whyNot(left, "it is not a number"), at) : scalar(-number, at);
  }
  if (operator === "&&" || operator === "||") return logical(operator, left, right, at);
  const hole = unknownIn(left) ?? unknownIn(right);
  if (hole !== undefined) return unknown(hole.why, at);
  if (operator === "==" || operator === "!=") {
    return scalar((plain(left) === plain(right)) === (operator === "=="), at);
  }
  const [a, b] = [asNumber(left), asNumber(right)];
  if (a === undefined || b === undefined) return unknown("it is not a number", at);
  const result = calculated(operator, a, b);
  return result === undefined ? unknown(`Portico does not evaluate ${operator}`, at) : scalar(result, at);
}

function fromBoolean(
  of: boolean | undefined,
  make: (value: boolean) => boolean,
  from: Value,
  at: Position,
): Value {
  return of === undefined ? unknown(whyNot(from, "it is not true or false"), at) : scalar(make(of), at);
}

/** One side may decide although the other is unknown. */
function logical(operator: "&&" | "||", left: Value, right: Value, at: Position): Value {
  const decides = operator === "||";
  const [a, b] = [asBoolean(left), asBoolean(right)];
  if (a === decides || b === decides) return scalar(decides, at);
  return a === undefined ? fromBoolean(a, Boolean, left, at) : fromBoolean(b, Boolean, right, at);
}

function calculated(operator: string, a: number, b: number): number | boolean | undefined {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return undefined;
  }
}

/** A value as text that only equal values share. A number and its text are equal, as they were before 0.12. */
function plain(value: Value): string {
  if (value.kind === "scalar") return value.value === null ? "null" : JSON.stringify(String(value.value));
  if (value.kind === "resource") return `resource ${value.resource.address}`;
  const elements = (elementsOf(value) ?? []).map(
    ([key, element]) => `${JSON.stringify(key)}:${plain(element)}`,
  );
  return `${value.kind} ${elements.join()}`;
}

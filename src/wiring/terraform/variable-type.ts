// A variable's type, as far as it changes values: what `optional(type, default)` adds to objects.
import { evaluate, type Scope } from "./evaluate.ts";
import type { Expression } from "./syntax.ts";
import { isNull, scalar, type Value } from "./value.ts";

export function withType(value: Value, type: Expression | undefined, scope: Scope): Value {
  if (type?.kind !== "call") return value;
  const [first] = type.args;
  switch (type.name) {
    case "list":
    case "set":
      return value.kind === "list"
        ? { ...value, items: value.items.map((item) => withType(item, first, scope)) }
        : value;
    case "map": {
      if (value.kind !== "object") return value;
      const entries = new Map([...value.entries].map(([key, item]) => [key, withType(item, first, scope)]));
      return { ...value, entries };
    }
    case "object":
      return first?.kind === "object" ? withAttributes(value, first, scope) : value;
    default:
      return value;
  }
}

function withAttributes(value: Value, type: Expression & { readonly kind: "object" }, scope: Scope): Value {
  if (value.kind !== "object") return value;
  const entries = new Map(value.entries);
  for (const { key, value: wanted } of type.entries) {
    if (key.kind !== "literal") continue;
    const name = String(key.value);
    const optional = wanted.kind === "call" && wanted.name === "optional";
    const inner = optional ? wanted.args[0] : wanted;
    const given = entries.get(name);
    const byDefault = optional ? wanted.args[1] : undefined;
    if (given !== undefined && !(isNull(given) && byDefault !== undefined)) {
      entries.set(name, withType(given, inner, scope));
    } else if (optional) {
      const filled = byDefault === undefined ? scalar(null, value.at) : evaluate(byDefault, scope);
      entries.set(name, withType(filled, inner, scope));
    }
  }
  return { ...value, entries };
}

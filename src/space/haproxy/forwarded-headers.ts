// Headers that options of a proxy add to what the server gets: `forwardfor`, `originalto`, `forwarded`, `unique-id-header`.
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { TRUE } from "../formula.ts";
import { either, one, whenChoice } from "./choice.ts";
import { addHeader, headerLines, lastHeader, setHeader } from "./header-lines.ts";
import type { Scope } from "./scope.ts";
import { opaque, type Value } from "./value.ts";

export function forwardedHeaders(scope: Scope, proxy: HaproxyProxy): void {
  forwardFor(scope, proxy);
  for (const name of ["originalto", "forwarded"]) {
    const words = proxy.options.get(name)?.value;
    if (words === undefined) continue;
    const header = name === "forwarded" ? "forwarded" : headerNamed(words, "x-original-to");
    const value = textOf(`option ${name} ${words.join(" ")}`);
    scope.store.headers.set(header, addHeader(headerLines(scope, header), value));
  }
  const unique = proxy.section.lines.find((line) => line.tokens[0]?.value === "unique-id-header");
  const header = unique && directiveOf(unique).words[1]?.value.toLowerCase();
  if (header !== undefined) scope.store.headers.set(header, setHeader(textOf("unique-id")));
}

/** `option forwardfor [except NETWORK] [header NAME] [if-none]` (manual section 4.2). */
function forwardFor(scope: Scope, proxy: HaproxyProxy): void {
  const words = proxy.options.get("forwardfor")?.value;
  if (words === undefined) return;
  const header = headerNamed(words, "x-forwarded-for");
  const except = words[words.indexOf("except") + 1];
  const { formulas } = scope;
  const excepted =
    words.includes("except") && except !== undefined
      ? whenChoice(formulas, scope.store.client, (client) =>
          client?.kind === "address" ? client.within([except]) : TRUE,
        )
      : formulas.not(TRUE);
  const present = whenChoice(formulas, lastHeader(scope, header), (value) =>
    value ? TRUE : formulas.not(TRUE),
  );
  const skipped = words.includes("if-none") ? formulas.or(excepted, present) : excepted;
  const before = headerLines(scope, header);
  const added = addHeader(before, textOf("src"));
  scope.store.headers.set(header, either(formulas.not(skipped), added, before));
}

function headerNamed(words: readonly string[], byDefault: string): string {
  const at = words.indexOf("header");
  return (at < 0 ? byDefault : (words[at + 1] ?? byDefault)).toLowerCase();
}

function textOf(id: string): Value {
  return one(opaque({ id, text: id, why: `the text of ${id}`, state: false, at: undefined }));
}

// `use-server`: which server of a backend a request goes to, before cookies, `stick` and `balance` apply.
import type { HaproxyProxy, HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import type { Leaf } from "../program.ts";
import { type Choice, casesOf, mapChoice, one } from "./choice.ts";
import { evaluateFormat } from "./evaluate-expression.ts";
import { dependsOn, partsOfScalar, readable } from "./flow.ts";
import { ruleLines, textOf } from "./rule-lines.ts";
import { runsWhen, scopeOf } from "./run-rules.ts";
import type { Scope } from "./scope.ts";
import { testText } from "./text-tests.ts";
import { constantText, type Part, show } from "./value.ts";

/** The servers of the backend and how one of them is chosen, as written; of one server that a rule names, it comes first. */
export function serversOf(scope: Scope): Choice<Leaf> {
  const { proxy: backend } = scope;
  const any = leafOf(backend);
  const rules = ruleLines(backend, "use-server").map((rule) => {
    const here = scopeOf(scope, rule, undefined);
    const name = rule.line.tokens[1]?.value ?? "";
    const gives = mapChoice(evaluateFormat(here, name), (scalar) =>
      serverNamed(here, any, partsOfScalar(scalar)),
    );
    return { when: runsWhen(here, rule), gives };
  });
  return casesOf(rules, one(any));
}

const CHOOSES_SERVER =
  /^(?:balance|cookie|default-server|dispatch|hash-\S+|server|server-template|stick) |^option (?:http_proxy|persist|redispatch|transparent)/;

function leafOf(backend: HaproxyProxy): Leaf {
  const lines: string[] = [];
  for (let one: HaproxyProxy | undefined = backend; one !== undefined; one = one.parent)
    lines.unshift(...one.section.lines.map(textOf).filter((text) => CHOOSES_SERVER.test(text)));
  const addresses = backend.servers.map(serverText);
  return { key: [backend.name, ...lines].join("\n"), text: `${backend.name}: ${addresses.join(", ")}` };
}

/** With the settings that make HAProxy answer instead of the server. */
function serverText({ address, disabled, settings }: HaproxyServer): string {
  const redir = settings.get("redir");
  return [address.text, ...(disabled ? ["(disabled)"] : []), ...(redir ? [`redir ${redir.value}`] : [])].join(
    " ",
  );
}

/** A name that no server has is ignored. */
function serverNamed(scope: Scope, any: Leaf, parts: readonly Part[]): Choice<Leaf> {
  const { name: backend, servers } = scope.proxy;
  const written = constantText(parts);
  if (written?.includes("$") || parts.some(({ kind }) => kind === "opaque")) {
    const leaf = leafOfServer(any, show(parts), `${backend}: ${readable(parts)}`);
    return one({ ...leaf, ...dependsOn(parts) });
  }
  const named = servers.map(({ name, address }) => ({
    when: testText(scope, parts, { kind: "exact", value: name, ignoreCase: false }),
    gives: one(leafOfServer(any, name, `${backend}: ${address.text}`)),
  }));
  return casesOf(named, one(any));
}

/** While the server is down, the other servers get its requests. */
function leafOfServer(any: Leaf, name: string, text: string): Leaf {
  return { key: `use-server ${name}\n${any.key}`, text };
}

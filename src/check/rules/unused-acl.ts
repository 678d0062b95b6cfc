// unused-acl: ACL that no condition names.
import { countOf } from "../../findings/count.ts";
import type { Fix } from "../../findings/finding.ts";
import { lineStart } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy, NamedAcl } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { groupsOf } from "../groups.ts";
import { mayUseAnyName } from "../layers/names-in-config.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const unusedAcl: Rule = {
  code: "unused-acl",
  severity: "note",
  writtenByHand: true,
  check: (wiring: Wiring) =>
    wiring.haproxies
      .filter((layer) => !mayUseAnyName(layer))
      .flatMap((layer) =>
        [...layer.wiring.proxies, ...layer.wiring.defaults].flatMap((proxy) => unusedIn(layer, proxy)),
      ),
};

/** ACLs belong to their section. */
function unusedIn(
  layer: HaproxyLayer,
  { acls, kind, name: section, section: { lines } }: HaproxyProxy,
): readonly RuleFinding[] {
  const used = new Set(
    lines
      .filter(({ tokens }) => tokens[0]?.value !== "acl")
      .flatMap(({ tokens }) => tokens.slice(1).map(({ value }) => value.replace(/^!+/, ""))),
  );
  const unused = acls.filter(({ name }) => !used.has(name));
  return groupsOf(unused, ({ name }) => name).map(([first, ...others]) => ({
    what: `no condition uses the ACL \`${first.name}\` of \`${`${kind} ${section}`.trim()}\``,
    why: `It has no effect${others.length > 0 ? `, in ${countOf(others.length + 1, "line")}` : ""}: a rule that was to use it is missing, or has another name in its condition.`,
    remedy: "Use it in a condition, or remove it.",
    at: [first, ...others].map(({ at }) => at),
    ...withFix(layer, [first, ...others]),
  }));
}

function withFix({ config, from }: HaproxyLayer, acls: readonly NamedAcl[]): { readonly fix?: Fix } {
  if (from !== "file" || config.origin !== undefined) return {};
  const edits = acls.flatMap(({ at }) => {
    const line = config.lines[at.line - 1];
    if (line === undefined || line.end === "") return [];
    const { file, line: number } = lineStart(config, line);
    return [{ file, line: number, column: 1, endLine: number + 1, endColumn: 1, text: "" }];
  });
  const [first] = acls;
  if (first === undefined || edits.length < acls.length) return {};
  return { fix: { does: `removes the ACL \`${first.name}\``, edits } };
}

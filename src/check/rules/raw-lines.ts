// raw-lines: what comes through the escape hatch, shown.
import type { Rule, RuleFinding } from "../rule.ts";
import { countOf } from "../wording.ts";

export const rawLines: Rule = {
  code: "raw-lines",
  severity: "note",
  about: "HAProxy lines that come through the escape hatch",
  check({ plan, at }) {
    const entrance = (name: "public" | "internal") =>
      plan.listeners.find((listener) => listener.entrance === name);
    const finding = (
      where: string,
      lines: readonly string[],
      place: RuleFinding["at"][number],
    ): readonly RuleFinding[] =>
      lines.length === 0
        ? []
        : [
            {
              what: `${countOf(lines.length, "raw line")} in ${where}: ${lines[0] ?? ""}${lines.length > 1 ? " …" : ""}`,
              why: "HAProxy does what raw lines say, and Portico does not know what that is: neither the model nor any other rule takes them into account.",
              remedy: "Prove by an expectation what they do.",
              at: [place],
            },
          ];
    return [
      ...finding("the global section", plan.rawGlobal, at(["haproxy", "raw"], { key: true })),
      ...finding("the public frontends", entrance("public")?.raw ?? [], at(["public", "raw"], { key: true })),
      ...finding(
        "the internal frontend",
        entrance("internal")?.raw ?? [],
        at(["internal", "raw"], { key: true }),
      ),
      ...plan.backends
        .filter(({ variantOf }) => variantOf === null)
        .flatMap(({ name, raw, at: place }) =>
          finding(`the backend \`${name}\``, raw, at(["backends", name, "raw"], { key: true }) ?? place),
        ),
    ];
  },
};

// raw-lines: what comes through the escape hatch, shown.
import { rawBlocks } from "../../plan/raw-lines.ts";
import type { Rule } from "../rule.ts";
import { countOf } from "../wording.ts";

export const rawLines: Rule = {
  code: "raw-lines",
  severity: "note",
  about: "HAProxy lines that come through the escape hatch",
  check({ plan, at }) {
    return rawBlocks(plan).map(({ section, path, lines, at: place }) => ({
      what: `${countOf(lines.length, "raw line")} in ${section}: ${lines[0] ?? ""}${lines.length > 1 ? " …" : ""}`,
      why: "HAProxy does what raw lines say, and Portico does not know what that is: neither the model nor any other rule takes them into account.",
      remedy: "Prove by an expectation what they do.",
      at: [at(path, { key: true }) ?? place],
    }));
  },
};

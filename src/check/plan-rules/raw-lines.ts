// raw-lines: raw HAProxy lines.

import { countOf } from "../../findings/count.ts";
import { rawBlocks } from "../../model/raw-blocks.ts";
import type { PlanRule } from "../rule.ts";

export const rawLines: PlanRule = {
  code: "raw-lines",
  severity: "note",
  check({ plan, at }) {
    return rawBlocks(plan).map(({ section, path, lines, at: place }) => ({
      what: `${countOf(lines.length, "raw line")} in ${section}: ${lines[0] ?? ""}${lines.length > 1 ? " …" : ""}`,
      why: "HAProxy applies raw lines as they are, and rules about the rendered files check them. The model leaves them out: `explain`, `test` and rules about routes do not know their effect.",
      remedy: "Write an expectation for each effect of these lines.",
      at: [at(path, { key: true }) ?? place],
    }));
  },
};

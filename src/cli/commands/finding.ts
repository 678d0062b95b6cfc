// portico finding: the page about a finding, in the terminal.
import { FINDING_CODES, isFindingCode } from "../../findings/codes.ts";
import { findingPage } from "../../findings/finding-page.ts";
import { nearest } from "../../findings/nearest.ts";
import type { CommandSpec } from "../command.ts";

export const findingCommand: CommandSpec = {
  name: "finding",
  arguments: "<code>",
  summary: "show the page about a finding: cause, effect and fix, with examples",
  options: [],
  examples: ["portico finding client-address-lost"],
  async run(context, given) {
    const code = given.text("code") ?? "";
    if (!isFindingCode(code)) {
      const suggestion = nearest(code, FINDING_CODES);
      context.log(
        `there is no finding with the code ${JSON.stringify(code)}${suggestion === undefined ? "" : `: did you mean ${suggestion}?`}`,
      );
      return 2;
    }
    context.print(findingPage(code).markdown.trimEnd());
    return 0;
  },
};

// portico plan: every decision with its reason.
import { maskedJson } from "../../findings/credentials.ts";
import { planJson } from "../../plan/plan-json.ts";
import { type CommandSpec, screenOf } from "../command.ts";
import { loadPlan } from "../planned.ts";

export const planCommand: CommandSpec = {
  name: "plan",
  arguments: "[description]",
  summary: "print every decision with its reason",
  options: [{ flags: "--json", about: "the whole plan as JSON" }],
  examples: ["portico plan", "portico plan --json | jq .timeouts"],
  async run(context, given) {
    const planned = await loadPlan(context, given);
    if (planned === undefined) return 2;
    if (given.flag("json")) {
      context.print(maskedJson(planJson(planned.plan)));
      return 0;
    }
    const { planText } = await import("../screens/plan-text.ts");
    context.print(planText(planned.plan, screenOf(context)));
    return 0;
  },
};

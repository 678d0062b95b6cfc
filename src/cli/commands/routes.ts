// portico routes: what becomes of every request, as a short list of which the first line that matches decides.
import { type CommandSpec, screenOf } from "../command.ts";
import { LAYERS, loadSpace } from "../space-input.ts";

export const routesCommand: CommandSpec = {
  name: "routes",
  arguments: "[description]",
  summary: "show what becomes of every request, as a short list proven equal to the configuration",
  options: [LAYERS, { flags: "--json", about: "the list as JSON" }],
  examples: ["portico routes", "portico routes haproxy.cfg", "portico routes --layers deploy/"],
  async run(context, given) {
    const input = await loadSpace(context, given);
    if (input === undefined) return 2;
    const { regionsOf } = await import("../../space/regions.ts");
    const { routesJson, routesText } = await import("../screens/routes-text.ts");
    const list = regionsOf(input.program, { formulas: input.formulas });
    context.print(given.flag("json") ? routesJson(input, list) : routesText(input, list, screenOf(context)));
    return list.incomplete === undefined ? 0 : 1;
  },
};

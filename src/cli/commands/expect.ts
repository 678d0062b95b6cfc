// portico expect --suggest: expectations for regions and rules that none exercises, each with HAProxy's answer, printed or added to the file.
import type { CommandSpec } from "../command.ts";
import { LAYERS } from "../space-input.ts";
import { TRUST } from "../trust.ts";
import { VERBOSE } from "../verbose.ts";
import { HAPROXY } from "../with-lab.ts";

const USAGE = 2;

export const expectCommand: CommandSpec = {
  name: "expect",
  arguments: "[description]",
  summary: "suggest expectations for the regions of requests and the rules that none exercises",
  options: [
    { flags: "--suggest", about: "print expectations as YAML, each with HAProxy's answer" },
    { flags: "--write", about: "add them to the description, or to the file of --expect; comments stay" },
    LAYERS,
    {
      flags: "--expect <file>",
      about: "with --layers or a haproxy.cfg: the YAML file with the expectations",
    },
    HAPROXY,
    TRUST,
    VERBOSE,
  ],
  examples: [
    "portico expect --suggest",
    "portico expect --suggest --write",
    "portico expect haproxy.cfg --suggest --expect expect.yaml --write",
  ],
  async run(context, given) {
    const wrong = (problem: string): number => {
      context.log(`portico expect: ${problem}`);
      return USAGE;
    };
    if (given.text("layers") !== undefined && given.text("description") !== undefined)
      return wrong("name a description or --layers, not both.");
    const { layersGiven } = await import("../input.ts");
    const layers = layersGiven(context, given);
    const file = given.text("expect");
    if (layers === undefined && file !== undefined)
      return wrong("--expect needs --layers or a haproxy.cfg; a description has its own expectations.");
    if (layers !== undefined && file === undefined && given.flag("write"))
      return wrong("--write needs --expect FILE, the file that gets the expectations.");
    const { suggestForDescription, suggestForLayers } = await import("../suggest-in-lab.ts");
    return layers === undefined
      ? suggestForDescription(context, given)
      : suggestForLayers(context, given, layers, file);
  },
};

// Time and memory of the commands with 10,000 routes.
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { withGround } from "./ground.ts";
import { manyRoutesYaml } from "./many-routes.ts";
import { measuredCells, measuredCommand } from "./measured-command.ts";
import { table } from "./table.ts";

const GOAL = { ms: 2000, mebibytes: 400 };

export const render: Benchmark = {
  name: "render",
  about: `\`portico render\` and \`portico check\` of 10,000 routes over 1,000 hosts, 2,000 of them conditional, each in its own process (goal: ${GOAL.ms / 1000} s and ${GOAL.mebibytes} MB)`,
  needs: [],
  run: ({ haproxy }) =>
    withGround(haproxy, async (ground) => {
      const description = ground.write(
        "portico.yaml",
        manyRoutesYaml({ hosts: 1000, routesEach: 10, conditional: 2000 }),
      );
      const commands = [
        ["render", "-o", join(ground.folder, "out"), "--force", description],
        ["check", "--haproxy", haproxy, description],
      ];
      const rows = [];
      for (const args of commands)
        rows.push([`portico ${args[0]}`, ...measuredCells(await measuredCommand(args), GOAL)]);
      return table(["", "time", "CPU time", "peak memory"], rows);
    }),
};

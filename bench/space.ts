// Time and memory of the commands that answer for all requests.
import type { Benchmark } from "./benchmark.ts";
import { type Ground, withGround } from "./ground.ts";
import { handWrittenConfig } from "./hand-written.ts";
import { manyRoutesYaml, onePathEachYaml, withOneChanged } from "./many-routes.ts";
import { type Goal, measuredCells, measuredCommand } from "./measured-command.ts";
import { table } from "./table.ts";

export const space: Benchmark = {
  name: "space",
  about:
    "What the commands need that answer for all requests, each in its own process, with the confirmation by HAProxy where there is one: of `diff`, one route or rule differs",
  needs: [],
  run: ({ haproxy }) =>
    withGround(haproxy, async (ground) => {
      const rows = [];
      for (const { what, goal, args } of casesIn(ground, haproxy)) {
        const goalText = goal === undefined ? "–" : `≤ ${goal.ms / 1000} s`;
        rows.push([what, ...measuredCells(await measuredCommand(args), goal), goalText]);
      }
      return table(["", "time", "CPU time", "peak memory", "goal"], rows);
    }),
};

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly goal?: Goal;
}

function casesIn(ground: Ground, haproxy: string): readonly Case[] {
  const pair = (name: string, before: string, after: string) =>
    [ground.write(`before-${name}`, before), ground.write(`after-${name}`, after)] as const;
  const routes = (name: string, yaml: string) => pair(`${name}.yaml`, yaml, withOneChanged(yaml));
  const many = routes("many", manyRoutesYaml({ hosts: 1000, routesEach: 10, conditional: 2000 }));
  const one = routes("one", onePathEachYaml(10_000));
  const fifty = routes("fifty", manyRoutesYaml({ hosts: 5000, routesEach: 10, conditional: 10_000 }));
  const hand = pair("hand.cfg", handWrittenConfig(), handWrittenConfig({ changed: true }));
  const diff = ["diff", "--haproxy", haproxy];
  const check = ["check", "--haproxy", haproxy];
  return [
    {
      what: "diff, 10,000 routes over 1,000 hosts",
      args: [...diff, ...many],
      goal: { ms: 1500, mebibytes: 400 },
    },
    { what: "diff, 10,000 paths on one host", args: [...diff, ...one], goal: { ms: 2000 } },
    { what: "diff, 50,000 routes", args: [...diff, ...fifty], goal: { ms: 6000 } },
    { what: "diff, haproxy.cfg of 1,000 lines, 150 ACLs", args: [...diff, ...hand], goal: { ms: 2000 } },
    { what: "check, 10,000 routes over 1,000 hosts", args: [...check, many[0]] },
    { what: "check, the haproxy.cfg", args: [...check, hand[0]] },
    { what: "find, 10,000 routes over 1,000 hosts", args: ["find", "--backend", "backend-3", many[0]] },
    { what: "find, 10,000 paths on one host", args: ["find", "--backend", "backend-3", one[0]] },
    { what: "find, the haproxy.cfg", args: ["find", "--backend", "b_3", hand[0]] },
    { what: "routes, 10,000 routes over 1,000 hosts", args: ["routes", many[0]] },
    { what: "routes, 10,000 paths on one host", args: ["routes", one[0]] },
    { what: "routes, the haproxy.cfg", args: ["routes", hand[0]] },
  ];
}

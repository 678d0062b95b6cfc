// The example edge compared with a hand-written configuration and with the minimal HAProxy.
import { fileURLToPath } from "node:url";
import { type Benchmark, LOAD_NEEDS } from "./benchmark.ts";
import { contest } from "./contest.ts";
import { withGround } from "./ground.ts";
import type { Load } from "./load.ts";
import { handWritten, lean } from "./peers.ts";
import { planOf } from "./runnable.ts";
import { against, table } from "./table.ts";

const EXAMPLE = fileURLToPath(new URL("../examples/elb-classic/portico.yaml", import.meta.url));
const LOG_ON = "rendered, JSON log";
const LOG_OFF = "rendered, no log";

/** By contender: minimum ratios to the hand-written one (keep-alive, close) and to the minimal one (keep-alive). */
const GOALS: Readonly<
  Record<
    string,
    { readonly hand: Readonly<Record<Load["connections"], number>>; readonly lean?: number } | undefined
  >
> = {
  [LOG_ON]: { hand: { "keep-alive": 2.8, close: 1.6 }, lean: 0.8 },
};
const LEAN_GOAL_WITHOUT_LOG = 0.9;

export const throughput: Benchmark = {
  name: "throughput",
  about:
    "`examples/elb-classic`, its https listener with PROXY headers, compared with a hand-written configuration and the minimal one",
  needs: [...LOAD_NEEDS, { command: "perl", in: "perl-base" }],
  run: ({ haproxy, rounds }) =>
    withGround(haproxy, async (ground) => {
      const plan = await planOf(EXAMPLE);
      const syslog = await ground.syslog();
      const contenders = [
        await ground.byHand("hand-written, httplog to a socket", (address) =>
          handWritten(address, ground.backend, syslog),
        ),
        await ground.byHand("leanest", (address) => lean(address, ground.backend)),
        await ground.rendered(LOG_ON, plan, "https"),
        await ground.rendered(LOG_OFF, { ...plan, logs: { ...plan.logs, format: "off" } }, "https"),
      ];
      const requestsFile = ground.write("requests.txt", "GET app.example.com /some/path/of/it\n");
      const tables: string[] = [];
      // Clients with one request first: idle connections to servers that others leave would help them.
      for (const connections of ["close", "keep-alive"] as const) {
        const standings = await contest(
          contenders,
          { connections, clients: 32, proxy: true, requestsFile },
          { rounds, seconds: 1 },
        );
        const [, leanest] = standings;
        const rows = standings.map((one) => {
          const leanGoal =
            connections === "close"
              ? undefined
              : one.name === LOG_OFF
                ? LEAN_GOAL_WITHOUT_LOG
                : GOALS[one.name]?.lean;
          return [
            one.name,
            one.perSecond.toFixed(0),
            one.cpuUsPerRequest.toFixed(1),
            against(one.throughputRatio, GOALS[one.name]?.hand[connections]),
            one.cpuRatio.toFixed(2),
            against(one.throughputRatio / (leanest?.throughputRatio ?? Number.NaN), leanGoal),
            (one.cpuRatio / (leanest?.cpuRatio ?? Number.NaN)).toFixed(2),
          ];
        });
        tables.push(
          `${connections === "close" ? "One connection per request" : "Keep-alive clients"}:\n\n${table(["", "requests/s", "CPU µs each", "× hand-written", "by CPU", "× minimal", "by CPU"], rows)}`,
        );
      }
      return tables.join("\n\n");
    }),
};

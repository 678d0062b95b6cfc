// Whether the cost of a request grows with the number of routes.
import { type Benchmark, LOAD_NEEDS } from "./benchmark.ts";
import type { Contender } from "./contender.ts";
import { contest } from "./contest.ts";
import { withGround } from "./ground.ts";
import type { Load } from "./load.ts";
import { type ManyRoutes, manyRoutesRequests, manyRoutesYaml } from "./many-routes.ts";
import { planOf } from "./runnable.ts";
import { against, table } from "./table.ts";

const SIZES: readonly (ManyRoutes & { readonly name: string; readonly goal?: number })[] = [
  { name: "10 routes", hosts: 1, routesEach: 10, conditional: 0 },
  { name: "10,000 routes, 1,000 hosts", hosts: 1000, routesEach: 10, conditional: 0, goal: 0.93 },
  { name: "10,000 routes, 2,000 conditional", hosts: 1000, routesEach: 10, conditional: 2000, goal: 0.88 },
];

export const routes: Benchmark = {
  name: "routes",
  about: "10,000 routes over 1,000 hosts against 10 routes; requests go to all of them; JSON log on",
  needs: LOAD_NEEDS,
  run: ({ haproxy, rounds }) =>
    withGround(haproxy, async (ground) => {
      const contenders: Contender[] = [];
      const loads: Load[] = [];
      for (const size of SIZES) {
        const plan = await planOf(
          ground.write(`${size.name.replace(/\W+/g, "-")}.yaml`, manyRoutesYaml(size)),
        );
        contenders.push(await ground.rendered(size.name, plan, "http"));
        const requestsFile = ground.write(`${size.name.replace(/\W+/g, "-")}.txt`, manyRoutesRequests(size));
        loads.push({ connections: "keep-alive", clients: 32, proxy: false, requestsFile });
      }
      const standings = await contest(contenders, loads, { rounds, seconds: 1 });
      const rows = standings.map((one, index) => [
        one.name,
        one.perSecond.toFixed(0),
        one.cpuUsPerRequest.toFixed(1),
        against(one.throughputRatio, SIZES[index]?.goal),
        one.cpuRatio.toFixed(2),
        `${contenders[index]?.startedInMs.toFixed(0)} ms`,
        `${((contenders[index]?.residentBytes() ?? Number.NaN) / 1024 / 1024).toFixed(0)} MiB`,
      ]);
      return table(["", "requests/s", "CPU µs each", "× 10 routes", "by CPU", "start", "memory"], rows);
    }),
};

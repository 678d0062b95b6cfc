// Descriptions with many routes, and requests for all of them.

export interface ManyRoutes {
  readonly hosts: number;
  /** Routes per host, including the catch-all. */
  readonly routesEach: number;
  /** How many routes also match a method, a header or a query parameter. */
  readonly conditional: number;
}

const BACKENDS = 10;

/** The description as YAML, one line per route. */
export function manyRoutesYaml(wanted: ManyRoutes): string {
  const lines: string[] = [];
  for (const [host, routes] of routesOf(wanted).entries()) {
    lines.push(`  - host: ${hostName(host)}`, "    routes:");
    for (const { path, condition, backend } of routes)
      lines.push(
        `      - { path: ${path}, ${condition === null ? "" : `${CONDITIONS[condition]?.yaml}, `}to: backend-${backend} }`,
      );
  }
  return described(lines);
}

/** Routes of one host, each with a path of its own. */
export function onePathEachYaml(routes: number): string {
  return described([
    "  - host: shop.example.com",
    "    routes:",
    ...Array.from(
      { length: routes },
      (_, route) => `      - { path: /part-${route % 97}/item-${route}, to: backend-${route % BACKENDS} }`,
    ),
  ]);
}

function described(sites: readonly string[]): string {
  const backends = Array.from(
    { length: BACKENDS },
    (_, backend) => `  backend-${backend}: { service: service-${backend}, port: 8080 }`,
  );
  const head = ["edge: many", "namespace: web", "public: { loadBalancer: none }", "sites:"];
  return `${[...head, ...sites, "backends:", ...backends].join("\n")}\n`;
}

/** The route in the middle goes to another backend. */
export function withOneChanged(yaml: string): string {
  const middle = yaml.indexOf("to: backend-", yaml.length / 2) + "to: backend-".length;
  return `${yaml.slice(0, middle)}${(Number(yaml[middle]) + 1) % BACKENDS}${yaml.slice(middle + 1)}`;
}

/** Lines for load.lua, in an order that spreads over all routes; of those for conditional routes, half meet the condition. */
export function manyRoutesRequests(wanted: ManyRoutes): string {
  const lines = routesOf(wanted).flatMap((routes, host) =>
    routes.map(({ path, condition }, route) => {
      const meets = condition === null || (host + route) % 2 === 0 ? undefined : CONDITIONS[condition];
      return `${meets?.method ?? "GET"} ${hostName(host)} ${path === "/" ? "" : path}/item/${route}${meets?.query ?? ""}${meets?.header === undefined ? "" : ` ${meets.header}`}`;
    }),
  );
  // A step that is coprime to the number of lines visits each once, far from the previous one.
  const step = stepThrough(lines.length);
  return `${lines.map((_, index) => lines[(index * step) % lines.length]).join("\n")}\n`;
}

interface Route {
  readonly path: string;
  readonly condition: number | null;
  readonly backend: number;
}

interface Condition {
  readonly yaml: string;
  readonly method?: string;
  readonly header?: string;
  readonly query?: string;
}

const CONDITIONS: readonly Condition[] = [
  { yaml: "method: [PUT]", method: "PUT" },
  { yaml: 'header: { x-beta: "1" }', header: "x-beta: 1" },
  { yaml: 'query: { version: "2" }', query: "?version=2" },
];

function hostName(host: number): string {
  return `shop-${host}.example.com`;
}

/** Every n-th route has a condition, and shares its path with the unconditional one that follows. */
function routesOf({ hosts, routesEach, conditional }: ManyRoutes): readonly (readonly Route[])[] {
  const perHost = Math.round(conditional / hosts);
  return Array.from({ length: hosts }, (_, host) => {
    const routes: Route[] = [];
    for (let route = 0; route < routesEach - 1; route++) {
      const condition =
        route % 2 === 0 && route / 2 < perHost ? (host + route / 2) % CONDITIONS.length : null;
      const pathOf = route % 2 === 1 && (route - 1) / 2 < perHost ? route - 1 : route;
      routes.push({ path: `/part-${pathOf}/of-${host % 7}`, condition, backend: (host + route) % BACKENDS });
    }
    routes.push({ path: "/", condition: null, backend: host % BACKENDS });
    return routes;
  });
}

function stepThrough(count: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let step = Math.floor(count * 0.618) | 1;
  while (divides(step, count) !== 1) step += 1;
  return step;
}

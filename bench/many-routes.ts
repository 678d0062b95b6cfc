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
  const lines = ["edge: many", "namespace: web", "public: { loadBalancer: none }", "sites:"];
  for (const [host, routes] of routesOf(wanted).entries()) {
    lines.push(`  - host: ${hostName(host)}`, "    routes:");
    for (const { path, condition, backend } of routes)
      lines.push(
        `      - { path: ${path}, ${condition === null ? "" : `${CONDITIONS[condition]?.yaml}, `}to: backend-${backend} }`,
      );
  }
  lines.push("backends:");
  for (let backend = 0; backend < BACKENDS; backend++)
    lines.push(`  backend-${backend}: { service: service-${backend}, port: 8080 }`);
  return `${lines.join("\n")}\n`;
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

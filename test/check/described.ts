// Descriptions for the tests of rules: written as YAML, loaded and planned like a user's.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDescription } from "../../src/check/check-description.ts";
import { type LoadedDescription, loadDescription } from "../../src/description/load.ts";
import type { Finding } from "../../src/findings/finding.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

export interface Described {
  readonly plan: Plan;
  readonly description: LoadedDescription;
}

/** Throws with the findings of a description that cannot be planned. */
export async function described(yaml: string): Promise<Described> {
  const cwd = await mkdtemp(join(tmpdir(), "portico-rules-"));
  try {
    await writeFile(join(cwd, "portico.yaml"), yaml);
    const { value: description, findings } = await loadDescription(undefined, { cwd });
    if (description === undefined) throw new Error(JSON.stringify(findings));
    const planned = planEdge(description.edge, description.positionOf);
    if (planned.value === undefined) throw new Error(JSON.stringify(planned.findings));
    return { plan: planned.value, description };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

export async function findingsOf(yaml: string): Promise<readonly Finding[]> {
  const { plan, description } = await described(yaml);
  return checkDescription(plan, description);
}

/** A whole description around the routes of shop.example.com, with the backends `shop` and `next`. */
export function withRoutes(routes: readonly string[], head = "", sites = ""): string {
  return `edge: shop
${head}
sites:
  - host: shop.example.com
    routes:
${routes.map((route) => `      - ${route}`).join("\n")}
      - { path: /used, to: { shop: 1, next: 1 } }
${sites}
backends:
  shop: { service: shop, port: 8080 }
  next: { service: shop-next, port: 8080 }
`;
}

/** The result of checks with HAProxy itself. */
export function isOfHaproxy({ code }: Finding): boolean {
  return /^(?:haproxy-(?:refuses|warns|limit-reached)|line-not-validated)$/.test(code);
}

// A plan for tests of the model: the description with the required fields added.
import type { Edge } from "../../src/description/define-edge.ts";
import { edge } from "../../src/description/schema/edge.ts";
import { type Decision, decide, type ModelRequest } from "../../src/model/decide.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

export type Routes = NonNullable<Edge["sites"][number]["routes"]>;

/** Throws the findings of the schema or the planner. */
export function planned(description: Partial<Edge> & Pick<Edge, "sites">): Plan {
  const pool = () => ({ servers: ["10.0.0.7:8080"] });
  const parsed = edge.parse({
    edge: "test",
    backends: { app: pool(), api: pool(), next: pool() },
    ...description,
  });
  const { value, findings } = planEdge(parsed);
  if (value === undefined) throw new Error(findings.map(({ code, what }) => `${code}: ${what}`).join("\n"));
  return value;
}

export function site(routes: Routes, host: string | string[] = "a.test"): Edge["sites"] {
  return [{ host, routes }];
}

/** A GET on the plain listener by default. */
export function decisionFor(plan: Plan, target: string, more: Partial<ModelRequest> = {}): Decision {
  return decide(plan, {
    listener: "http",
    method: "GET",
    target,
    headers: [["Host", "a.test"]],
    client: "203.0.113.7",
    ...more,
  });
}

/** The outcome of a request: a backend's name, `302 /there` or a status. */
export function outcome({ status, location, backends }: Decision): string {
  if (status === null) return backends.map(({ backend }) => backend).join(" ");
  return location === null ? String(status) : `${status} ${location}`;
}

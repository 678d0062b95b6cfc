// The codes of the findings of validating and planning a description.
import type { Edge } from "../../src/description/define-edge.ts";
import { validateEdge } from "../../src/description/validation/validate.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

export function codesOf(more: Partial<Edge>): readonly string[] {
  const description: Edge = {
    edge: "test",
    sites: [{ host: "a.test", routes: [{ to: "app" }] }],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
    ...more,
  };
  const { value, findings } = validateEdge(description, {
    positionOf: () => undefined,
    spellingOf: () => undefined,
  });
  return [...findings, ...(value === undefined ? [] : planEdge(value).findings)].map(({ code }) => code);
}

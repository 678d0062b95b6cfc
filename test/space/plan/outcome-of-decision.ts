// The outcome of a decision of the model, as a client and a backend see it.
import type { Outcome } from "../../../src/diff/outcome.ts";
import type { Decision } from "../../../src/model/decide.ts";
import type { HeaderList } from "../../../src/model/headers.ts";
import type { Plan } from "../../../src/plan/plan.ts";

export function outcomeOfDecision(plan: Plan, decision: Decision): Outcome {
  if (decision.refused !== null) return { text: "no answer", details: new Map() };
  const { status, location, body, backends, seen, response } = decision;
  const weights = backends.length > 1;
  const names = backends.map(({ backend, weight }) => (weights ? `${backend} (${weight})` : backend));
  const edited = [...response.set, ...response.add].map(({ name, value }) => [name, value] as const);
  return {
    text: textOf(status ?? 200, location, names),
    details: new Map([
      ...(body === null ? [] : [["body", JSON.stringify(body)] as const]),
      ...backends.map(({ backend }) => [`servers of ${backend}`, serversOf(plan, backend)] as const),
      ...(seen === null
        ? []
        : [
            ["method seen", seen.method] as const,
            ["path seen", seen.target] as const,
            ...linesByName(seen.headers).map(([name, value]) => [`header ${name} seen`, value] as const),
          ]),
      ...response.remove.map(({ name }) => [`header ${name.toLowerCase()}`, "removed"] as const),
      ...linesByName(edited).map(([name, value]) => [`header ${name}`, value] as const),
    ]),
  };
}

function textOf(status: number, location: string | null, backends: readonly string[]): string {
  if (location !== null) return `${status} → ${location}`;
  return backends.length === 0 ? String(status) : `${status} from ${backends.join(" or ")}`;
}

function serversOf(plan: Plan, name: string): string {
  const servers = plan.backends.find((backend) => backend.name === name)?.servers ?? [];
  return servers
    .map(({ host, port, weight, backup }) => {
      const share = weight === null ? "" : ` weight ${weight}`;
      return `${host}:${port}${share}${backup ? " backup" : ""}`;
    })
    .join(", ");
}

function linesByName(headers: HeaderList): readonly (readonly [string, string])[] {
  const byName = Map.groupBy(
    headers.filter(([name]) => name.toLowerCase() !== "connection"),
    ([name]) => name.toLowerCase(),
  );
  return [...byName].map(([name, lines]) => [name, lines.map(([, value]) => value).join(", ")]);
}

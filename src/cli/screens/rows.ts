// A row of the plan's screen, and the row of a decision.
import type { Decided } from "../../plan/plan.ts";

export interface Row {
  readonly name: string;
  readonly value: string;
  readonly because?: string | undefined;
}

/** The decision's value, as `shown` writes it, with its reason. */
export function row<T>(
  name: string,
  { value, because }: Decided<T>,
  shown: (value: T) => string = String,
): Row {
  return { name, value: shown(value), because };
}

export function seconds(value: number): string {
  return `${value}s`;
}

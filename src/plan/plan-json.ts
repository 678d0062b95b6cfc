// The plan as data for programs: a place in the description is one text, `portico.yaml:12:5`.
import type { Position } from "../findings/finding.ts";
import { HiddenText } from "../findings/hidden-text.ts";
import type { Plan } from "./plan.ts";

export function planJson(plan: Plan): unknown {
  return withPlaceTexts(plan);
}

function withPlaceTexts(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof HiddenText) return value;
  if (Array.isArray(value)) return value.map(withPlaceTexts);
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      isPosition(part) ? `${part.file}:${part.line}:${part.column}` : withPlaceTexts(part),
    ]),
  );
}

function isPosition(value: unknown): value is Position {
  return typeof value === "object" && value !== null && "file" in value && "line" in value;
}

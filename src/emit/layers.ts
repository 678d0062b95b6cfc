// Every layer of a plan, in the order in which people read them.
import type { Plan } from "../plan/plan.ts";
import type { EmittedFile } from "./file.ts";
import { emitHaproxy } from "./haproxy/emit-haproxy.ts";

export function emitLayers(plan: Plan): readonly EmittedFile[] {
  return emitHaproxy(plan);
}

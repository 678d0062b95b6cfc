// The haproxy layer: haproxy.cfg, its map files, and the bodies it answers with. Plan in, files out.
import type { Plan } from "../../plan/plan.ts";
import { type EmittedFile, emittedFile } from "../file.ts";
import { backendSections } from "./backends.ts";
import { openContext } from "./context.ts";
import { baseDefaults, edgeDefaults } from "./defaults.ts";
import { frontends } from "./frontends.ts";
import { globalSection, resolversSection, statsSection } from "./global.ts";
import { checkSection, healthSection } from "./health.ts";
import { mapFiles } from "./maps.ts";
import { routingOf } from "./routing/routing.ts";
import { printSections } from "./writing.ts";

export function emitHaproxy(plan: Plan): readonly EmittedFile[] {
  const context = openContext(plan, routingOf(plan));
  const backends = backendSections(context);
  // Which settings depend on the route is known once the backends are written.
  const keepsId = context.routing.shares.entries.length > 0 || context.asksRouteId();
  const header = [
    `# HAProxy of the edge ${plan.edge}, written by Portico. Change its description and render again;`,
    "# `portico plan` gives every decision with its reason. Reads the same on HAProxy 2.6, 3.0, 3.2 and 3.4.",
    "",
  ];
  const sections = printSections([
    globalSection(plan),
    ...resolversSection(plan),
    baseDefaults(plan),
    ...edgeDefaults(context, keepsId),
    ...frontends(context),
    ...statsSection(plan),
    healthSection(plan),
    ...checkSection(plan),
    ...backends,
  ]);
  const lines = [...header.map((text) => ({ text })), ...sections];
  const files = [emittedFile("haproxy.cfg", lines), ...mapFiles(context), ...context.files()];
  return files.map((file) => ({ ...file, path: `haproxy/${file.path}` }));
}

// The option `--verbose`: what this machine lacks to confine HAProxy, which reads untrusted files.
import type { Confinement } from "../haproxy/confinement.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { CommandContext, CommandSpec, Given } from "./command.ts";

export const VERBOSE: CommandSpec["options"][number] = {
  flags: "--verbose",
  about: "also print how HAProxy is confined while it reads the files, and what this machine lacks for it",
};

/** One line on stderr. */
export async function showConfinement(
  context: CommandContext,
  given: Given,
  confinement: Exclude<Confinement, "none">,
  haproxy: Haproxy,
): Promise<void> {
  if (!given.flag("verbose")) return;
  if (given.flag("trust")) return context.log("HAProxy is not confined, because of --trust.");
  const { confinementGaps } = await import("../haproxy/confinement.ts");
  const gaps = await confinementGaps(confinement, haproxy.path);
  const lacking = gaps.length === 0 ? "" : ` without ${gaps.join(" and without ")}`;
  context.log(`HAProxy is confined${lacking}: see docs/concepts/security.md, "Checking untrusted files".`);
}

// Playing a plan's expectations in the lab, with HAProxy found and everything closed at the end.
import type { Haproxy } from "../haproxy/find.ts";
import type { Lab } from "../lab/lab.ts";
import type { CommandContext } from "./command.ts";
import { showFindings } from "./planned.ts";

/** undefined when there is none that will do; what to install was said then. */
export async function haproxyFor(
  context: CommandContext,
  path: string | undefined,
): Promise<Haproxy | undefined> {
  const { findHaproxy } = await import("../haproxy/find.ts");
  const { value, findings } = await findHaproxy({
    env: context.env,
    ...(path === undefined ? {} : { path }),
  });
  if (value === undefined) await showFindings(context, findings, new Map());
  return value;
}

/** Opens a lab for `use`, and closes it whatever happens, also on Ctrl-C. */
export async function withLab<T>(
  context: CommandContext,
  plan: Lab["plan"],
  haproxy: Haproxy,
  use: (lab: Lab) => Promise<T>,
  onLog?: (line: string) => void,
): Promise<T> {
  const { openLabOf } = await import("../lab/lab.ts");
  const lab = await openLabOf(plan, { haproxy, ...(onLog === undefined ? {} : { onLog }) });
  const forget = context.onInterrupt(() => lab.close());
  try {
    return await use(lab);
  } finally {
    forget();
    await lab.close();
  }
}

// Opens a lab for a command: finds HAProxy, and closes everything at the end.
import type { Haproxy } from "../haproxy/find.ts";
import type { Lab } from "../lab/lab.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { LayersLabOptions } from "../lab/open-layers-lab.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import type { CommandContext, CommandSpec, Given } from "./command.ts";
import { showFailure } from "./findings-output.ts";
import { showConfinement } from "./verbose.ts";

type Running = LayersLab["haproxy"];

/** The option of commands that send requests to HAProxy. */
export const HAPROXY: CommandSpec["options"][number] = {
  flags: "--haproxy <path>",
  about: "the HAProxy to test with; default $PORTICO_HAPROXY, then the one on PATH",
};

/** The HAProxy of `--haproxy`, or the default one. undefined: none is suitable, and what to install was printed. */
export async function haproxyFor(context: CommandContext, given: Given): Promise<Haproxy | undefined> {
  const { findHaproxy } = await import("../haproxy/find.ts");
  const { value, findings } = await findHaproxy({ env: context.env, path: given.text("haproxy") });
  if (value === undefined) await showFailure(context, given, findings, new Map());
  else await showConfinement(context, given, "lab", value);
  return value;
}

/**
 * Opens a lab for `use`, and closes it in any case, also on Ctrl-C. Rejects with HaproxyFailure, which carries HAProxy's
 * last messages, when it exits before `use` is done.
 */
export async function withLab<T>(
  context: CommandContext,
  plan: Lab["plan"],
  haproxy: Haproxy,
  use: (lab: Lab) => Promise<T>,
  options: Pick<LayersLabOptions, "onLog" | "trust"> = {},
): Promise<T> {
  const { openLabOf } = await import("../lab/lab.ts");
  return using(context, openLabOf(plan, { haproxy, ...options }), haproxy, use);
}

/** As `withLab`, for hand-written layers. */
export async function withLayersLab<T>(
  context: CommandContext,
  wiring: Wiring,
  options: LayersLabOptions,
  use: (lab: LayersLab) => Promise<T>,
): Promise<T> {
  const { openLabOfLayers } = await import("../lab/open-layers-lab.ts");
  return using(context, openLabOfLayers(wiring, options), options.haproxy, use);
}

/** The edge as its files would run: servers that no connection reaches, and a HAProxy that does not start in its container. */
export async function asDeployed(
  wiring: Wiring,
  layer: HaproxyLayer,
): Promise<{
  readonly wiring: Wiring;
  readonly options: Pick<LayersLabOptions, "followServers" | "startFailure">;
}> {
  const { startFailureOf } = await import("../check/layers/start-failure.ts");
  const { incompleteServers } = await import("../check/layers/incomplete-servers.ts");
  return {
    wiring: { ...wiring, serverPaths: [...wiring.serverPaths, ...incompleteServers(wiring)] },
    options: { followServers: true, startFailure: startFailureOf(wiring, layer) },
  };
}

async function using<L extends LayersLab, T>(
  context: CommandContext,
  opening: Promise<L>,
  haproxy: Haproxy,
  use: (lab: L) => Promise<T>,
): Promise<T> {
  // Registered first: an interrupt while the lab opens waits until there is something to close.
  const forget = context.onInterrupt(() =>
    opening.then(
      (lab) => lab.close(),
      () => undefined,
    ),
  );
  try {
    const lab = await opening;
    return await Promise.race([use(lab), endOf(lab.haproxy, haproxy)]).finally(() => lab.close());
  } finally {
    forget();
  }
}

/** Rejects when HAProxy exits. Ignored after the lab was closed. */
function endOf(running: Running, { version, path }: Haproxy): Promise<never> {
  const end = running.exited.then(async (exit): Promise<never> => {
    const { HaproxyFailure } = await import("../haproxy/process.ts");
    const how = exit.signal ?? `exit status ${exit.code ?? "unknown"}`;
    throw new HaproxyFailure(`HAProxy ${version} (${path}) exited unexpectedly (${how})`, exit);
  });
  end.catch(() => undefined);
  return end;
}

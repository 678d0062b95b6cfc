// The traffic paths of some layers, one line each, and the results of their health checks.
import type { LayersLab } from "../../lab/layers-lab.ts";
import type { HealthReport } from "../../lab/pod-probes.ts";
import { coloursOf, type Screen } from "./layout.ts";

/** `load balancer 443 tls, PROXY v1 → node port 31001 → pod port 9000 → bind *:9000 accept-proxy`. */
export function pathsText(
  { trafficPaths, serverPaths, health }: Pick<LayersLab, "trafficPaths" | "serverPaths" | "health">,
  screen: Screen,
): string {
  const colours = coloursOf(screen);
  // The text of a broken path has the reason already.
  const lines = trafficPaths.map(({ path, text, refused }) => {
    if (path.brokenAt !== undefined) return colours.red(text);
    return refused === null ? text : `${text} ${colours.red(`✗ ${refused}`)}`;
  });
  const servers = serverPaths.map(({ text, refused }) => (refused === null ? text : colours.red(text)));
  return [...lines, ...servers, ...health.map((report) => healthLine(report, screen))].join("\n");
}

export function healthLine({ of, check, healthy, why, at }: HealthReport, screen: Screen): string {
  if (healthy) return `${of} ${check} passes`;
  const place = `    ${at.file}:${at.line}`;
  return coloursOf(screen).red(`✗ ${of} ${check} ${why ?? "fails"}${place}`);
}

/** As JSON. */
export interface PathsAndHealth {
  readonly trafficPaths: readonly { readonly path: string; readonly refused: string | null }[];
  readonly serverPaths: readonly { readonly path: string; readonly refused: string | null }[];
  readonly health: readonly HealthReport[];
}

export function pathsJson({
  trafficPaths,
  serverPaths,
  health,
}: Pick<LayersLab, "trafficPaths" | "serverPaths" | "health">): PathsAndHealth {
  const shown = ({ text, refused }: LayersLab["serverPaths"][number]) => ({ path: text, refused });
  return { trafficPaths: trafficPaths.map(shown), serverPaths: serverPaths.map(shown), health };
}

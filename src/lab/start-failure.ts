// A HAProxy that does not start in its container: the lab runs its configuration, and no request reaches it.
import type { Position } from "../findings/finding.ts";
import type { HaproxyLayer } from "../wiring/wiring.ts";
import { placeText } from "./blocked.ts";
import type { LabPlaces } from "./places.ts";
import { type HealthReport, notReady, runProbes } from "./pod-probes.ts";

export interface StartFailure {
  /** A sentence without a full stop: ``the container does not have `/etc/certs/site.pem`, which HAProxy opens at start``. */
  readonly what: string;
  readonly at: Position;
}

/** The results of the pod's probes, or why HAProxy does not start. `refused`: why no connection reaches it; undefined: connections do. */
export async function podHealth(
  layer: HaproxyLayer,
  places: LabPlaces,
  failure: StartFailure | undefined,
): Promise<{ readonly probes: readonly HealthReport[]; readonly refused: string | undefined }> {
  if (failure === undefined) {
    const probes = await runProbes(layer, places);
    return { probes, refused: notReady(probes) };
  }
  const { what, at } = failure;
  return {
    probes: [{ of: "start", check: "of HAProxy", healthy: false, why: `fails: ${what}`, at }],
    refused: `HAProxy does not start: ${what}${placeText(at)}`,
  };
}

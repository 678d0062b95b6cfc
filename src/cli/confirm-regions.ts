// Sends the example of each region to HAProxy, and compares its answer with the predicted one.
import type { Haproxy } from "../haproxy/find.ts";
import { withBindPaths } from "../lab/bind-entrances.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { LabAnswer } from "../lab/send.ts";
import type { FoundRegion } from "../space/find-regions.ts";
import { urlOfWitness } from "../space/witness.ts";
import type { CommandContext, Given } from "./command.ts";
import { mayGive } from "./coverage.ts";
import type { SpaceInput } from "./space-input.ts";
import { trustOf } from "./trust.ts";
import { withLab, withLayersLab } from "./with-lab.ts";
import { witnessOptions } from "./witness-request.ts";

export interface Confirmed {
  readonly answer: LabAnswer;
  /** HAProxy's answer is one of the region. */
  readonly agrees: boolean;
}

export interface Confirmation {
  readonly haproxy: string;
  /** Without regions whose example the lab cannot send. */
  readonly byRegion: ReadonlyMap<FoundRegion, Confirmed>;
  /** Lines of the configuration were not run: they may cause a difference. */
  readonly isWhole: boolean;
}

/** Rejects with HaproxyFailure. */
export async function confirmRegions(
  context: CommandContext,
  given: Given,
  { input, haproxy }: { readonly input: SpaceInput; readonly haproxy: Haproxy },
  regions: readonly FoundRegion[],
): Promise<Confirmation> {
  const use = async (lab: LayersLab): Promise<Confirmation> => {
    const byRegion = new Map<FoundRegion, Confirmed>();
    for (const region of regions) {
      const answer = await answerTo(lab, input, region);
      if (answer !== undefined) byRegion.set(region, { answer, agrees: mayGive(region.answer, answer) });
    }
    return { haproxy: haproxy.version, byRegion, isWhole: lab.leftOut.length === 0 };
  };
  const { source } = input;
  if ("edge" in source) return withLab(context, source, haproxy, use, trustOf(given));
  const hosts = regions.flatMap(({ witness }) => witness.host?.replace(/:\d*$/, "").toLowerCase() ?? []);
  const options = { haproxy, hosts: [...new Set(hosts)], ...trustOf(given) };
  return withLayersLab(context, withBindPaths(source), options, use);
}

/** Dimensions of the connection and of the server's response: the lab has its own. */
const OF_LAB: ReadonlySet<string> = new Set([
  "client-of-connection",
  "destination-port",
  "http-version",
  "tls:sni",
]);

/** undefined: the lab cannot send it, it did not reach HAProxy as it is, or the answer depends on more than the request. */
async function answerTo(
  lab: Pick<LayersLab, "request">,
  { dimensions }: SpaceInput,
  { witness, conditions, answer: predicted }: FoundRegion,
): Promise<LabAnswer | undefined> {
  const listener = dimensions.listeners.find(({ name }) => name === witness.listener);
  const isSent = witness.target.startsWith("/") && witness.host !== undefined;
  const isOwn = conditions.every(({ on }) => !OF_LAB.has(on.id) && !on.id.startsWith("response-"));
  if (listener === undefined || !isSent || !isOwn || witness.assumed.some(({ holds }) => holds))
    return undefined;
  const answer = await lab.request(urlOfWitness(witness, listener), witnessOptions(witness, listener));
  const isHidden = conditions.some(({ on }) => on.id === "client") && answer.client !== witness.client;
  const isReached = answer.listener !== null || predicted.answer?.kind === "closed";
  return isReached && !isHidden ? answer : undefined;
}

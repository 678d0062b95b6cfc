// Sends the example of each region to HAProxy, and compares its answer with the predicted one.
import type { Haproxy } from "../haproxy/find.ts";
import { withBindPaths } from "../lab/bind-entrances.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { LabAnswer } from "../lab/send.ts";
import { requestOfWitness } from "../lab/witness-request.ts";
import type { FoundRegion } from "../space/find-regions.ts";
import type { CommandContext, Given } from "./command.ts";
import { mayGive } from "./coverage.ts";
import type { SpaceInput } from "./space-input.ts";
import { trustOf } from "./trust.ts";
import { withLab, withLayersLab } from "./with-lab.ts";

export interface Confirmed {
  readonly answer: LabAnswer;
  /** HAProxy's answer is one of the region. */
  readonly agrees: boolean;
}

/** Whether the region is right is not known. `unconfirmed`: the reason, a phrase. */
export interface Unconfirmed {
  readonly unconfirmed: string;
}

export interface Confirmation {
  readonly haproxy: string;
  readonly byRegion: ReadonlyMap<FoundRegion, Confirmed | Unconfirmed>;
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
    const byRegion = new Map<FoundRegion, Confirmed | Unconfirmed>();
    for (const region of regions) byRegion.set(region, await confirmed(lab, input, region));
    return { haproxy: haproxy.version, byRegion, isWhole: lab.leftOut.length === 0 };
  };
  const { source } = input;
  if ("edge" in source) return withLab(context, source, haproxy, use, trustOf(given));
  const hosts = regions.flatMap(({ witness }) => witness.host?.replace(/:\d*$/, "").toLowerCase() ?? []);
  const options = { haproxy, hosts: [...new Set(hosts)], ...trustOf(given) };
  return withLayersLab(context, withBindPaths(source), options, use);
}

async function confirmed(
  lab: Pick<LayersLab, "request">,
  { dimensions }: SpaceInput,
  { witness, conditions, answer: predicted }: FoundRegion,
): Promise<Confirmed | Unconfirmed> {
  const part = { witness, conditions, answers: [predicted.answer] };
  const request = requestOfWitness(part, dimensions.listeners);
  if ("why" in request) return { unconfirmed: `not sent: ${request.why}` };
  const answer = await lab.request(request.url, request.options);
  const isReached = answer.listener !== null || predicted.answer?.kind === "closed";
  if (!isReached) {
    const reason = answer.refused === null ? "" : `: ${answer.refused}`;
    return { unconfirmed: `not confirmed: the request does not reach HAProxy${reason}` };
  }
  const isHidden = conditions.some(({ on }) => on.id === "client") && answer.client !== witness.client;
  if (isHidden) return { unconfirmed: `not confirmed: HAProxy gets the client address ${answer.client}` };
  return { answer, agrees: mayGive(predicted, answer) };
}

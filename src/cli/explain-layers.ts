// portico explain for a haproxy.cfg or layers: how one request enters, what handles it, and HAProxy's answer.
import { THROUGH, type Through } from "../description/through.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { LabRequestOptions } from "../lab/send.ts";
import type { Stream } from "../lab/stream-log.ts";
import type { RulesExplanation } from "../space/haproxy/explain-rules.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import { type CommandContext, type Given, screenOf } from "./command.ts";
import type { ExplainedRequest } from "./commands/explain.ts";
import { isHaproxyFailure, showRefusal } from "./haproxy-refusal.ts";
import { layerToTest, wiringIn } from "./layers-to-test.ts";
import type { LayersExplanation } from "./screens/layers-explanation.ts";
import { trustOf } from "./trust.ts";
import { asDeployed, haproxyFor, withLayersLab } from "./with-lab.ts";

const USAGE = 2;
const DEFECT = 3;

/** The exit status: 0, or 2 where the request cannot be sent, or HAProxy refuses the configuration. */
export async function explainLayers(
  context: CommandContext,
  given: Given,
  named: string,
  asked: ExplainedRequest,
): Promise<number> {
  const wiring = await wiringIn(context, named);
  const layer = await layerToTest(context, wiring, named);
  if (layer === undefined) return USAGE;
  const entrance = await entranceOf(wiring, layer, asked, given.text("through"));
  if ("problem" in entrance) {
    context.log(`portico explain: ${entrance.problem}`);
    return USAGE;
  }
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return USAGE;
  const request = { ...asked, options: { ...asked.options, ...entrance } };
  const deployed = await asDeployed(wiring, layer);
  try {
    const sent = await sendRequest(context, given, { deployed, request, haproxy });
    const { explainRulesFor } = await import("./rules-of-request.ts");
    const rules = await explainRulesFor({ wiring, layer, request, ...sent });
    const isComparable = sent.notRun.length === 0 && deployed.options.startFailure === undefined;
    const difference = rules && isComparable ? differenceFrom(rules, sent) : undefined;
    const explanation = { request, layer, ...sent, rules, difference, haproxy: haproxy.version };
    await print(context, given.flag("json"), explanation);
    return difference === undefined ? 0 : DEFECT;
  } catch (error) {
    await showRefusal(context, given, error, { haproxy, layer, wiring });
    return USAGE;
  }
}

/** What HAProxy does instead of what the rules say, by the explanation; undefined: nothing else, or not comparable. */
function differenceFrom(
  { answer: leaf }: RulesExplanation,
  { answer, streams }: Sent,
): LayersExplanation["difference"] {
  if (leaf === undefined || leaf.dependsOn !== undefined) return undefined;
  // TLS that a backend in `mode http` gets through a frontend in `mode tcp`.
  if (answer.refused?.startsWith("tls") === true) return undefined;
  if (leaf.answer?.kind === "forward") {
    const used = streams?.find(({ frontend }) => frontend === answer.listener);
    return used === undefined || leaf.answer.backends?.includes(used.backend) !== false
      ? undefined
      : { expected: leaf.text, got: `→ ${used.backend}` };
  }
  const status = leaf.answer?.kind === "own" ? leaf.answer.status : undefined;
  if (status === undefined || status === answer.status) return undefined;
  return { expected: leaf.text, got: answer.refused ?? String(answer.status) };
}

interface Sending {
  readonly deployed: Awaited<ReturnType<typeof asDeployed>>;
  readonly request: ExplainedRequest;
  readonly haproxy: Haproxy;
}

type Sent = Pick<LayersExplanation, "answer" | "streams" | "notRun">;

/** With a log of the streams, if HAProxy takes it: without, its messages have the numbers of the configuration's own lines. */
async function sendRequest(context: CommandContext, given: Given, sending: Sending): Promise<Sent> {
  const { splitUrl } = await import("../lab/send.ts");
  const { url, options } = sending.request;
  const streams: Stream[] = [];
  const use = async (lab: LayersLab) => ({ answer: await lab.request(url, options), notRun: lab.leftOut });
  const run = (onStream: ((stream: Stream) => void) | undefined) =>
    withLayersLab(
      context,
      sending.deployed.wiring,
      {
        ...sending.deployed.options,
        haproxy: sending.haproxy,
        hosts: [splitUrl(url).hostname.toLowerCase()],
        ...trustOf(given),
        ...(onStream && { onStream }),
      },
      use,
    );
  try {
    return { ...(await run((stream) => streams.push(stream))), streams };
  } catch (error) {
    if (!isHaproxyFailure(error)) throw error;
    return { ...(await run(undefined)), streams: undefined };
  }
}

type Entrance = Pick<LabRequestOptions, "through" | "frontend">;

async function entranceOf(
  wiring: Wiring,
  layer: HaproxyLayer,
  { url }: ExplainedRequest,
  through: string | undefined,
): Promise<Entrance | { readonly problem: string }> {
  const { bindEntrance, frontendsOf } = await import("../lab/bind-entrances.ts");
  const { splitUrl } = await import("../lab/send.ts");
  const frontends = frontendsOf(wiring);
  const frontend = through !== undefined && frontends.includes(through) ? through : undefined;
  const closed = layer.wiring.proxies.find(({ kind, name }) => kind !== "backend" && name === through);
  if (frontend === undefined && closed !== undefined)
    return {
      problem:
        closed.binds.length === 0
          ? `${closed.kind} ${closed.name} has no bind (${layer.config.file}:${closed.at.line}).`
          : `the lab cannot connect to a bind of ${closed.kind} ${closed.name}: ${closed.binds.map(({ address }) => address.text).join(", ")}.`,
    };
  if (frontend === undefined && through !== undefined && !isThrough(through))
    return {
      problem: `there is no entrance ${through}; \`--through\` is one of ${[...frontends, ...THROUGH].join(", ")}.`,
    };
  const paths = wiring.trafficPaths.filter(({ start }) => start === "bind");
  if (paths.length > 0) {
    if (through === "internal")
      return { problem: `no layer has a Service; name a frontend: ${frontends.join(", ")}.` };
    const found = bindEntrance(paths, splitUrl(url), frontend);
    if ("refused" in found)
      return { problem: `${found.refused}; write \`--through FRONTEND\`: ${frontends.join(", ")}.` };
  }
  if (frontend !== undefined) return { frontend };
  return through === undefined ? {} : { through: through as Through };
}

function isThrough(text: string): text is Through {
  return THROUGH.some((one) => one === text);
}

async function print(context: CommandContext, json: boolean, explanation: LayersExplanation): Promise<void> {
  const { layersExplanationText } = await import("./screens/layers-explanation.ts");
  const { layersExplanationJson } = await import("./screens/layers-explanation-json.ts");
  context.print(
    json ? layersExplanationJson(explanation) : layersExplanationText(explanation, screenOf(context)),
  );
}

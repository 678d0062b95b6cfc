// portico explain: the path of one request hop by hop, with reasons, and HAProxy's real answer.
import { isIP } from "node:net";
import { DEFAULTS } from "../../description/defaults.ts";
import { asciiAuthority, canBeSent } from "../../description/host.ts";
import { THROUGH, type Through } from "../../description/through.ts";
import type { LabRequestOptions } from "../../lab/send.ts";
import type { Plan } from "../../plan/plan.ts";
import { type CommandContext, type CommandSpec, type Given, screenOf } from "../command.ts";
import { loadPlan } from "../planned.ts";
import { TRUST, trustOf } from "../trust.ts";
import { VERBOSE } from "../verbose.ts";
import { HAPROXY, haproxyFor, withLab } from "../with-lab.ts";

export const explainCommand: CommandSpec = {
  name: "explain",
  arguments: "<method> <url> [description]",
  summary: "show a request's path through every hop, and HAProxy's own answer",
  options: [
    { flags: "-H, --header <line>", about: "a request header, `name: value`", repeats: true },
    { flags: "-d, --data <body>", about: "the request body", mayBeEmpty: true },
    { flags: "--websocket", about: "open a WebSocket, and send a message that must be echoed" },
    {
      flags: "--through <entrance>",
      about: `where the request enters: one of ${THROUGH.join(", ")}, or a frontend of a haproxy.cfg; default ${DEFAULTS.expectation.through}`,
    },
    { flags: "--from <address>", about: `the client address; default ${DEFAULTS.expectation.from}` },
    {
      flags: "--layers <dir>",
      about: "the layers in this folder, or one haproxy.cfg, instead of a description",
    },
    HAPROXY,
    TRUST,
    VERBOSE,
    { flags: "--json", about: "the explanation as JSON" },
  ],
  examples: [
    "portico explain GET https://app.example.com/api/x -H 'x-beta: 1'",
    "portico explain GET http://haproxy-service/ --through internal",
    "portico explain GET https://app.example.com/ haproxy.cfg",
    "portico explain GET https://app.example.com/ --layers deploy/",
  ],
  async run(context, given) {
    const request = readRequest(given);
    if ("problem" in request) {
      context.log(`portico explain: ${request.problem}`);
      return 2;
    }
    const { layersGiven } = await import("../input.ts");
    const layers = layersGiven(context, given);
    if (layers !== undefined)
      return (await import("../explain-layers.ts")).explainLayers(context, given, layers, request);
    const through = throughOf(given.text("through"));
    if (through === undefined) {
      context.log(
        `portico explain: \`--through\` is one of ${THROUGH.join(", ")}; a frontend is an entrance of a haproxy.cfg.`,
      );
      return 2;
    }
    return explainDescription(context, given, { ...request, options: { ...request.options, through } });
  },
};

async function explainDescription(
  context: CommandContext,
  given: Given,
  request: ExplainedRequest,
): Promise<number> {
  const planned = await loadPlan(context, given);
  if (planned === undefined) return 2;
  const { plan } = planned;
  const { splitUrl } = await import("../../lab/send.ts");
  const { listenerFor } = await import("../../lab/planned-listener.ts");
  const { queryModel } = await import("../../lab/query-model.ts");
  const { disagreements, rawBlocksOf } = await import("../../lab/agreement.ts");
  const { rawBlocks, withoutRawLines } = await import("../../model/raw-blocks.ts");
  const { notRunOfDescription } = await import("../not-run.ts");
  const listener = listenerFor(plan, splitUrl(request.url), request.options.through ?? "public");
  if (listener === undefined) {
    const { scheme, port } = splitUrl(request.url);
    context.log(
      `portico explain: ${request.options.through === "internal" ? "the edge has no internal entrance" : `the load balancer has no port ${port} for ${scheme}`}`,
    );
    return 2;
  }
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return 2;
  const runOn = (used: Plan) =>
    withLab(
      context,
      used,
      haproxy,
      async (lab) => {
        const answer = await lab.request(request.url, request.options);
        const decision = queryModel(plan, request.url, request.options, answer.client);
        const differences = decision === null ? [] : disagreements(decision, answer);
        return {
          decision,
          answer,
          differences,
          notRun: notRunOfDescription(lab, { ...planned, plan: used }),
        };
      },
      trustOf(given),
    );
  const first = await runOn(plan);
  // The model ignores raw lines. HAProxy without them shows whether they cause the difference.
  const plain =
    first.differences.length > 0 && rawBlocks(plan).length > 0 ? await runOn(withoutRawLines(plan)) : first;
  const blocks = rawBlocksOf(plan, listener, first.decision, first.answer);
  const explanation = {
    request,
    plan,
    listener,
    ...first,
    unexplained: plain.differences,
    raw: blocks.flatMap(({ lines, path }) =>
      lines.map((line, index) => ({
        line,
        at: planned.description.positionOf([...path, index]) ?? null,
      })),
    ),
    haproxy: haproxy.version,
  };
  await print(context, given.flag("json"), explanation);
  return explanation.unexplained.length === 0 ? 0 : 3;
}

function throughOf(text: string = DEFAULTS.expectation.through): Through | undefined {
  return THROUGH.find((one) => one === text);
}

async function print(
  context: CommandContext,
  json: boolean,
  explanation: Parameters<typeof import("../screens/explanation.ts").explanationText>[0],
): Promise<void> {
  const { explanationText } = await import("../screens/explanation.ts");
  const { explanationJson } = await import("../screens/explanation-json.ts");
  context.print(json ? explanationJson(explanation) : explanationText(explanation, screenOf(context)));
}

export interface ExplainedRequest {
  readonly method: string;
  readonly url: string;
  readonly options: LabRequestOptions & { readonly headers: readonly (readonly [string, string])[] };
}

function readRequest(given: Given): ExplainedRequest | { readonly problem: string } {
  const method = given.text("method") ?? "";
  const url = given.text("url") ?? "";
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(method))
    return { problem: `${JSON.stringify(method)} is not a method; write GET, POST …` };
  const authority = /^https?:\/\/([^/?#\s]+)/i.exec(url)?.[1];
  if (authority === undefined || !canBeSent(authority) || /[\s#]/.test(url))
    return {
      problem: `${JSON.stringify(url)} is not a valid URL; write http://host/path or https://host/path`,
    };
  const from = given.text("from");
  if (from !== undefined && isIP(from) === 0)
    return { problem: `${JSON.stringify(from)} is not an IP address` };
  const headers: (readonly [string, string])[] = [];
  for (const line of given.list("header")) {
    const [, name, value] = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([^\r\n\0]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      return { problem: `${JSON.stringify(line)} is not a header; write 'name: value'` };
    headers.push([name, name.toLowerCase() === "host" ? asciiAuthority(value.trimEnd()) : value.trimEnd()]);
  }
  const body = given.text("data");
  return {
    method,
    url,
    options: {
      method,
      headers,
      ...(from === undefined ? {} : { from }),
      ...(body === undefined ? {} : { body }),
      ...(given.flag("websocket") ? { webSocket: true } : {}),
    },
  };
}

// The state of an edge in its cluster, as text.
import type { EdgeStatus, PodStatus, ServerStatus } from "../../cluster/status.ts";
import { countOf } from "../../findings/count.ts";
import { maskedJson } from "../../findings/credentials.ts";
import type { Plan } from "../../plan/plan.ts";
import { changeLines, DRIFT_WORDS, row } from "./deploy-text.ts";
import { coloursOf, type Screen } from "./layout.ts";

export function statusText(
  { edge, namespace }: Plan,
  context: string,
  status: EdgeStatus,
  screen: Screen,
): string {
  const heading = `${edge} → context ${context}, namespace ${namespace}\n`;
  if (status.replicas === null) return `${heading}\n${row("replicas", ["none: it is not deployed"], screen)}`;
  const { ready, wanted } = status.replicas;
  const colours = coloursOf(screen);
  const count = `${ready} of ${wanted} ready`;
  return [
    heading,
    row("replicas", [ready < wanted ? colours.red(count) : count, ...status.pods.map(podText)], screen),
    row("servers", serverLines(status, screen), screen),
    row("drift", driftLines(status), screen),
  ].join("\n");
}

export function statusJson({ edge, namespace }: Plan, context: string, status: EdgeStatus): string {
  const { replicas, pods, servers, drift, findings } = status;
  return maskedJson({
    edge,
    context,
    namespace,
    replicas,
    pods: pods.map(({ metrics, ...pod }) => ({ ...pod, haproxy: metrics?.version ?? null })),
    servers,
    drift: drift.map(({ object, change, fields }) => ({
      kind: object.kind,
      name: object.metadata.name,
      change,
      fields: fields.map(({ field, before, after }) => ({ field, cluster: before, rendered: after })),
    })),
    findings,
  });
}

function podText({ pod, node, image, current, metrics, waits, restarts, unreached }: PodStatus): string {
  const noVersion = waits === null ? `not reached: ${unreached}` : "";
  const facts = [
    pod,
    metrics?.version === undefined ? noVersion : `HAProxy ${metrics.version}`,
    image.replace(/^docker\.io\/(library\/)?/, ""),
    node === null ? "" : `on ${node}`,
    current ? "" : "of an earlier version",
    restarts === 0 ? "" : `restarted ${countOf(restarts, "time")}`,
    waits === null ? "" : `waiting: ${waits.message}`,
  ];
  return facts.filter((fact) => fact !== "").join("   ");
}

function serverLines({ servers, pods }: EdgeStatus, screen: Screen): readonly string[] {
  const answering = pods.filter(({ metrics }) => metrics !== undefined).length;
  if (answering === 0) return ["unknown: no pod answered"];
  const down = servers.filter((one) => one.down.length > 0);
  const { red } = coloursOf(screen);
  return [
    `${servers.length - down.length} of ${servers.length} up for ${answering === 1 ? "one pod" : `all of ${countOf(answering, "pod")}`}`,
    ...down.map((one) => red(downText(one))),
  ];
}

function downText({ backend, server, up, down }: ServerStatus): string {
  const who = up.length === 0 ? "" : `   for ${down.join(", ")} only`;
  return `${backend}/${server} down${who}`;
}

function driftLines({ drift, findings }: EdgeStatus): readonly string[] {
  const lines = [
    ...(drift.length === 0 ? [] : changeLines(drift, DRIFT_WORDS)),
    ...findings.map(({ what }) => what),
  ];
  return lines.length === 0 ? ["none: the cluster matches the rendered files"] : lines;
}

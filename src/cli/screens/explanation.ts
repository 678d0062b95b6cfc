// The explanation of one request: what every hop does with it, why, and whether HAProxy agrees.
import { maskedDifference, maskedHeader } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { Difference } from "../../lab/expectation.ts";
import type { NotRun } from "../../lab/not-run.ts";
import { type LabAnswer, splitUrl } from "../../lab/send.ts";
import { type Decision, FORWARDED, hostOf } from "../../model/decide.ts";
import type { RouteVerdict } from "../../model/match-route.ts";
import { type BackendPlan, describedName } from "../../plan/backend-plan.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import { NO_EDITS, namesIn } from "../../plan/header-edits.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import { whyLater } from "../../plan/precedence.ts";
import type { ExplainedRequest } from "../commands/explain.ts";
import { place } from "./expectation-text.ts";
import { gotText, merged, type Row, rowLines, seenRow } from "./explanation-rows.ts";
import { coloursOf, column, type Screen } from "./layout.ts";
import { notRunLines } from "./not-run-text.ts";
import { actionText, matchText } from "./route-text.ts";

export interface Explanation {
  readonly request: ExplainedRequest;
  readonly plan: Plan;
  readonly listener: ListenerPlan;
  /** null for an untrusted source, which HAProxy refuses. */
  readonly decision: Decision | null;
  readonly answer: LabAnswer;
  /** Differences between model and HAProxy. */
  readonly differences: readonly Difference[];
  /** Differences without any raw line: a defect of Portico. */
  readonly unexplained: readonly Difference[];
  /** The raw lines on the request's path, which the model ignores. */
  readonly raw: readonly { readonly line: string; readonly at: Position | null }[];
  readonly haproxy: string;
  readonly notRun: readonly NotRun[];
}

export function explanationText(explanation: Explanation, screen: Screen): string {
  const colours = coloursOf(screen);
  const { request, answer, unexplained, haproxy, notRun } = explanation;
  const heading = [
    `${request.method} ${request.url}`,
    `from ${answer.client}`,
    ...request.options.headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`),
    ...(request.options.webSocket === true ? ["a WebSocket"] : []),
  ];
  const lines = rows(explanation).flatMap((row) => rowLines(row, screen, colours));
  const body = [heading.join("    "), "", ...lines, ""];
  if (unexplained.length === 0)
    return [...body, ...verdictLines(explanation), ...notRunLines(notRun).map((line) => `  ${line}`)].join(
      "\n",
    );
  const loud = [
    colours.red(colours.bold(`HAProxy ${haproxy} and the plan differ. This is a defect of Portico.`)),
    ...differenceLines(unexplained).map((line) => colours.red(line)),
    "",
  ];
  return [...loud, ...body, `  HAProxy ${haproxy}: ${gotText(answer)}`].join("\n");
}

/** What HAProxy's answer proves. */
function verdictLines(explanation: Explanation): readonly string[] {
  const { decision, answer, differences, raw, haproxy, notRun } = explanation;
  if (decision === null) return [`  HAProxy ${haproxy}: ${answer.refused ?? `answered ${answer.status}`}`];
  if (decision.refused !== null) return [`  HAProxy ${haproxy} gets no connection, as the plan says`];
  const got = `  HAProxy ${haproxy}: ${gotText(answer)}`;
  if (differences.length > 0)
    return [
      `${got}; with the raw lines, its response differs from the plan:`,
      ...differenceLines(differences),
      "  Without raw lines, HAProxy does what the plan says.",
    ];
  if (raw.length === 0 && notRun.length === 0) return [`  HAProxy ${haproxy} agrees (${gotText(answer)})`];
  return [
    `${got}, which is what the plan says; the plan does not cover raw lines, and their other effects are not compared`,
  ];
}

function differenceLines(differences: readonly Difference[]): readonly string[] {
  return differences
    .map(maskedDifference)
    .map(({ what, expected, got }) => `  ${column(what, 24)}the plan says ${expected}    HAProxy: ${got}`);
}

function rows(explanation: Explanation): readonly Row[] {
  const { decision } = explanation;
  if (decision?.refused != null) return [refusedRow(explanation, decision.refused), answerRow(explanation)];
  return [
    ...pathRows(explanation),
    ...explanation.raw.map(({ line, at }) => ({
      name: "raw line",
      text: maskedConfigLine(line),
      at: place(at),
    })),
    ...(decision === null
      ? [untrustedRow(explanation)]
      : [...siteRows(explanation, decision), ...backendRows(explanation, decision), answerRow(explanation)]),
  ];
}

function pathRows(explanation: Explanation): readonly Row[] {
  const { listener } = explanation;
  return [
    ...hopsBefore(explanation),
    {
      name: "listener",
      text: `${listener.name} :${listener.port.value}   ${expectedText(listener)}scheme ${listener.scheme}`,
      at: place(listener.at),
    },
  ];
}

function hopsBefore({ plan, listener, answer, request }: Explanation): readonly Row[] {
  const { through = "public" } = request.options;
  const target = `→ pod port ${listener.port.value}`;
  const address = addressText(listener, answer);
  if (through === "pod") return [{ name: "pod", text: `${target}${address}` }];
  const port = plan.loadBalancer.ports.find(({ listener: name }) => name === listener.name);
  if (through !== "public" || port === undefined) return [];
  const tls = port.protocol === "tls" || port.protocol === "https" ? ", terminates TLS" : "";
  const entry = `${port.port.value}${tls} `;
  switch (plan.kubernetes.exposure.value) {
    case "NodePort":
      return [
        { name: "load balancer", text: `${entry}→ node port ${port.nodePort.value}${address}` },
        { name: "service", text: `${port.nodePort.value} ${target}` },
      ];
    case "LoadBalancer":
      return [{ name: "load balancer", text: `${entry}${target}${address}` }];
    default:
      return [{ name: "node", text: `${port.port.value} ${target}` }];
  }
}

function addressText({ client, proxyProtocol }: ListenerPlan, answer: LabAnswer): string {
  if (client.value === "x-forwarded-for") return `, X-Forwarded-For ${answer.client}`;
  return proxyProtocol.value === "none" ? "" : `, PROXY ${proxyProtocol.value} client ${answer.client}`;
}

function expectedText({ tls, client, proxyProtocol }: ListenerPlan): string {
  const proxy = proxyProtocol.value === "none" ? "" : "expects PROXY, ";
  if (tls !== null) return `terminates TLS, ${proxy}`;
  return proxy === "" && client.value === "x-forwarded-for" ? "expects X-Forwarded-For, " : proxy;
}

function refusedRow({ plan, listener }: Explanation, refused: string): Row {
  const port = plan.loadBalancer.ports.find(({ listener: name }) => name === listener.name);
  return { name: "load balancer", text: `${port?.port.value}: ${refused}`, at: place(listener.at) };
}

function untrustedRow({ plan, listener, answer }: Explanation): Row {
  return {
    name: "connection",
    text:
      answer.refused === null
        ? `answered ${answer.status}`
        : `refused: only ${plan.loadBalancer.sources.value.join(", ")} may ${listener.client.value === "x-forwarded-for" ? "connect, and send X-Forwarded-For" : "send a PROXY header"}`,
  };
}

function siteRows({ request }: Explanation, decision: Decision): readonly Row[] {
  const { site, route } = decision;
  const host = hostOf(request.options.headers) ?? splitUrl(request.url).hostname;
  if (site === null && decision.status === 400) return [];
  if (site === null) return [{ name: "site", text: `none for ${host}` }];
  const siteRow: Row = {
    name: "site",
    text: site.name === host ? site.name : `${site.name}, for ${host}`,
    at: place(site.at),
  };
  if (decision.verdicts.length === 0) return [siteRow];
  // Refused at the entrance, before any route.
  if (route === null && decision.verdicts.some(({ chosen }) => chosen)) return [siteRow];
  const near = nearMisses(decision);
  const misses = near
    .slice(0, MOST_MISSES)
    .map(
      ({ verdict, why }) => `not chosen: ${matchText(verdict.route)} → ${actionText(verdict.route)} (${why})`,
    );
  if (near.length > MOST_MISSES) misses.push(`not chosen: ${near.length - MOST_MISSES} more`);
  if (route === null) return [siteRow, { name: "route", text: "none matches", below: misses }];
  return [
    siteRow,
    { name: "route", text: `${matchText(route)} → ${actionText(route)}`, at: place(route.at), below: misses },
  ];
}

const MOST_MISSES = 4;

/** Routes that almost match: by path, or by a prefix that does not end at a segment; none where no route was chosen. */
export function nearMisses({
  verdicts,
  route,
}: Decision): readonly { readonly verdict: RouteVerdict; readonly why: string }[] {
  return verdicts.flatMap((verdict) => {
    const { chosen, misses, pathMatches } = verdict;
    if (chosen) return [];
    if (misses !== undefined)
      return pathMatches || misses.includes("whole segments") ? [{ verdict, why: misses }] : [];
    return route === null ? [] : [{ verdict, why: whyLater(route, verdict.route) }];
  });
}

function backendRows({ plan, answer, raw }: Explanation, decision: Decision): readonly Row[] {
  if (decision.seen === null)
    return decision.because === "" ? [] : [{ name: "HAProxy", text: decision.because }];
  const names = decision.backends.map(({ backend }) => backend);
  const took = plan.backends.find(
    ({ name }) =>
      names.includes(name) && (names.length === 1 || describedName(plan.backends, name) === answer.backend),
  );
  const weighted =
    names.length === 1
      ? []
      : [`one of ${decision.backends.map(({ backend, weight }) => `${backend} (${weight})`).join(", ")}`];
  return [
    {
      name: "backend",
      text: took === undefined ? names.join(" or ") : backendText(plan, took),
      at: place(took?.at ?? null),
      below: [...weighted, ...(decision.because === FORWARDED ? [] : [decision.because])],
    },
    seenRow(raw.length === 0 ? decision : answer),
  ];
}

function backendText(plan: Plan, { name, servers, retries, timeouts }: BackendPlan): string {
  const [server] = servers;
  const where =
    servers.length === 1 && server !== undefined
      ? `${server.host}:${server.port}`
      : `${servers.length} servers`;
  return `${name}   ${where}, ${retries.value} ${retries.value === 1 ? "retry" : "retries"}, connect ${formatDurationMs(timeouts.connectMs ?? plan.timeouts.connect.value)}`;
}

function answerRow({ answer, decision }: Explanation): Row {
  const edited = new Set(namesIn(decision?.response ?? NO_EDITS));
  // Headers that the edge sets or removes, as received.
  const received = merged(answer.headers);
  if (answer.refused !== null) return { name: "response", text: answer.refused };
  const changes = [...edited].map((name) => {
    const value = received.get(name);
    if (value === undefined) return `- ${name}`;
    return `+ ${name}: ${maskedHeader(name, Buffer.from(value, "latin1").toString())}`;
  });
  const status = `${answer.status}${answer.location === null ? "" : ` → ${answer.location}`}`;
  return { name: "response", text: [status, ...changes].join("   ") };
}

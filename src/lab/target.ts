// Runs expectations at a running edge: compares what is visible from outside, and reports what is not.
import { decide } from "../model/decide.ts";
import { passedOn } from "../model/forwarded.ts";
import { describedName } from "../plan/backend-plan.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { LoadBalancerKind, Plan } from "../plan/plan.ts";
import { labCertificate } from "./certificates.ts";
import { compare, type ExpectationResult } from "./expectation.ts";
import { hostNames } from "./host-names.ts";
import { LabClient, type LabRequest } from "./http/client.ts";
import { claimNetwork, type LabNetwork } from "./network.ts";
import { answerFrom, type LabAnswer, noAnswer, sentRequest, splitUrl } from "./send.ts";
import { DEFAULT_CLIENT, forwardedFor } from "./sent-path.ts";
import { forwardedHeaders } from "./simulators/forwarded-headers.ts";
import { openLoadBalancer } from "./simulators/load-balancer.ts";
import type { LoadBalancer } from "./simulators/load-balancer-spec.ts";
import type { LoggedBackend, TargetEndpoints } from "./target-endpoints.ts";
import { findPath, type TargetPath } from "./target-path.ts";
import { visibleExpectation } from "./visible-expectation.ts";

export interface TargetResult extends ExpectationResult {
  /** `passed` and `failed`: what was compared; `unseen`: nothing could be compared. */
  readonly verdict: "passed" | "failed" | "unseen";
  /** What is expected but was not compared. */
  readonly unseen: readonly string[];
  /** Why no request was sent; null: one was. */
  readonly notTested: string | null;
  /** Whether `answer.backend` is known; otherwise it is null. */
  readonly backendKnown: boolean;
}

export interface TargetOptions {
  /** Also send requests that may change something at a backend (RFC 9110 section 9.2.1). Default false. */
  readonly sendWrites?: boolean;
}

/** Close it when done: it holds sockets. */
export interface Target {
  readonly name: string;
  run(expectation: ExpectationPlan): Promise<TargetResult>;
  close(): Promise<void>;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const TIMEOUT_MS = 15_000;

/** Puts the simulated load balancer in front of node ports, where there are any. */
export async function openTarget(
  plan: Plan,
  endpoints: TargetEndpoints,
  options: TargetOptions = {},
): Promise<Target> {
  const client = new LabClient({ timeoutMs: TIMEOUT_MS, keepAlive: false });
  const network = await claimNetwork();
  let simulator: LoadBalancer | undefined;
  try {
    simulator = await openSimulator(plan, endpoints, network);
  } catch (error) {
    await network.release();
    throw error;
  }
  return {
    name: endpoints.name,
    run: (expectation) => runOne({ plan, endpoints, client, simulator, options }, expectation),
    async close() {
      client.close();
      await simulator?.close();
      await network.release();
    },
  };
}

/** One after the other, so that HAProxy's log can be followed. */
export async function runAtTarget(
  target: Target,
  expectations: readonly ExpectationPlan[],
  onResult: (result: TargetResult) => void = () => {},
): Promise<readonly TargetResult[]> {
  const results: TargetResult[] = [];
  for (const expectation of expectations) {
    const result = await target.run(expectation);
    results.push(result);
    onResult(result);
  }
  return results;
}

interface TargetRun {
  readonly plan: Plan;
  readonly endpoints: TargetEndpoints;
  readonly client: LabClient;
  readonly simulator: LoadBalancer | undefined;
  readonly options: TargetOptions;
}

/** The simulator by kind; others forward bytes like a classic ELB. */
const SIMULATORS: Partial<Record<LoadBalancerKind, LoadBalancer["kind"]>> = { "aws-nlb": "nlb", http: "alb" };

async function openSimulator(
  { loadBalancer, sites }: Plan,
  { nodePorts }: TargetEndpoints,
  network: LabNetwork,
): Promise<LoadBalancer | undefined> {
  const listeners = await Promise.all(
    loadBalancer.ports
      .filter(({ listener }) => (nodePorts.get(listener)?.length ?? 0) > 0)
      .map(async ({ listener, protocol, proxyProtocol }) => ({
        name: listener,
        listen: await network.listenAt(1),
        protocol,
        ...(protocol === "tls" || protocol === "https"
          ? { certificates: [labCertificate(hostNames({ sites }))] }
          : {}),
        targets: (nodePorts.get(listener) ?? []).map((at) => ({
          id: `${listener} ${at.host}:${at.port}`,
          at,
        })),
        proxy: proxyProtocol,
        idleTimeoutMs: loadBalancer.idleTimeoutMs.value,
      })),
  );
  if (listeners.length === 0) return undefined;
  return openLoadBalancer({
    kind: SIMULATORS[loadBalancer.kind] ?? "classic-elb",
    listeners,
    clientAddress: "preamble",
  });
}

async function runOne(run: TargetRun, expectation: ExpectationPlan): Promise<TargetResult> {
  const { plan, endpoints, simulator, options } = run;
  const began = performance.now();
  const path = await findPath(plan, endpoints, simulator, expectation);
  if ("notTested" in path) return notTested(expectation, path.notTested);
  if ("refused" in path) return refused(expectation, path.refused);
  const writes = options.sendWrites === true ? null : wouldWrite(plan, expectation, path);
  if (writes !== null) return notTested(expectation, writes);
  const { answer, broken } = await send(run, expectation, path);
  if (broken !== undefined) return notTested(expectation, broken);
  const logged = await answeringBackend(endpoints, expectation, path, answer);
  const known = logged.unknown === undefined;
  const whole = known
    ? { ...answer, backend: logged.backend === null ? null : describedName(plan.backends, logged.backend) }
    : answer;
  const { visible, unseen, anything } = visibleExpectation(expectation, {
    backend: known,
    certificate: path.ownCertificate,
  });
  const differences = compare(visible, whole);
  const seen = anything ? "passed" : "unseen";
  const verdict = differences.length > 0 ? "failed" : seen;
  const why = logged.unknown === undefined ? "" : ` (${logged.unknown})`;
  return {
    expectation,
    answer: whole,
    differences,
    tookMs: performance.now() - began,
    verdict,
    unseen: unseen.map((what) => (what === "backend" ? `${what}${why}` : what)),
    notTested: null,
    backendKnown: known,
  };
}

async function send(
  { client }: TargetRun,
  { request }: ExpectationPlan,
  path: TargetPath,
): Promise<{ readonly answer: LabAnswer; readonly broken?: string | undefined }> {
  const { url, method, headers, body, webSocket } = request;
  const urlParts = splitUrl(url);
  const written = sentRequest(urlParts, { method, headers, body, webSocket });
  const forwarded = forwardedFor(urlParts, path.client === null ? {} : { from: path.client });
  const sent = {
    ...path.route,
    ...written,
    ...(path.forwards === true ? { headers: forwardedHeaders(written.headers, forwarded) } : {}),
  };
  const seenAs = path.client ?? "unknown";
  // A real backend need not echo WebSocket messages: only the handshake is compared.
  const answer = request.webSocket ? await handshake(client, sent) : await client.request(sent);
  const broken = path.inside?.takeFailure();
  if (answer.failed !== undefined)
    return { answer: noAnswer(`${answer.failed}: ${answer.message}`, seenAs, path.listener), broken };
  return { answer: answerFrom(answer, seenAs, path.listener) };
}

async function handshake(client: LabClient, request: LabRequest): ReturnType<LabClient["request"]> {
  const upgraded = await client.upgrade(request);
  if (upgraded.failed !== undefined) return upgraded;
  upgraded.stream?.destroy();
  return upgraded.answer;
}

/** Only where there was an answer: the log has no entry for refused connections. */
async function answeringBackend(
  { backendOf }: TargetEndpoints,
  { request }: ExpectationPlan,
  path: TargetPath,
  answer: LabAnswer,
): Promise<LoggedBackend> {
  if (answer.refused !== null) return { backend: null };
  if (backendOf === undefined) return { unknown: "only HAProxy's log shows it" };
  if (path.listener === "stats") return { backend: null };
  const urlParts = splitUrl(request.url);
  const given = request.headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  const host = (given ?? urlParts.authority).toLowerCase().replace(/:\d+$/, "").replace(/\.+$/, "");
  return backendOf({ method: request.method, host, target: urlParts.target, client: path.client });
}

/** Why a request is not sent because a backend would act on it; null: none would. */
function wouldWrite(plan: Plan, { request }: ExpectationPlan, path: TargetPath): string | null {
  if (SAFE_METHODS.has(request.method) || path.listener === null || path.listener === "stats") return null;
  if (request.through === "untrusted") return null;
  const { method, target, headers } = sentRequest(splitUrl(request.url), {
    method: request.method,
    headers: request.headers,
  });
  const listener = plan.listeners.find(({ name }) => name === path.listener);
  const client = path.client ?? DEFAULT_CLIENT;
  const decision = decide(plan, {
    listener: path.listener,
    method,
    target,
    headers: listener === undefined ? headers : passedOn(listener, headers, client),
    client,
  });
  const [first] = decision.backends;
  return first === undefined
    ? null
    : `${method} may change something at the backend ${first.pool} (--send-writes sends it)`;
}

function refused(expectation: ExpectationPlan, why: string): TargetResult {
  const answer = noAnswer(why, "unknown", null);
  const differences = compare(expectation, answer);
  const verdict = differences.length > 0 ? "failed" : "passed";
  return {
    ...notTested(expectation, why),
    answer,
    differences,
    verdict,
    notTested: null,
    backendKnown: true,
  };
}

function notTested(expectation: ExpectationPlan, why: string): TargetResult {
  return {
    expectation,
    answer: noAnswer("not tested", "unknown", null),
    differences: [],
    tookMs: 0,
    verdict: "unseen",
    unseen: [],
    notTested: why,
    backendKnown: false,
  };
}

// Playing expectations against a running edge: what can be seen from outside is compared, what cannot is said.
import { decide } from "../model/decide.ts";
import { passedOn } from "../model/forwarded.ts";
import { describedName } from "../plan/backend-plan.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { LoadBalancerKind, Plan } from "../plan/plan.ts";
import { labCertificate } from "./certificates.ts";
import { compare, type ExpectationResult } from "./expectation.ts";
import { hostNames } from "./host-names.ts";
import { LabClient } from "./http/client.ts";
import { claimNetwork, type LabNetwork } from "./network.ts";
import {
  certificateNames,
  DEFAULT_CLIENT,
  forwardedFor,
  type LabAnswer,
  noAnswer,
  sentRequest,
  splitUrl,
} from "./send.ts";
import { forwardedHeaders } from "./simulators/forwarded-headers.ts";
import { openLoadBalancer } from "./simulators/load-balancer.ts";
import type { LoadBalancer } from "./simulators/load-balancer-spec.ts";
import type { LoggedBackend, TargetEndpoints } from "./target-endpoints.ts";
import { findPath, type TargetPath } from "./target-path.ts";
import { visibleExpectation } from "./visible-expectation.ts";

export interface TargetResult extends ExpectationResult {
  /** `passed` and `failed` are what was compared; `unseen`: nothing of it could be. */
  readonly verdict: "passed" | "failed" | "unseen";
  /** What is expected, and was not compared, each in a few words. */
  readonly unseen: readonly string[];
  /** Why no request was sent; null: one was. */
  readonly notTested: string | null;
  /** Whether `answer.backend` says who answered; otherwise it is null because nobody can tell. */
  readonly backendKnown: boolean;
}

export interface TargetOptions {
  /** Also play requests that may change something at a backend (RFC 9110 section 9.2.1). Default false. */
  readonly sendWrites?: boolean;
}

/** Close it when done: it holds sockets. */
export interface Target {
  readonly name: string;
  play(expectation: ExpectationPlan): Promise<TargetResult>;
  close(): Promise<void>;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const TIMEOUT_MS = 15_000;

/** Puts the load balancer's double in front of node ports, where there are any. */
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
    play: (expectation) => runOne({ plan, endpoints, client, simulator, options }, expectation),
    async close() {
      client.close();
      await simulator?.close();
      await network.release();
    },
  };
}

/** One after the other, so that HAProxy's log can be read along. */
export async function runAtTarget(
  target: Target,
  expectations: readonly ExpectationPlan[],
  onResult: (result: TargetResult) => void = () => {},
): Promise<readonly TargetResult[]> {
  const results: TargetResult[] = [];
  for (const expectation of expectations) {
    const result = await target.play(expectation);
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

/** What plays it; others pass bytes on as a classic ELB does. */
const DOUBLES: Partial<Record<LoadBalancerKind, LoadBalancer["kind"]>> = { "aws-nlb": "nlb", http: "alb" };

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
    kind: DOUBLES[loadBalancer.kind] ?? "classic-elb",
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
  const told = await whoAnswered(endpoints, expectation, path, answer);
  const known = told.unknown === undefined;
  const whole = known
    ? { ...answer, backend: told.backend === null ? null : describedName(plan.backends, told.backend) }
    : answer;
  const { visible, unseen, anything } = visibleExpectation(expectation, {
    backend: known,
    certificate: path.ownCertificate,
  });
  const differences = compare(visible, whole);
  const verdict = differences.length > 0 ? "failed" : anything ? "passed" : "unseen";
  const why = told.unknown === undefined ? "" : ` (${told.unknown})`;
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
  const asked = splitUrl(url);
  const written = sentRequest(asked, { method, headers, body, webSocket });
  const forwarded = forwardedFor(asked, path.client === null ? {} : { from: path.client });
  const sent = {
    ...path.route,
    ...written,
    ...(path.forwards === true ? { headers: forwardedHeaders(written.headers, forwarded) } : {}),
  };
  const seenAs = path.client ?? "unknown";
  // A real backend need not echo what a WebSocket says: its handshake is all that is compared.
  const upgraded = request.webSocket ? await client.upgrade(sent) : undefined;
  if (upgraded?.failed === undefined) upgraded?.stream?.destroy();
  const answer =
    upgraded === undefined
      ? await client.request(sent)
      : upgraded.failed === undefined
        ? upgraded.answer
        : upgraded;
  const broken = path.inside?.takeFailure();
  if (answer.failed !== undefined)
    return { answer: noAnswer(`${answer.failed}: ${answer.message}`, seenAs, path.listener), broken };
  return {
    answer: {
      status: answer.status,
      headers: answer.headers,
      location: answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? null,
      body: answer.body.toString(),
      backend: null,
      seen: null,
      ...(answer.tls === undefined ? {} : { certificate: certificateNames(answer.tls.peer.names) }),
      refused: null,
      client: seenAs,
      listener: path.listener,
    },
  };
}

/** Only asked where there was an answer: what was refused stands in no log that way. */
async function whoAnswered(
  { backendOf }: TargetEndpoints,
  { request }: ExpectationPlan,
  path: TargetPath,
  answer: LabAnswer,
): Promise<LoggedBackend> {
  if (answer.refused !== null) return { backend: null };
  if (backendOf === undefined) return { unknown: "only HAProxy's log tells" };
  if (path.listener === "stats") return { backend: null };
  const asked = splitUrl(request.url);
  const given = request.headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  const host = (given ?? asked.authority).toLowerCase().replace(/:\d+$/, "").replace(/\.+$/, "");
  return backendOf({ method: request.method, host, target: asked.target, client: path.client });
}

/** Why a request is not sent that a backend would act upon; null: none would. */
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
    expectation,
    answer,
    differences,
    tookMs: 0,
    verdict,
    unseen: [],
    notTested: null,
    backendKnown: true,
  };
}

function notTested(expectation: ExpectationPlan, why: string): TargetResult {
  return {
    expectation,
    answer: noAnswer("not played", "unknown", null),
    differences: [],
    tookMs: 0,
    verdict: "unseen",
    unseen: [],
    notTested: why,
    backendKnown: false,
  };
}

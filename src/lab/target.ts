// Playing expectations against a running edge: what can be seen from outside is compared, what cannot is said.
import { decide } from "../model/decide.ts";
import { passedOn } from "../model/forwarded.ts";
import { describedName } from "../plan/backend-plan.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { LoadBalancerKind, Plan } from "../plan/plan.ts";
import { labCertificate } from "./certificates.ts";
import { forwardedHeaders } from "./doubles/forwarded-headers.ts";
import { openLoadBalancer } from "./doubles/load-balancer.ts";
import type { LoadBalancer } from "./doubles/load-balancer-spec.ts";
import { compare, type Played } from "./expectation.ts";
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
import type { LoggedBackend, TargetDoors } from "./target-doors.ts";
import { sightOf } from "./target-sight.ts";
import { type TargetWay, wayIn } from "./target-way.ts";

export interface PlayedAtTarget extends Played {
  /** `passed` and `failed` are what was compared; `unseen`: nothing of it could be. */
  readonly verdict: "passed" | "failed" | "unseen";
  /** What is expected, and was not compared, each in a few words. */
  readonly unseen: readonly string[];
  /** Why no request was sent; null: one was. */
  readonly notPlayed: string | null;
  /** Whether `answer.backend` says who answered; otherwise it is null because nobody can tell. */
  readonly backendKnown: boolean;
}

export interface TargetOptions {
  /** Also play requests that may change something at a backend (RFC 9110 section 9.2.1). Default false. */
  readonly playWrites?: boolean;
}

/** Close it when done: it holds sockets. */
export interface Target {
  readonly name: string;
  play(expectation: ExpectationPlan): Promise<PlayedAtTarget>;
  close(): Promise<void>;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const TIMEOUT_MS = 15_000;

/** Puts the load balancer's double in front of node ports, where there are any. */
export async function openTarget(
  plan: Plan,
  doors: TargetDoors,
  options: TargetOptions = {},
): Promise<Target> {
  const client = new LabClient({ timeoutMs: TIMEOUT_MS, keepAlive: false });
  const network = await claimNetwork();
  let double: LoadBalancer | undefined;
  try {
    double = await openDouble(plan, doors, network);
  } catch (error) {
    await network.release();
    throw error;
  }
  return {
    name: doors.name,
    play: (expectation) => playOne({ plan, doors, client, double, options }, expectation),
    async close() {
      client.close();
      await double?.close();
      await network.release();
    },
  };
}

/** One after the other, so that HAProxy's log can be read along. */
export async function playAtTarget(
  target: Target,
  expectations: readonly ExpectationPlan[],
  onPlayed: (played: PlayedAtTarget) => void = () => {},
): Promise<readonly PlayedAtTarget[]> {
  const results: PlayedAtTarget[] = [];
  for (const expectation of expectations) {
    const played = await target.play(expectation);
    results.push(played);
    onPlayed(played);
  }
  return results;
}

interface Playing {
  readonly plan: Plan;
  readonly doors: TargetDoors;
  readonly client: LabClient;
  readonly double: LoadBalancer | undefined;
  readonly options: TargetOptions;
}

/** What plays it; others pass bytes on as a classic ELB does. */
const DOUBLES: Partial<Record<LoadBalancerKind, LoadBalancer["kind"]>> = { "aws-nlb": "nlb", http: "alb" };

async function openDouble(
  { loadBalancer, sites }: Plan,
  { nodePorts }: TargetDoors,
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

async function playOne(playing: Playing, expectation: ExpectationPlan): Promise<PlayedAtTarget> {
  const { plan, doors, double, options } = playing;
  const began = performance.now();
  const way = await wayIn(plan, doors, double, expectation);
  if ("notPlayed" in way) return notPlayed(expectation, way.notPlayed);
  if ("refused" in way) return refused(expectation, way.refused);
  const writes = options.playWrites === true ? null : wouldWrite(plan, expectation, way);
  if (writes !== null) return notPlayed(expectation, writes);
  const { answer, broken } = await send(playing, expectation, way);
  if (broken !== undefined) return notPlayed(expectation, broken);
  const told = await whoAnswered(doors, expectation, way, answer);
  const known = told.unknown === undefined;
  const whole = known
    ? { ...answer, backend: told.backend === null ? null : describedName(plan.backends, told.backend) }
    : answer;
  const { visible, unseen, anything } = sightOf(expectation, {
    backend: known,
    certificate: way.ownCertificate,
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
    notPlayed: null,
    backendKnown: known,
  };
}

async function send(
  { client }: Playing,
  { request }: ExpectationPlan,
  way: TargetWay,
): Promise<{ readonly answer: LabAnswer; readonly broken?: string | undefined }> {
  const { url, method, headers, body, webSocket } = request;
  const asked = splitUrl(url);
  const written = sentRequest(asked, { method, headers, body, webSocket });
  const forwarded = forwardedFor(asked, way.client === null ? {} : { from: way.client });
  const sent = {
    ...way.route,
    ...written,
    ...(way.forwards === true ? { headers: forwardedHeaders(written.headers, forwarded) } : {}),
  };
  const seenAs = way.client ?? "unknown";
  // A real backend need not echo what a WebSocket says: its handshake is all that is compared.
  const upgraded = request.webSocket ? await client.upgrade(sent) : undefined;
  if (upgraded?.failed === undefined) upgraded?.stream?.destroy();
  const answer =
    upgraded === undefined
      ? await client.request(sent)
      : upgraded.failed === undefined
        ? upgraded.answer
        : upgraded;
  const broken = way.inside?.takeFailure();
  if (answer.failed !== undefined)
    return { answer: noAnswer(`${answer.failed}: ${answer.message}`, seenAs, way.listener), broken };
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
      listener: way.listener,
    },
  };
}

/** Only asked where there was an answer: what was refused stands in no log that way. */
async function whoAnswered(
  { backendOf }: TargetDoors,
  { request }: ExpectationPlan,
  way: TargetWay,
  answer: LabAnswer,
): Promise<LoggedBackend> {
  if (answer.refused !== null) return { backend: null };
  if (backendOf === undefined) return { unknown: "only HAProxy's log tells" };
  if (way.listener === "stats") return { backend: null };
  const asked = splitUrl(request.url);
  const given = request.headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  const host = (given ?? asked.authority).toLowerCase().replace(/:\d+$/, "").replace(/\.+$/, "");
  return backendOf({ method: request.method, host, target: asked.target, client: way.client });
}

/** Why a request is not sent that a backend would act upon; null: none would. */
function wouldWrite(plan: Plan, { request }: ExpectationPlan, way: TargetWay): string | null {
  if (SAFE_METHODS.has(request.method) || way.listener === null || way.listener === "stats") return null;
  if (request.through === "untrusted") return null;
  const { method, target, headers } = sentRequest(splitUrl(request.url), {
    method: request.method,
    headers: request.headers,
  });
  const listener = plan.listeners.find(({ name }) => name === way.listener);
  const client = way.client ?? DEFAULT_CLIENT;
  const decision = decide(plan, {
    listener: way.listener,
    method,
    target,
    headers: listener === undefined ? headers : passedOn(listener, headers, client),
    client,
  });
  const [first] = decision.backends;
  return first === undefined
    ? null
    : `${method} may change something at the backend ${first.pool} (--play-writes sends it)`;
}

function refused(expectation: ExpectationPlan, why: string): PlayedAtTarget {
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
    notPlayed: null,
    backendKnown: true,
  };
}

function notPlayed(expectation: ExpectationPlan, why: string): PlayedAtTarget {
  return {
    expectation,
    answer: noAnswer("not played", "unknown", null),
    differences: [],
    tookMs: 0,
    verdict: "unseen",
    unseen: [],
    notPlayed: why,
    backendKnown: false,
  };
}

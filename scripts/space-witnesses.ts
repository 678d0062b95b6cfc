// Sends a request for each region of a haproxy.cfg to a real HAProxy, in the lab, and compares the answers.
import type { Haproxy } from "../src/haproxy/find.ts";
import type { LayersLab } from "../src/lab/layers-lab.ts";
import { openLabOfLayers } from "../src/lab/open-layers-lab.ts";
import { ownBindOf } from "../src/lab/own-binds.ts";
import type { LabAnswer } from "../src/lab/send.ts";
import type { QueryListener } from "../src/space/query.ts";
import { headerLines, urlOfWitness, type Witness } from "../src/space/witness.ts";
import type { Wiring } from "../src/wiring/wiring.ts";
import { askOf, requestOfWitness } from "../test/space/haproxy/requests.ts";
import { expectedText } from "../test/space/haproxy/templates.ts";
import type { MeasuredRegion } from "./space-files.ts";

export interface Played {
  readonly agreed: number;
  readonly differing: readonly string[];
  /** By why. */
  readonly notPlayed: ReadonlyMap<string, number>;
  /** Why HAProxy does not run the file; undefined: it runs. */
  readonly refused: string | undefined;
}

interface Playing {
  readonly wiring: Wiring;
  readonly listeners: readonly QueryListener[];
  readonly regions: readonly MeasuredRegion[];
}

export async function playWitnesses(
  haproxy: Haproxy,
  { wiring, listeners, regions }: Playing,
): Promise<Played> {
  const notPlayed = new Map<string, number>();
  const differing: string[] = [];
  let agreed = 0;
  const hosts = [...new Set(regions.flatMap(({ witness }) => witness.host?.replace(/:.*/, "") ?? []))];
  const lab = await openLabOfLayers(wiring, { haproxy, hosts }).catch((error: unknown) => String(error));
  if (typeof lab === "string") return { agreed, differing, notPlayed, refused: lab };
  for (const region of regions) {
    const listener = listeners.find(({ name }) => name === region.witness.listener) ?? listeners[0];
    const why =
      listener === undefined ? "no listener" : (cannotBeSent(region, listener) ?? cannotAnswer(lab, region));
    if (listener === undefined || why !== undefined) {
      notPlayed.set(why ?? "", (notPlayed.get(why ?? "") ?? 0) + 1);
      continue;
    }
    const seen = await sent(lab, region.witness, listener);
    if (seen.refused !== null && NOT_REACHED.test(seen.refused)) {
      notPlayed.set(seen.refused, (notPlayed.get(seen.refused) ?? 0) + 1);
      continue;
    }
    const wrong = difference(region, seen);
    if (wrong === undefined) agreed += 1;
    else differing.push(`${JSON.stringify(requestOfWitness(region.witness))}: ${wrong}`);
  }
  await lab.close();
  return { agreed, differing, notPlayed, refused: undefined };
}

const NOT_REACHED = /^no bind|^the frontend|does not lead|lab/;

function cannotBeSent(
  { witness, dependsOn, answer }: MeasuredRegion,
  listener: QueryListener,
): string | undefined {
  if (dependsOn.length > 0) return "depends on an unknown";
  if (witness.response !== undefined) return "the servers of the lab answer 200";
  if (isHalfUpgrade(witness)) return "an Upgrade without Connection, or the reverse";
  if (witness.host === undefined) return "the lab sends a Host";
  if (answer.answer === undefined) return "the answer is not followed";
  if (listener.frontend === undefined) return "no frontend";
  const others = [...witness.others.keys()].filter((id) => !/^(?:http-version|tls:sni|state:)/.test(id));
  if (others.length > 0) return `the lab does not choose ${others.join(", ")}`;
  if ((witness.others.get("http-version") ?? "1.1") !== "1.1") return "HTTP/1.1 alone is sent";
  const name = witness.others.get("tls:sni");
  const isOwnName = name === witness.host?.replace(/:.*/, "");
  return witness.others.has("tls:sni") && !isOwnName ? "the lab does not choose the SNI" : undefined;
}

/** The servers of the lab speak HTTP/1.1. */
function cannotAnswer(
  { haproxyLayer: { wiring } }: LayersLab,
  { answer, witness }: MeasuredRegion,
): string | undefined {
  const backends = answer.answer?.kind === "forward" ? (answer.answer.backends ?? []) : [];
  const proxies = wiring.proxies.filter(({ name, kind }) => kind !== "frontend" && backends.includes(name));
  const servers = proxies.flatMap((proxy) => proxy.servers);
  if (servers.some((server) => ownBindOf(wiring, server) !== undefined)) return "HAProxy is its own server";
  const entered = wiring.proxies.filter(({ binds }) =>
    binds.some(({ address }) => address.text === witness.listener),
  );
  const speaksOther = [...proxies, ...entered].some(({ section }) =>
    section.lines.some(({ tokens }) => tokens.some(({ value }) => /^(?:h2|fcgi|use-fcgi-app)$/.test(value))),
  );
  if (speaksOther) return "another protocol than HTTP/1.1";
  const checks = proxies.some(({ section }) =>
    section.lines.some(({ tokens }) =>
      /^(?:http|tcp)-check expect .*string/.test(tokens.map(({ value }) => value).join(" ")),
    ),
  );
  return checks ? "a health check that the servers of the lab may fail" : undefined;
}

/** Which HAProxy 3.2 and later ignore. */
function isHalfUpgrade({ headers }: Witness): boolean {
  const of = (name: string) => headers.find(([own]) => own.toLowerCase() === name)?.[1].toLowerCase();
  const isConnection = of("connection") === "upgrade";
  return isConnection ? of("upgrade") === undefined : of("upgrade") !== undefined;
}

function sent(lab: LayersLab, witness: Witness, listener: QueryListener): Promise<LabAnswer> {
  const { method, host, client, bodyLength } = witness;
  const body =
    bodyLength === undefined || bodyLength === 0 ? undefined : "x".repeat(Math.min(bodyLength, 1 << 20));
  const headers = headerLines({ ...witness, host: undefined, bodyLength: 0 });
  return lab.request(urlOfWitness(witness, listener), {
    method,
    headers: host === undefined ? headers : [["Host", host], ...headers],
    ...(body !== undefined && { body }),
    ...(listener.frontend !== undefined && { frontend: listener.frontend }),
    from: client,
    retryOnStale: true,
  });
}

function difference(
  { answer: { key, answer }, witness }: MeasuredRegion,
  seen: LabAnswer,
): string | undefined {
  const got =
    seen.backend === null ? `${seen.status ?? "closed"} ${seen.location ?? ""}` : `→ ${seen.backend}`;
  const isAnswer =
    answer?.kind === "forward"
      ? answer.backends === undefined || answer.backends.includes(seen.backend ?? "")
      : seen.backend === null && isOwn(answer, seen, key, witness);
  return isAnswer ? undefined : `${key.split("\n")[0]}, but HAProxy: ${got} ${seen.refused ?? ""}`;
}

function isOwn(
  answer: MeasuredRegion["answer"]["answer"],
  seen: LabAnswer,
  key: string,
  witness: Witness,
): boolean {
  if (answer?.kind !== "own") return seen.status === null;
  if (answer.status !== undefined && answer.status !== seen.status) return false;
  const [, template] = /^3\d\d (\S+)/.exec(key) ?? [];
  const location =
    template === undefined ? undefined : expectedText(template, askOf(requestOfWitness(witness)));
  return answer.location === undefined || location === undefined || location === seen.location;
}

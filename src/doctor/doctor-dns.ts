// The measurement from beginning to end: tools, names, servers, look-ups, causes.
import { performance } from "node:perf_hooks";
import { type Cause, causesOf } from "./causes.ts";
import { type Fix, fixesOf } from "./fixes.ts";
import { findTools, type LookupKind, type Lookups, lookup, OPTIONS, type Tools } from "./lookups.ts";
import type { Measured, MeasuredName } from "./measured.ts";
import type { Place } from "./place.ts";
import { queryUdp } from "./raw-queries.ts";
import { candidates, parseResolvConf, type ResolvConf } from "./resolv-conf.ts";
import { measureServer, type Sampling, type ServerMeasurements } from "./server-measurements.ts";

export interface DnsReport {
  readonly measured: Measured;
  readonly causes: readonly Cause[];
  /** What takes the causes away, by whom it is for; without repetition. */
  readonly fixes: readonly Fix[];
  readonly tookMs: number;
}

export interface DoctorOptions {
  /** Empty: one that every place has. */
  readonly names: readonly string[];
  /** Whether questions may be sent to the name servers from here: the place is this machine. */
  readonly asksServers: boolean;
  readonly onProgress?: (what: string) => void;
  readonly sampling?: Sampling;
}

/** Never asks more than a person would notice: some hundred questions. */
const SAMPLING: Sampling = { rounds: 20, timeoutMs: 2000 };
/** Questions that fare well must be many, for a race that is rare to be told from loss. */
const THOROUGH = 2;

/** Exceptions: what `place.run` rejects with. */
export async function doctorDns(
  place: Place,
  { names, asksServers, onProgress = () => undefined, sampling = SAMPLING }: DoctorOptions,
): Promise<DnsReport> {
  const began = performance.now();
  const tools = await findTools(place);
  const resolvConf = parseResolvConf(tools.resolvConf);
  const measuredNames: MeasuredName[] = [];
  for (const name of names.length > 0 ? names : [nameFor(resolvConf)])
    measuredNames.push(
      await measureName(place, tools, resolvConf, name, { asksServers, onProgress, sampling }),
    );
  const measured: Measured = {
    where: place.name,
    libc: tools.libc,
    tool: tools.getent ? "getent" : "",
    resolvConf,
    names: measuredNames,
  };
  const causes = causesOf(measured);
  return {
    measured,
    causes,
    fixes: fixesOf(
      causes.filter(({ curedBy }) => curedBy === null),
      measured,
    ),
    tookMs: performance.now() - began,
  };
}

type Measuring = Required<Omit<DoctorOptions, "names">>;

async function measureName(
  place: Place,
  tools: Tools,
  resolvConf: ResolvConf,
  name: string,
  { asksServers, onProgress, sampling }: Measuring,
): Promise<MeasuredName> {
  if (tools.hosts.includes(name.toLowerCase()))
    return { name, asked: [], exists: true, inHosts: true, servers: [], lookups: [] };
  let servers: readonly ServerMeasurements[] = [];
  if (asksServers) {
    onProgress(`asking ${resolvConf.nameServers.join(", ")} for ${name}`);
    const whole = name.replace(/\.$/, "");
    servers = await Promise.all(
      resolvConf.nameServers.map((server) => measureServer(server, whole, sampling)),
    );
  }
  const speaking = servers.find(({ a }) => a.lost < a.sent)?.server;
  const exists = (one: string) =>
    asksServers ? existsAt(speaking, one, sampling) : existsByLookUp(place, tools, one);
  const asked: string[] = [];
  let found = false;
  for (const candidate of candidates(name, resolvConf)) {
    asked.push(candidate);
    found = await exists(candidate);
    if (found) break;
  }
  return {
    name,
    asked,
    exists: found,
    inHosts: false,
    servers,
    lookups: tools.getent ? await lookUpAll(place, tools, asked, name, { onProgress, sampling }) : [],
  };
}

async function lookUpAll(
  place: Place,
  tools: Tools,
  asked: readonly string[],
  given: string,
  { onProgress, sampling }: Pick<Measuring, "onProgress" | "sampling">,
): Promise<readonly Lookups[]> {
  const whole = asked.at(-1) ?? given;
  const asGiven = asked.length > 1 || whole !== given.replace(/\.$/, "");
  const kinds: readonly LookupKind[] = [
    "A alone",
    "whole name",
    // The same questions again, where the name is whole as it is given.
    ...(asGiven ? (["as given"] as const) : []),
    // musl takes none from the environment: they would change nothing.
    ...(tools.libc.name === "glibc" ? OPTIONS : []).filter((kind) => asGiven || kind !== "ndots:1"),
  ];
  const all: Lookups[] = [];
  for (const kind of kinds) {
    // Over a TCP that is never answered, glibc waits for ever.
    if (kind === "use-vc" && !tools.timeout) continue;
    onProgress(`looking ${given} up: ${kind}`);
    const count =
      kind === "A alone" || kind === "single-request" ? sampling.rounds * THOROUGH : sampling.rounds;
    all.push(
      await lookup(place, tools, kind, kind === "as given" || kind === "ndots:1" ? given : whole, count),
    );
  }
  return all;
}

async function existsAt(server: string | undefined, name: string, { timeoutMs }: Sampling): Promise<boolean> {
  if (server === undefined) return false;
  // Once more, where a packet was lost.
  for (let tries = 0; tries < 3; tries += 1) {
    const [reply] = await queryUdp(server, name, ["A"], timeoutMs);
    if (reply) return reply.rcode === "NOERROR";
  }
  return false;
}

async function existsByLookUp(place: Place, tools: Tools, name: string): Promise<boolean> {
  if (!tools.getent) return false;
  return (await lookup(place, tools, "A alone", name, 1)).failed === 0;
}

/** In a pod the API server's Service; elsewhere the name that is reserved for examples (RFC 2606), and known to every public DNS. */
function nameFor({ search }: ResolvConf): string {
  const domain = search.find((one) => one.startsWith("svc."));
  return domain === undefined ? "example.com" : `kubernetes.default.${domain}`;
}

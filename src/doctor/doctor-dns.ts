// The complete measurement: tools, names, servers, lookups, causes.
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
  /** Fixes for the causes, by who applies them; without duplicates. */
  readonly fixes: readonly Fix[];
  readonly tookMs: number;
}

export interface DoctorOptions {
  /** Empty: a name that exists everywhere. */
  readonly names: readonly string[];
  /** Whether queries may be sent directly to the name servers: the place is this machine. */
  readonly queriesServers: boolean;
  readonly onProgress?: (what: string) => void;
  readonly sampling?: Sampling;
}

/** Limits the load: some hundred queries. */
const SAMPLING: Sampling = { rounds: 20, timeoutMs: 2000 };
/** Enough answered queries to distinguish a rare race from loss. */
const THOROUGH = 2;

/** Rejects with what `place.run` rejects with. */
export async function doctorDns(
  place: Place,
  { names, queriesServers, onProgress = () => undefined, sampling = SAMPLING }: DoctorOptions,
): Promise<DnsReport> {
  const began = performance.now();
  const tools = await findTools(place);
  const resolvConf = parseResolvConf(tools.resolvConf);
  const measuredNames: MeasuredName[] = [];
  for (const name of names.length > 0 ? names : [nameFor(resolvConf)])
    measuredNames.push(
      await measureName(place, tools, resolvConf, name, { queriesServers, onProgress, sampling }),
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
      causes.filter(({ avoidedBy }) => avoidedBy === null),
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
  { queriesServers, onProgress, sampling }: Measuring,
): Promise<MeasuredName> {
  if (tools.hosts.includes(name.toLowerCase()))
    return { name, queries: [], exists: true, inHosts: true, servers: [], lookups: [] };
  let servers: readonly ServerMeasurements[] = [];
  if (queriesServers) {
    onProgress(`querying ${resolvConf.nameServers.join(", ")} for ${name}`);
    const whole = name.replace(/\.$/, "");
    servers = await Promise.all(
      resolvConf.nameServers.map((server) => measureServer(server, whole, sampling)),
    );
  }
  const speaking = servers.find(({ a }) => a.lost < a.sent)?.server;
  const exists = (one: string) =>
    queriesServers ? existsAt(speaking, one, sampling) : existsByLookUp(place, tools, one);
  const queries: string[] = [];
  let found = false;
  for (const candidate of candidates(name, resolvConf)) {
    queries.push(candidate);
    found = await exists(candidate);
    if (found) break;
  }
  return {
    name,
    queries,
    exists: found,
    inHosts: false,
    servers,
    lookups: tools.getent ? await lookUpAll(place, tools, queries, name, { onProgress, sampling }) : [],
  };
}

async function lookUpAll(
  place: Place,
  tools: Tools,
  queries: readonly string[],
  given: string,
  { onProgress, sampling }: Pick<Measuring, "onProgress" | "sampling">,
): Promise<readonly Lookups[]> {
  const whole = queries.at(-1) ?? given;
  const asGiven = queries.length > 1 || whole !== given.replace(/\.$/, "");
  const kinds: readonly LookupKind[] = [
    "A only",
    "full name",
    // The same queries again, where the given name is complete.
    ...(asGiven ? (["as given"] as const) : []),
    // musl reads none from the environment: they would change nothing.
    ...(tools.libc.name === "glibc" ? OPTIONS : []).filter((kind) => asGiven || kind !== "ndots:1"),
  ];
  const all: Lookups[] = [];
  for (const kind of kinds) {
    // Over a TCP that is never answered, glibc waits indefinitely.
    if (kind === "use-vc" && !tools.timeout) continue;
    onProgress(`looking ${given} up: ${kind}`);
    const count =
      kind === "A only" || kind === "single-request" ? sampling.rounds * THOROUGH : sampling.rounds;
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
  return (await lookup(place, tools, "A only", name, 1)).failed === 0;
}

/** In a pod the API server's Service; elsewhere the name reserved for examples (RFC 2606), which every public DNS server knows. */
function nameFor({ search }: ResolvConf): string {
  const domain = search.find((one) => one.startsWith("svc."));
  return domain === undefined ? "example.com" : `kubernetes.default.${domain}`;
}

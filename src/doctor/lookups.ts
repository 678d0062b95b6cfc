// Lookups through the C library of a place, by its own getent: as configured, and with one more option of resolv.conf.
import type { Place } from "./place.ts";

export interface Lookups {
  readonly kind: LookupKind;
  readonly count: number;
  /** Lookups without an address. */
  readonly failed: number;
  readonly shortestMs: number;
  readonly medianMs: number;
  readonly longestMs: number;
}

/**
 * `as given`: the name with the search list; all others have a trailing dot. `A only` sends one query. The rest set the
 * option of that name, which glibc reads from $RES_OPTIONS (resolv.conf(5)), and musl only from resolv.conf.
 */
export type LookupKind = "as given" | "full name" | "A only" | LookupOption;
export type LookupOption = (typeof OPTIONS)[number];

export const OPTIONS = ["single-request", "single-request-reopen", "no-aaaa", "use-vc", "ndots:1"] as const;

/** The tools that a place has. */
export interface Tools {
  readonly libc: { readonly name: "glibc" | "musl" | "unknown"; readonly version: string };
  readonly getent: boolean;
  /** Ends a lookup that hangs, as glibc's do over a TCP that never answers. */
  readonly timeout: boolean;
  readonly resolvConf: string;
  /** Lower-case names of /etc/hosts. */
  readonly hosts: readonly string[];
}

/** glibc gives up on AAAA after 15 s; a longer lookup hangs. */
const LIMIT_S = 20;
/** A lookup that lost a packet takes longer than the shortest retry interval of a C library: musl's, with attempts:10. */
export const LOST_MS = 400;

const TOOLS = `
printf 'getent\\t%s\\n' "$(command -v getent)"
printf 'timeout\\t%s\\n' "$(command -v timeout)"
printf 'glibc\\t%s\\n' "$(getconf GNU_LIBC_VERSION 2>/dev/null)"
for loader in /lib/ld-musl-*.so.1; do
  [ -e "$loader" ] && printf 'musl\\t%s\\n' "$("$loader" 2>&1 | sed -n 's/^Version //p')"
done
while IFS= read -r line || [ -n "$line" ]; do printf 'resolv\\t%s\\n' "$line"; done </etc/resolv.conf
[ -r /etc/hosts ] && while IFS= read -r line || [ -n "$line" ]; do printf 'hosts\\t%s\\n' "$line"; done </etc/hosts`;

/** Times are the kernel's, in hundredths of a second: no more precise clock is in every shell (proc(5), uptime). */
const LOOK_UP = `
count=$1 limit=$2 database=$3 name=$4 options=$5
[ -n "$options" ] && export RES_OPTIONS="$options"
unfiltered=
getent -A ahosts localhost >/dev/null 2>&1 && unfiltered=-A
while [ "$count" -gt 0 ]; do
  count=$((count - 1))
  read -r from rest </proc/uptime
  $limit getent $unfiltered "$database" "$name" >/dev/null 2>&1
  status=$?
  read -r to rest </proc/uptime
  printf '%s %s %s\\n' "$from" "$to" "$status"
done`;

export async function findTools(place: Place): Promise<Tools> {
  const { stdout } = await place.run(["sh", "-c", TOOLS]);
  const fields = stdout.split("\n").map((line) => line.split("\t"));
  const of = (key: string) => fields.find(([one, value]) => one === key && value)?.[1];
  const [glibc, musl] = [of("glibc")?.replace("glibc ", ""), of("musl")];
  return {
    // An image may have both: getent's own is the distribution's.
    libc: libcOf(glibc, musl),
    getent: of("getent") !== undefined,
    timeout: of("timeout") !== undefined,
    resolvConf: fields.flatMap(([key, ...line]) => (key === "resolv" ? line.join("\t") : [])).join("\n"),
    hosts: fields.flatMap(([key, ...line]) => (key === "hosts" ? namesOfHosts(line.join(" ")) : [])),
  };
}

function libcOf(glibc: string | undefined, musl: string | undefined): Tools["libc"] {
  if (glibc !== undefined) return { name: "glibc", version: glibc };
  return musl === undefined ? { name: "unknown", version: "" } : { name: "musl", version: musl };
}

/** hosts(5): an address, its names, and a comment. */
function namesOfHosts(line: string): readonly string[] {
  return line.replace(/#.*/, "").trim().toLowerCase().split(/\s+/).slice(1);
}

/** A slow lookup with one query may be a lost packet or a slow server; for the others, one slow lookup is enough. */
const PATIENCE: Partial<Record<LookupKind, number>> = { "A only": 3 };
/** A server that never answers costs ten seconds each time. */
const ENOUGH_MS = 15_000;

/** One lookup after the other, in batches, until enough were slow: each costs seconds. */
export async function lookup(
  place: Place,
  { timeout }: Tools,
  kind: LookupKind,
  name: string,
  count: number,
): Promise<Lookups> {
  const whole = kind === "as given" || kind === "ndots:1" ? name : `${name.replace(/\.$/, "")}.`;
  const options = (OPTIONS as readonly string[]).includes(kind) ? kind : "";
  const times: number[] = [];
  let failed = 0;
  for (const bunch of bunches(count)) {
    const { stdout } = await place.run([
      "sh",
      "-c",
      LOOK_UP,
      "sh",
      String(bunch),
      timeout ? `timeout ${LIMIT_S}` : "",
      kind === "A only" ? "ahostsv4" : "ahosts",
      whole,
      options,
    ]);
    for (const line of stdout.trim().split("\n").filter(Boolean)) {
      const [from = 0, to = 0, status = 0] = line.split(" ").map(Number);
      times.push(Math.round((to - from) * 1000));
      if (status !== 0) failed += 1;
    }
    const slow = times.filter((tookMs) => tookMs >= LOST_MS);
    if (slow.length >= (PATIENCE[kind] ?? 1) || slow.reduce((sum, tookMs) => sum + tookMs, 0) > ENOUGH_MS)
      break;
  }
  times.sort((a, b) => a - b);
  return {
    kind,
    count: times.length,
    failed,
    shortestMs: times[0] ?? 0,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    longestMs: times.at(-1) ?? 0,
  };
}

/** 1, 2, 4, 8 … : the first slow one ends it early, many fast ones need few calls. */
function bunches(count: number): readonly number[] {
  const sizes: number[] = [];
  for (let left = count, size = 1; left > 0; left -= size, size *= 2) sizes.push(Math.min(size, left));
  return sizes;
}

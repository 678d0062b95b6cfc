// Limits on the resources of a HAProxy that reads an untrusted file, and how a reached limit is detected.
import type { Finding, Position } from "../findings/finding.ts";

export interface Limits {
  /** Address space of each process, in bytes (RLIMIT_AS). */
  readonly memory: number;
  /** Of each process, in seconds (RLIMIT_CPU). */
  readonly cpuSeconds: number;
  /** Of each file that it writes, in bytes (RLIMIT_FSIZE). */
  readonly fileSize: number;
  /** It may start no other process (RLIMIT_NPROC); has no effect for root. */
  readonly alone: boolean;
}

/**
 * Measured: `haproxy -c` takes at most 160 MB of address space and 15 kB per server, a worker with 64 threads 210 MB with the
 * stacks and the one arena of `limitsScript` (1.6 GB without, on 2.6).
 */
const MEMORY = 2 ** 30;
const FILE_SIZE = 2 ** 24;

const MEMORY_TEXT = `${MEMORY / 2 ** 30} GB`;

export const LIMITS: Readonly<Record<"check" | "lab", Limits>> = {
  check: { memory: MEMORY, cpuSeconds: 6, fileSize: FILE_SIZE, alone: true },
  // A lab runs for as long as its tests do. A limit of processes would count all those of its user.
  lab: { memory: MEMORY, cpuSeconds: 3_600, fileSize: FILE_SIZE, alone: false },
};

/** From the start to the verdict, or until a lab's HAProxy serves, in ms. */
export const LONGEST_START_MS = 8_000;

/** Of its messages until then, in characters. */
export const MOST_OUTPUT = 2 ** 20;

/** What HAProxy did when it reached a limit, as text after "HAProxy". */
export type ReachedLimit = string;

/**
 * Shell lines that set limits for the process that the shell becomes. Unsupported ones are skipped: dash has the number of
 * processes as `-p`, bash as `-u`. Files are in blocks of 512 bytes (POSIX), or twice that. Threads get stacks of 2 MB instead of 8,
 * and all of them one arena for their memory, so that many threads fit into the address space.
 */
export function limitsScript({ memory, cpuSeconds, fileSize, alone }: Limits): string {
  const limits = [
    "-c 0",
    "-S -s 2048",
    `-v ${memory / 1024}`,
    `-f ${fileSize / 512}`,
    `-S -t ${cpuSeconds}`,
    `-H -t ${cpuSeconds + 1}`,
  ];
  return `{ ${limits.map((limit) => `ulimit ${limit}`).join("; ")}${alone ? "; ulimit -u 0 || ulimit -p 0" : ""}; } 2>/dev/null
export MALLOC_ARENA_MAX=1`;
}

/** Messages of HAProxy 2.6 to 3.4, and of its libraries, about a failed allocation. */
const OUT_OF_MEMORY =
  /out of memory|no (?:more )?memory|not enough memory|enough memory|memory (?:allocation )?error|alloc(?:at)?(?:e|ing|ion)\b|can't alloc|sink buffer size|lua_newstate/i;

/** What does not say why HAProxy ended: notices and warnings, with the lines that continue them. */
const NO_REASON = /^(?:\[(?:NOTICE|WARNING|DIAG)\]|\s|$)/;

const SIGNALS: Readonly<Record<string, ReachedLimit>> = {
  SIGXCPU: `used more than ${LIMITS.check.cpuSeconds} s of CPU time`,
  SIGXFSZ: `wrote a file of more than ${FILE_SIZE / 2 ** 20} MB`,
  // HAProxy has used the result of a failed allocation.
  SIGSEGV: `crashed (SIGSEGV) with ${MEMORY_TEXT} of memory`,
  SIGABRT: `crashed (SIGABRT) with ${MEMORY_TEXT} of memory`,
  SIGBUS: `crashed (SIGBUS) with ${MEMORY_TEXT} of memory`,
};

/** Why Portico stopped it. */
export type Stopped = "time" | "messages" | undefined;

const STOPPED = {
  time: `took more than ${LONGEST_START_MS / 1000} s`,
  messages: `printed more than ${MOST_OUTPUT / 2 ** 20} MB of messages`,
};

/** The limit that a failed, confined HAProxy reached; undefined: it failed for another reason. */
export function reachedLimit(ended: {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly stopped: Stopped;
}): ReachedLimit | undefined {
  // First: HAProxy 3.2 continues after a failed allocation, and prints a message for each of a million servers.
  if (OUT_OF_MEMORY.test(ended.output)) return `needs more than ${MEMORY_TEXT} of memory`;
  if (ended.stopped !== undefined) return STOPPED[ended.stopped];
  if (ended.signal !== null) return SIGNALS[ended.signal];
  // HAProxy 2.6 has a message for every other failure; after a failed allocation it may have none.
  const givesNoReason = ended.output.split("\n").every((line) => NO_REASON.test(line));
  return givesNoReason ? `ended without a message, with ${MEMORY_TEXT} of memory` : undefined;
}

/** HAProxy has no verdict on the configuration. */
export function limitFinding(version: string, limit: ReachedLimit, at: readonly Position[]): Finding {
  return {
    code: "haproxy-limit-reached",
    severity: "error",
    what: `HAProxy ${version} ${limit}: it reached the limit that Portico sets, and was stopped`,
    why: `Whether HAProxy starts with this configuration is unknown. The limits (${MEMORY_TEXT} of memory, ${LONGEST_START_MS / 1000} s) keep an untrusted file from exhausting the memory and CPU of this machine.`,
    remedy:
      "Make the configuration smaller: a range of `server-template`, a map, a list of patterns, a table or a cache. For a file of your own, run the command with `--trust`, which sets no limits.",
    at,
  };
}

// A running HAProxy: started, reloaded, stopped, with its log; never left behind.
import { type Guarded, guard, type HaproxyExit, type HaproxyStart } from "./guarded.ts";
import { LONGEST_START_MS, type ReachedLimit, reachedLimit, type Stopped } from "./limits.ts";
import { type Message, relevantMessages, wordsOf } from "./messages.ts";

export type { HaproxyExit, HaproxyStart };

/** With a configuration that does not load, the old one keeps serving. */
export interface ReloadOutcome {
  readonly ok: boolean;
  /** All messages from the reload's beginning to its end. */
  readonly messages: readonly Message[];
  readonly tookMs: number;
}

/** HAProxy did not start, or exited unexpectedly. Carries HAProxy's messages. */
export class HaproxyFailure extends Error {
  override readonly name = "HaproxyFailure";
  readonly messages: readonly Message[];
  readonly output: string;
  /** What it did when it reached a limit while it started: its verdict is unknown then. */
  readonly limit: ReachedLimit | undefined;

  constructor(
    what: string,
    result: { readonly messages: readonly Message[]; readonly output: string },
    limit?: ReachedLimit,
  ) {
    const words = relevantMessages(result.messages).map(wordsOf);
    const why = words.length > 0 ? words : [result.output.trim()];
    // Messages after a failed allocation say little about the configuration.
    super([what, ...(limit === undefined ? why : [])].filter((line) => line !== "").join("\n"));
    this.messages = result.messages;
    this.output = result.output;
    this.limit = limit;
  }
}

export class HaproxyProcess {
  /** Of the master process; workers are its children. */
  readonly pid: number;
  /** From the start until its ports are bound and its worker runs. */
  readonly startedInMs: number;
  /** Settles once HAProxy, all its workers and the guardian have exited, and all output was read. Never rejects. */
  readonly exited: Promise<HaproxyExit>;
  readonly #guarded: Guarded;
  /** Signals are safe to send once this has resolved; it never rejects. */
  #atRest: Promise<unknown>;
  #lastReload: Promise<unknown> = Promise.resolve();

  private constructor(guarded: Guarded, pid: number, startedInMs: number) {
    this.#guarded = guarded;
    this.pid = pid;
    this.startedInMs = startedInMs;
    this.exited = guarded.exited;
    this.#atRest = guarded.masterAtRest();
  }

  /** Resolves when HAProxy serves. Rejects with `HaproxyFailure` otherwise; nothing is left running then. */
  static async start(options: HaproxyStart): Promise<HaproxyProcess> {
    const began = performance.now();
    const guarded = await guard(options);
    const impatience = setTimeout(() => guarded.stop("time"), LONGEST_START_MS);
    if (options.confinement === "none") clearTimeout(impatience);
    const loaded = await Promise.race([guarded.nextLoad(), guarded.exited]);
    clearTimeout(impatience);
    if (!("ok" in loaded && loaded.ok)) throw notStarted(options, await guarded.exited, guarded.stopped());
    return new HaproxyProcess(guarded, await guarded.pid, performance.now() - began);
  }

  /** Calls `listener` with every line that HAProxy writes to stdout (`log stdout …`). Returns a function that removes it. */
  onLog(listener: (line: string) => void): () => void {
    this.#guarded.logListeners.add(listener);
    return () => this.#guarded.logListeners.delete(listener);
  }

  /**
   * Loads the configuration file again (SIGUSR2; management guide, 4 "Stopping and restarting HAProxy"). The old worker may still
   * accept connections for a moment, and during `grace`. Concurrent calls run one after the other. Rejects with `HaproxyFailure` where HAProxy exits instead.
   */
  reload(): Promise<ReloadOutcome> {
    const outcome = this.#lastReload.then(() => this.#reload());
    this.#lastReload = outcome.catch(() => undefined);
    return outcome;
  }

  /**
   * Ends HAProxy and resolves when it has exited. `graceful` (SIGUSR1) lets open connections finish, without a limit of ours:
   * `hard-stop-after` is HAProxy's. Otherwise SIGTERM, and SIGKILL after five seconds.
   */
  async stop({ graceful = false }: { readonly graceful?: boolean } = {}): Promise<HaproxyExit> {
    if (graceful) {
      await this.#atRest;
      this.#guarded.send("USR1");
      return this.exited;
    }
    const impatience = setTimeout(() => this.#guarded.kill(), 5_000);
    await this.#atRest;
    this.#guarded.send("TERM");
    return this.exited.finally(() => clearTimeout(impatience));
  }

  async #reload(): Promise<ReloadOutcome> {
    await this.#atRest;
    const began = performance.now();
    const load = this.#guarded.nextLoad();
    this.#guarded.send("USR2");
    const loaded = await Promise.race([load, this.exited]);
    if (!("ok" in loaded))
      throw new HaproxyFailure(`HAProxy exited during a reload ${endingOf(loaded)}`, loaded);
    this.#atRest = this.#guarded.masterAtRest();
    return { ...loaded, tookMs: performance.now() - began };
  }
}

function endingOf({ code, signal }: HaproxyExit): string {
  return signal !== null ? `(${signal})` : `(exit status ${code ?? "unknown"})`;
}

function notStarted(
  { haproxy, confinement }: HaproxyStart,
  exit: HaproxyExit,
  stopped: Stopped,
): HaproxyFailure {
  const name = `HAProxy ${haproxy.version} (${haproxy.path})`;
  const limit = confinement === "none" ? undefined : reachedLimit({ ...exit, stopped });
  if (limit === undefined) return new HaproxyFailure(`${name} did not start ${endingOf(exit)}`, exit);
  return new HaproxyFailure(
    `${name} reached a limit of Portico before it had started: it ${limit}`,
    exit,
    limit,
  );
}

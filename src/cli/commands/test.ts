// portico test: plays the expectations through a real HAProxy, one line each.
import { watch } from "node:fs";
import type { Played } from "../../lab/expectation.ts";
import type { CommandContext, CommandSpec, Given } from "../command.ts";
import { loadPlan, type Planned } from "../planned.ts";
import { haproxyFor, withLab } from "../played.ts";

const USAGE = 2;

export const testCommand: CommandSpec = {
  name: "test",
  arguments: "[description]",
  summary: "play the expectations through a real HAProxy",
  options: [
    {
      flags: "--haproxy <path>",
      about: "the HAProxy to play on; default $PORTICO_HAPROXY, then the one on PATH",
    },
    { flags: "--format <format>", about: "how results are printed", choices: ["text", "json", "junit"] },
    { flags: "--json", about: "the same as --format json" },
    { flags: "--watch", about: "play again whenever the description changes" },
    {
      flags: "--target <where>",
      about: "at a running edge: https://address[:port], nodes=ADDRESS,ADDRESS, or cluster",
      repeats: true,
    },
    { flags: "--context <name>", about: "the kubeconfig's context for --target cluster" },
    { flags: "--play-writes", about: "at a running edge, requests too that may change something there" },
  ],
  examples: [
    "portico test",
    "portico test --haproxy /opt/haproxy-3.2/sbin/haproxy",
    "portico test --format junit > edge.xml",
    "portico test --target http://edge.example.com --target https://edge.example.com",
    "portico test --target cluster --context prod",
  ],
  async run(context, given) {
    const targets = given.list("target");
    if (targets.length === 0 && given.text("context") !== undefined) {
      context.complain("portico: --context is only with --target: `--target cluster --context NAME`.");
      return USAGE;
    }
    if (targets.length > 0) return playAtTargets(context, given, targets);
    if (!given.flag("watch")) return playOnce(context, given);
    return watchAndPlay(context, given);
  },
};

async function playOnce(context: CommandContext, given: Given): Promise<number> {
  const planned = await loadPlan(context, given.text("description"));
  if (planned === undefined) return 2;
  const haproxy = await haproxyFor(context, given.text("haproxy"));
  if (haproxy === undefined) return 2;
  const { expectations } = planned.plan;
  if (lacksExpectations(context, planned)) return 1;
  const began = performance.now();
  const format = given.flag("json") ? "json" : (given.text("format") ?? "text");
  const played = await withLab(context, planned.plan, haproxy, async (lab) => {
    const { playExpectations } = await import("../../lab/expectation.ts");
    const onPlayed = format === "text" ? await linePrinter(context, planned) : undefined;
    return playExpectations(lab, expectations, onPlayed);
  });
  await printResults(context, format, planned, played, haproxy.version, performance.now() - began);
  return played.every(({ differences }) => differences.length === 0) ? 0 : 1;
}

async function playAtTargets(
  context: CommandContext,
  given: Given,
  targets: readonly string[],
): Promise<number> {
  const planned = await loadPlan(context, given.text("description"));
  if (planned === undefined) return 2;
  if (lacksExpectations(context, planned)) return 1;
  const { testTarget } = await import("../target-test.ts");
  return testTarget(context, given, planned, targets);
}

/** Says so when there is nothing to play. */
function lacksExpectations(context: CommandContext, { plan, description }: Planned): boolean {
  if (plan.expectations.length > 0) return false;
  context.complain(
    `${description.file} has no expectations: add \`expect\` with a request and what must come of it.`,
  );
  return true;
}

/** Prints each line as soon as it is known. */
async function linePrinter(context: CommandContext, { plan }: Planned): Promise<(played: Played) => void> {
  const [{ playedLine, failureText, requestText }, { askModelOf }, { widest }] = await Promise.all([
    import("../screens/expectation-text.ts"),
    import("../../lab/ask-model.ts"),
    import("../screens/layout.ts"),
  ]);
  const screen = { colour: context.colour.out, width: context.width };
  const longest = widest(plan.expectations.map((expectation) => requestText({ expectation })));
  const urlWidth = Math.min(longest, Math.max(30, context.width - 46)) + 2;
  return (played) => {
    context.print(playedLine(played, urlWidth, screen));
    if (played.differences.length === 0) return;
    context.print(failureText(played, askModelOf(plan, played), screen));
  };
}

async function printResults(
  context: CommandContext,
  format: string,
  planned: Planned,
  played: readonly Played[],
  version: string,
  tookMs: number,
): Promise<void> {
  if (format === "text") {
    const [{ summaryLine }, { coloursOf }] = await Promise.all([
      import("../screens/expectation-text.ts"),
      import("../screens/layout.ts"),
    ]);
    context.print(`\n${summaryLine(played, tookMs, version, coloursOf({ colour: context.colour.out }))}`);
    return;
  }
  const { junitText, resultsJson } = await import("../screens/results.ts");
  context.print(
    format === "junit"
      ? junitText(planned.plan.edge, played, tookMs)
      : resultsJson(planned.plan.edge, played, version, tookMs),
  );
}

/** Plays at once, and again after every change in the description's folder, until Ctrl-C. */
async function watchAndPlay(context: CommandContext, given: Given): Promise<number> {
  const named = given.text("description");
  const { tryPlan } = await import("../planned.ts");
  const { value } = await tryPlan(context, named);
  const folder = value?.folder ?? context.cwd;
  let next = Promise.withResolvers<void>();
  const watcher = watch(folder, (_event, name) => {
    if (name !== null && /\.(ya?ml|[cm]?[jt]s)$/.test(name)) next.resolve();
  });
  watcher.on("error", (error) => next.reject(error));
  const forget = context.onInterrupt(async () => watcher.close());
  try {
    for (;;) {
      next = Promise.withResolvers<void>();
      // It may come while the last change is still played; it is heard of when that is done.
      next.promise.catch(() => undefined);
      await playOrSayWhyNot(context, given);
      context.complain(`\nwatching ${folder}; Ctrl-C ends it`);
      await next.promise;
      if (context.terminal.out) context.print("\u001b[2J\u001b[H");
    }
  } finally {
    forget();
    watcher.close();
  }
}

/** A HAProxy that does not start, or ends, is no end of the watching: the next change may mend it. */
async function playOrSayWhyNot(context: CommandContext, given: Given): Promise<void> {
  try {
    await playOnce(context, given);
  } catch (error) {
    if (!(error instanceof Error && error.name === "HaproxyFailure")) throw error;
    context.complain(`portico: ${error.message}`);
  }
}

// Runs tests again whenever a file changes, until Ctrl-C.
import { type FSWatcher, watch } from "node:fs";
import { CLEAR_SCREEN, type CommandContext } from "./command.ts";

/** Runs the tests, and again after every change of a file in the folders whose name `counts`, until Ctrl-C. */
export async function watchAndTest(
  context: CommandContext,
  folders: readonly string[],
  counts: RegExp,
  run: () => Promise<unknown>,
): Promise<number> {
  let next = Promise.withResolvers<void>();
  const watchers: FSWatcher[] = [];
  const close = () => {
    for (const watcher of watchers) watcher.close();
  };
  for (const folder of folders) {
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && counts.test(name)) next.resolve();
    });
    watcher.on("error", (error) => next.reject(error));
    watchers.push(watcher);
  }
  const forget = context.onInterrupt(async () => close());
  try {
    for (;;) {
      next = Promise.withResolvers<void>();
      // It may resolve during a run; it is then handled after it.
      next.promise.catch(() => undefined);
      await runOrReport(context, run);
      context.log(`\nwatching ${folders.join(" and ")}; Ctrl-C to end`);
      await next.promise;
      if (context.terminal.out) context.print(CLEAR_SCREEN);
    }
  } finally {
    forget();
    close();
  }
}

/** A HAProxy that does not start, or that exits, does not end the watch: the next change may fix it. */
async function runOrReport(context: CommandContext, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Error && error.name === "HaproxyFailure")) throw error;
    context.log(`portico: ${error.message}`);
  }
}

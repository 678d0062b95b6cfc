// Starts the worker for a portico.config.ts, and terminates it when it takes too long.
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { ConfigReport, ConfigTask, ThrownError } from "./report.ts";

/** The result of a configuration: its report, or why there is none. */
export type ConfigRun =
  | ConfigReport
  | { readonly kind: "timeout"; readonly timeLimitMs: number }
  | { readonly kind: "exit"; readonly status: number }
  | { readonly kind: "thrown"; readonly during: "later"; readonly error: ThrownError };

/** Runs the file. The worker has exited when this resolves, even if the file left something running. */
export async function runConfig(path: string, timeLimitMs: number): Promise<ConfigRun> {
  // In a package the sources are compiled; in both cases the worker and the library are of the same kind as this file.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const task: ConfigTask = {
    configUrl: pathToFileURL(path).href,
    libraryUrl: new URL(`../../index.${ending}`, import.meta.url).href,
  };
  const worker = new Worker(fileURLToPath(new URL(`./worker.${ending}`, import.meta.url)), {
    workerData: task,
    // Node's warnings about type stripping and package types do not help the user.
    execArgv: ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
    resourceLimits: { maxOldGenerationSizeMb: 2048 },
  });
  try {
    return await outcomeOf(worker, timeLimitMs);
  } finally {
    await worker.terminate();
  }
}

function outcomeOf(worker: Worker, timeLimitMs: number): Promise<ConfigRun> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ kind: "timeout", timeLimitMs }), timeLimitMs);
    const settle = (run: ConfigRun): void => {
      clearTimeout(timer);
      resolve(run);
    };
    worker.once("message", (report: ConfigReport) => settle(report));
    worker.once("error", (error: NodeJS.ErrnoException) =>
      settle({
        kind: "thrown",
        during: "later",
        error: { name: error.name, message: error.message, code: error.code, stack: String(error.stack) },
      }),
    );
    worker.once("exit", (status) => settle({ kind: "exit", status }));
  });
}

// Runs one portico.config.ts in a separate thread and reports the edge that it exports. Its output goes to stderr.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { nameOf, plainData } from "./plain-data.ts";
import type { ConfigReport, ConfigTask, ThrownError } from "./report.ts";

const task = workerData as ConfigTask;

// stdout is for the command's own result (`--json`).
process.stdout.write = process.stderr.write.bind(process.stderr);

registerHooks({
  resolve(specifier, context, next) {
    // So that `npx portico` works in a folder without node_modules, and a checkout uses its own sources.
    if (specifier === "portico") return { url: task.libraryUrl, shortCircuit: true };
    const resolved = next(specifier, context);
    // A configuration is an ES module, also in a folder whose package.json has no `type`, or `commonjs`.
    return isUsersTypeScript(resolved.url) ? { ...resolved, format: "module-typescript" } : resolved;
  },
});

// The event loop is empty without a report: the configuration awaits a promise that never settles. (No await at this
// level, because Node would warn about it with this file's name.)
process.once("beforeExit", () => send({ kind: "unsettled" }));
void report().then(send);

/** Sent after all output has arrived at the other thread, which terminates this one at the report. */
function send(made: ConfigReport): void {
  process.stderr.write("", () => parentPort?.postMessage(made));
}

async function report(): Promise<ConfigReport> {
  let exported: Record<string, unknown>;
  try {
    exported = await import(task.configUrl);
  } catch (error) {
    return { kind: "thrown", during: "import", error: thrown(error) };
  }
  try {
    const given = exported.default;
    const edge: unknown = typeof given === "function" && !isClass(given) ? await given() : await given;
    if (typeof edge !== "object" || edge === null || Array.isArray(edge)) {
      return { kind: "export", got: isClass(edge) ? "a class" : nameOf(edge), names: Object.keys(exported) };
    }
    const plain = plainData(edge);
    return "data" in plain
      ? { kind: "edge", edge: plain.data }
      : { kind: "not-data", notData: plain.notData };
  } catch (error) {
    return { kind: "thrown", during: "call", error: thrown(error) };
  }
}

function isUsersTypeScript(url: string): boolean {
  return /^file:.*\.m?ts$/.test(url) && !url.includes("/node_modules/");
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

function thrown(reason: unknown): ThrownError {
  if (!(reason instanceof Error)) return { name: "", message: nameOf(reason), code: undefined, stack: "" };
  const { code } = reason as NodeJS.ErrnoException;
  return {
    name: String(reason.name),
    message: String(reason.message),
    code: typeof code === "string" ? code : undefined,
    stack: reason instanceof SyntaxError ? syntaxStack(reason) : String(reason.stack),
  };
}

/** Node reports no place for a syntax error in plain JavaScript; its TypeScript parser, which reads JavaScript too, does. */
function syntaxStack(error: SyntaxError): string {
  const stack = String(error.stack);
  if (!stack.startsWith("SyntaxError")) return stack;
  const path = fileURLToPath(task.configUrl);
  try {
    stripTypeScriptTypes(readFileSync(path, "utf8"));
    return stack;
  } catch (found) {
    // It begins with `:line`, because the parser does not know the name of the file.
    return `${path}${String((found as Error).stack)}`;
  }
}

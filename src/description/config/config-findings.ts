// Findings about a portico.config.ts that exports no edge.
import type { FindingCode } from "../../findings/codes.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import { pathText } from "../validation/words.ts";
import type { ConfigPlaces } from "./config-places.ts";
import { placesOf } from "./error-place.ts";
import type { ThrownError } from "./report.ts";
import type { ConfigRun } from "./run-config.ts";

interface Config {
  readonly path: string;
  readonly name: string;
  readonly places: ConfigPlaces;
}

/** The finding for every run that exported no edge. */
export function findingOfRun(run: Exclude<ConfigRun, { kind: "edge" }>, config: Config): Finding {
  const { name } = config;
  const atExport = present(config.places.defaultExport());
  switch (run.kind) {
    case "timeout":
      return make(
        "config-timeout",
        `${name} exports no edge within ${run.timeLimitMs / 1000} s`,
        "Portico stopped it: the file contains an endless loop or an operation that does not return.",
        "End the loop, or set a time limit for the operation.",
        atExport,
      );
    case "unsettled":
      return make(
        "config-timeout",
        `${name} waits for a promise that never settles`,
        "Node ended the file at an `await`, because no operation can settle the promise.",
        "Settle the promise, or remove the `await`.",
        present(config.places.find("await ")) ?? atExport,
      );
    case "exit":
      return make(
        "config-exits",
        `${name} exits with status ${run.status} before it exports an edge`,
        "The file calls `process.exit`.",
        "Export the edge, or throw an error if there is none.",
        present(config.places.find("process.exit")) ?? atExport,
      );
    case "export":
      return wrongExport(run, name, atExport);
    case "not-data": {
      const where = pathText(run.notData.path);
      const at = present(config.places.positionOf(run.notData.path, { key: true })) ?? atExport;
      return make(
        "config-not-plain-data",
        `${where === "" ? "the edge" : `\`${where}\``} is ${run.notData.what}`,
        "An edge is plain data: text, numbers, true, false, null, lists and maps.",
        "Export the plain value instead.",
        at,
      );
    }
    case "thrown":
      return thrownFinding(run.error, config, atExport);
  }
}

function wrongExport(
  run: Extract<ConfigRun, { kind: "export" }>,
  name: string,
  at: readonly Position[] | undefined,
): Finding {
  const why = "The default export must be the edge, or a function that returns it or a promise of it.";
  const remedy = "Write `export default defineEdge({ … })`.";
  if (run.names.includes("default"))
    return make(
      "config-export-missing",
      `the default export of ${name} is ${run.got}, not an edge`,
      why,
      remedy,
      at,
    );
  const others =
    run.names.length === 0 ? "nothing" : run.names.map((exported) => `\`${exported}\``).join(", ");
  return make(
    "config-export-missing",
    `${name} has no default export; it exports ${others}`,
    why,
    remedy,
    at,
  );
}

function thrownFinding(
  error: ThrownError,
  config: Config,
  atExport: readonly Position[] | undefined,
): Finding {
  const places = placesOf(error, config);
  const at =
    places.length > 0
      ? places
      : ((error.name === "" ? present(config.places.find("throw ")) : undefined) ?? atExport);
  const message = error.message.split("\n")[0] ?? "";
  if (error.code === "ERR_WORKER_OUT_OF_MEMORY")
    return make(
      "config-timeout",
      `${config.name} exceeds its memory limit before it exports an edge`,
      "Portico stopped it at 2 GB.",
      "Look for an endless loop.",
      atExport,
    );
  if (error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return make(
      "config-syntax",
      lower(message),
      "Node runs TypeScript by removing the types, and cannot run syntax that needs code generation.",
      "Write JavaScript with types, without enums, namespaces and parameter properties.",
      at,
    );
  }
  if (
    error.code === "ERR_MODULE_NOT_FOUND" ||
    error.code === "ERR_UNSUPPORTED_DIR_IMPORT" ||
    / does not provide an export named /.test(message)
  )
    return importFinding(error, message, at);
  if (
    error.name === "SyntaxError" &&
    (places.length === 0 || /^(?:file:|\/|[A-Za-z]:\\)/.test(error.stack))
  ) {
    return make(
      "config-syntax",
      `${config.name} does not compile: ${lower(message)}`,
      "A file with a syntax error does not run.",
      "Correct the line.",
      at,
    );
  }
  const what =
    error.name === ""
      ? `${config.name} throws ${message}`
      : `${config.name} throws ${error.name}: ${message}`;
  return make(
    "config-throws",
    what,
    "The file exports no edge.",
    "Correct the line that throws, or the arguments passed to it.",
    at,
  );
}

function importFinding(error: ThrownError, message: string, at: readonly Position[] | undefined): Finding {
  const [, wanted = ""] = /^Cannot find (?:module|package) '([^']+)'/.exec(message) ?? [];
  const isFile = wanted.startsWith("/") || wanted.startsWith("file:");
  const isFound = error.code !== "ERR_MODULE_NOT_FOUND";
  const missing = isFile ? "the imported file does not exist" : `the package ${wanted} is not installed`;
  const add = isFile
    ? "Write the file's name with its ending, as in ./routes.ts."
    : `Run npm install ${wanted}.`;
  const what = isFound ? lower(message) : missing;
  const remedy = isFound ? "Check what that module exports." : add;
  return make("config-import-unresolved", what, "The import fails, so the file exports no edge.", remedy, at);
}

function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) && !text.startsWith("TypeScript")
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

function present(position: Position | undefined): readonly Position[] | undefined {
  return position === undefined ? undefined : [position];
}

function make(
  code: FindingCode,
  what: string,
  why: string,
  remedy: string,
  at: readonly Position[] | undefined,
): Finding {
  return { code, severity: "error", what, why, remedy, at: at ?? [] };
}

// Where in the user's files an error arose, read from its stack. Frames of Node and of Portico are ignored.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Position } from "../../findings/finding.ts";
import type { ThrownError } from "./report.ts";

/** A file of the user's, from 1. */
interface Spot {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** The places of an error, nearest first, in files below no node_modules; empty if the stack names none. */
export function placesOf(
  error: ThrownError,
  config: { readonly path: string; readonly name: string },
): Position[] {
  const own = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const spots = [...headSpots(error), ...frameSpots(error.stack)].filter(
    ({ path }) => !path.includes("/node_modules/") && !(path.startsWith(`${own}/`) && path !== config.path),
  );
  const all = spots.length > 0 ? spots : missingModuleSpots(error);
  return distinct(all)
    .slice(0, 3)
    .map(({ path, ...spot }, index) => ({
      file:
        path === config.path ? config.name : join(dirname(config.name), relative(dirname(config.path), path)),
      ...spot,
      ...(index === 0 ? {} : { note: "called from here" }),
    }));
}

/** An infinite recursion repeats one place. */
function distinct(spots: readonly Spot[]): Spot[] {
  return [...new Map(spots.map((spot) => [`${spot.path}:${spot.line}:${spot.column}`, spot])).values()];
}

/** The text that Node puts before a stack: `file:line`, the line, carets under it. */
function headSpots(error: ThrownError): Spot[] {
  const [, file = "", line = "0", text = ""] =
    /^((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*):(\d+)\n([\s\S]*)$/.exec(error.stack) ?? [];
  if (file === "") return [];
  const carets = text.split("\n").find((below) => /^\s*\^+\s*$/.test(below));
  const column = carets === undefined ? 1 : carets.indexOf("^") + 1;
  return [
    {
      path: pathOf(file),
      line: Number(line),
      column,
      ...(carets === undefined ? {} : { length: carets.trim().length }),
    },
  ];
}

function frameSpots(stack: string): Spot[] {
  return [
    ...stack.matchAll(/^ {4}at (?:.* \(|async )?((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]+):(\d+):(\d+)\)?$/gm),
  ].map(([, file = "", line, column]) => ({
    path: pathOf(file),
    line: Number(line),
    column: Number(column),
  }));
}

/** `Cannot find module '…/routes' imported from …/portico.config.ts`: where that file names it. */
function missingModuleSpots(error: ThrownError): Spot[] {
  const [, wanted = "", importer = ""] = /'([^']+)' imported from (.+)$/m.exec(error.message) ?? [];
  if (importer === "") return [];
  const path = pathOf(importer);
  const specifiers =
    wanted.startsWith("/") || wanted.startsWith("file:")
      ? [relative(dirname(path), pathOf(wanted))]
      : [wanted];
  const lines = textOf(path).split("\n");
  for (const specifier of specifiers) {
    const index = lines.findIndex((text) => text.includes(specifier));
    if (index !== -1)
      return [
        {
          path,
          line: index + 1,
          column: (lines[index] ?? "").indexOf(specifier) + 1,
          length: specifier.length,
        },
      ];
  }
  return [{ path, line: 1, column: 1 }];
}

function pathOf(file: string): string {
  const bare = file.replace(/\?.*$/, "");
  return bare.startsWith("file:") ? fileURLToPath(bare) : bare;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // An unreadable file has no place to point at.
    return "";
  }
}

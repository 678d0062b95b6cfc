// Which kind of input a command was given: a description, or a HAProxy configuration without other layers.
import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Finding } from "../findings/finding.ts";
import { SECTION_KINDS } from "../source/haproxy-sections.ts";
import { MAX_FILE_BYTES } from "../source/limits.ts";
import { looksLikeHaproxy } from "../wiring/join/config-paths.ts";
import type { CommandContext, Given } from "./command.ts";

export type Input =
  /** Also what does not exist, and folders: the reader of descriptions reports what is wrong with them. */
  | { readonly kind: "description" }
  | { readonly kind: "haproxy"; readonly file: string }
  | { readonly kind: "neither"; readonly finding: Finding };

const DESCRIPTION: Input = { kind: "description" };

/**
 * By content, except where the name decides: YAML, JSON, TypeScript and JavaScript hold descriptions. Pipes are descriptions,
 * because they can be read only once.
 */
export function inputOf(cwd: string, named: string | undefined): Input {
  if (named === undefined || named.includes("\0")) return DESCRIPTION;
  if (/\.(?:ya?ml|json|[cm]?[jt]s)$/i.test(named)) return DESCRIPTION;
  const path = resolve(cwd, named);
  const text = textOf(path);
  if (text === undefined) return DESCRIPTION;
  const isHaproxy =
    looksLikeHaproxy(text) && (/haproxy|\.cfg\b/i.test(basename(named)) || beginsSection(text));
  if (isHaproxy) return { kind: "haproxy", file: named };
  if (isConfigName(named)) return neither(notConfiguration(named, text));
  return mayBeDescription(text) && !/\.(?:md|markdown|rst|adoc|html?)$/i.test(named)
    ? DESCRIPTION
    : neither(`${named} is neither a description nor a HAProxy configuration`);
}

/** The folder of `--layers`, or a haproxy.cfg in place of a description; undefined: a description. */
export function layersGiven({ cwd }: Pick<CommandContext, "cwd">, given: Given): string | undefined {
  const layers = given.text("layers");
  if (layers !== undefined) return layers;
  const input = inputOf(cwd, given.text("description"));
  return input.kind === "haproxy" ? input.file : undefined;
}

/** For commands that need a description. */
export function notDescription(file: string): Finding {
  return {
    code: "not-a-description",
    severity: "error",
    what: `${file} is a HAProxy configuration, not a description`,
    why: "This command renders an edge from its description.",
    remedy:
      "Name a description. `portico check`, `test`, `explain` and `diff` read a HAProxy configuration directly.",
    at: [],
  };
}

/** The named folder, or the folder of the named file. */
export function folderOf({ cwd }: Pick<CommandContext, "cwd">, named = "."): string {
  const path = resolve(cwd, named);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);
}

/** The beginning of a regular file; undefined: there is none, or it cannot be read. */
function textOf(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    const stats: Stats = statSync(path);
    if (!stats.isFile()) return undefined;
    descriptor = openSync(path, "r");
    const bytes = Buffer.alloc(Math.min(stats.size, MAX_FILE_BYTES));
    return bytes.toString("utf8", 0, readSync(descriptor, bytes));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Not a text that shows a configuration, such as a README: the first word of a configuration begins a section. */
function beginsSection(text: string): boolean {
  const [, first = ""] = /^[ \t]*([^\s#]\S*)/m.exec(text.replace(/^\uFEFF/, "")) ?? [];
  return SECTION_KINDS.has(first) || first.startsWith(".");
}

function isConfigName(named: string): boolean {
  return /\.cfg$/i.test(named) || /^haproxy.*\.conf$/i.test(basename(named));
}

function notConfiguration(named: string, text: string): string {
  if (text.includes("\0")) return `${named} is not text`;
  if (!/^\s*[^\s#]/m.test(text)) return `${named} is empty`;
  return `${named} has no section of a HAProxy configuration`;
}

/** Also what the reader of descriptions explains better: nothing in it, or no text. */
function mayBeDescription(text: string): boolean {
  return /(?:^|[{,])\s*["']?edge["']?\s*:/m.test(text) || !/^\s*[^\s#]/m.test(text) || text.includes("\0");
}

function neither(what: string): Input {
  return {
    kind: "neither",
    finding: {
      code: "not-a-description",
      severity: "error",
      what,
      why: "A description is YAML with the key `edge`, or TypeScript. A HAProxy configuration has a section such as `global`, `defaults`, `frontend` or `listen`.",
      remedy:
        "Name a description or a HAProxy configuration, or write `--layers DIR` for a folder of layers.",
      at: [],
    },
  };
}

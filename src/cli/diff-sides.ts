// The two sides of a diff: descriptions or folders of layers, in the working tree or at a git revision.
import { existsSync, statSync } from "node:fs";
import { posix, resolve } from "node:path";
import { findDescriptionFile } from "../description/source/find-file.ts";
import type { Plan } from "../plan/plan.ts";
import type { Wiring } from "../wiring/wiring.ts";
import type { CommandContext, Given } from "./command.ts";
import { showFailure } from "./findings-output.ts";
import { checkOut, isRevision } from "./git-revision.ts";
import { logTemplates } from "./layers-to-test.ts";
import { tryPlan } from "./planned.ts";
import { RECORD } from "./write-files.ts";

export type DiffSide = {
  /** `main`, `portico.yaml`, `layers/`: as the user wrote it. */
  readonly name: string;
  /** A file of the side as the user would write it: `main:layers/haproxy.cfg`. */
  readonly nameOf: (file: string) => string;
} & (
  | { readonly kind: "description"; readonly plan: Plan }
  /** `single`: one haproxy.cfg, with the files that it names. */
  | { readonly kind: "layers"; readonly single: boolean; readonly wiring: Wiring }
);

export interface DiffSides {
  readonly before: DiffSide;
  readonly after: DiffSide;
}

interface Named {
  readonly revision: string | null;
  /** undefined: the description of the working directory. */
  readonly path: string | undefined;
}

/** A side that cannot be loaded: reported already, or to be reported with `usage`. */
export interface SidesMissing {
  readonly usage: string | null;
}

/** `close` removes temporary checkouts. Rejects with RevisionRefused, and leaves nothing behind then. */
export async function loadSides(
  context: CommandContext,
  given: Given,
  a: string,
  b: string | undefined,
): Promise<{ readonly sides: DiffSides | SidesMissing; readonly close: () => void }> {
  const closers: (() => void)[] = [];
  const close = () => {
    for (const one of closers) one();
  };
  const named = await nameSides(context, a, b);
  if ("usage" in named) return { sides: named, close };
  const sides: DiffSide[] = [];
  try {
    for (const one of [named.before, named.after]) {
      const side = await loadSide(context, given, one, closers);
      if (side === undefined) return { sides: { usage: null }, close };
      sides.push(side);
    }
  } catch (error) {
    close();
    throw error;
  }
  const [before, after] = sides;
  if (before === undefined || after === undefined) throw new Error("two sides were loaded");
  return { sides: { before, after }, close };
}

async function nameSides(
  context: CommandContext,
  a: string,
  b: string | undefined,
): Promise<{ readonly before: Named; readonly after: Named } | SidesMissing> {
  const here = (name: string) => existsSync(resolve(context.cwd, name));
  if (here(a)) {
    if (b === undefined)
      return {
        usage: `${a} needs a second side. Write \`portico diff ${a} OTHER\`, or name a git revision.`,
      };
    const after = here(b) ? undefined : await atRevision(context, b);
    return { before: { revision: null, path: a }, after: after ?? { revision: null, path: b } };
  }
  const before = await atRevision(context, a);
  if (before !== undefined) {
    if (b === undefined) return { before, after: { revision: null, path: before.path } };
    return { before, after: (await atRevision(context, b)) ?? { revision: null, path: b } };
  }
  if (!(await isRevision(context.cwd, a)))
    return { usage: `${a} is neither a file or folder nor a git revision.` };
  if (b === undefined || here(b))
    return { before: { revision: a, path: b }, after: { revision: null, path: b } };
  if (!(await isRevision(context.cwd, b)))
    return { usage: `${b} is neither a file or folder nor a git revision.` };
  return { before: { revision: a, path: undefined }, after: { revision: b, path: undefined } };
}

/** `main:deploy/haproxy.cfg`, as git writes it, but from the working directory. */
async function atRevision({ cwd }: CommandContext, name: string): Promise<Named | undefined> {
  const [, revision = "", path = ""] = /^([^:]+):(.+)$/.exec(name) ?? [];
  return path !== "" && (await isRevision(cwd, revision)) ? { revision, path } : undefined;
}

async function loadSide(
  context: CommandContext,
  given: Given,
  { revision, path }: Named,
  closers: (() => void)[],
): Promise<DiffSide | undefined> {
  let cwd = context.cwd;
  if (revision !== null) {
    const checkout = await checkOut(context.cwd, revision);
    closers.push(checkout.remove);
    cwd = checkout.cwd;
  }
  const prefix = revision === null ? "" : `${revision}:`;
  const { inputOf } = await import("./input.ts");
  const input = inputOf(cwd, path);
  if (path !== undefined && (input.kind === "haproxy" || isLayers(cwd, path)))
    return layersSide(context, {
      cwd,
      path,
      prefix,
      name: revision ?? path,
      single: input.kind === "haproxy",
    });
  const { value, findings, sources } = await tryPlan({ ...context, cwd }, path);
  if (value === undefined) {
    if (revision !== null) context.log(`at ${revision}:`);
    await showFailure(context, given, findings, sources);
    return undefined;
  }
  const nameOf = (file: string) => `${prefix}${file}`;
  return { kind: "description", name: revision ?? value.description.file, nameOf, plan: value.plan };
}

interface LayersNamed {
  readonly cwd: string;
  readonly path: string;
  readonly prefix: string;
  readonly name: string;
  readonly single: boolean;
}

/** Files are named from the folder, and a single configuration as any other: so that those of two sides can be compared. */
async function layersSide(
  context: CommandContext,
  { cwd, path, prefix, name, single }: LayersNamed,
): Promise<DiffSide | undefined> {
  const { readLayers } = await import("../wiring/read-layers.ts");
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const folder = single ? posix.dirname(path) : path.replace(/\/*$/, "/");
  const config = posix.normalize(path);
  const { files, leftOut } = await readLayers(path, { cwd });
  const own = files
    .map((file) => ({
      ...file,
      file: single && file.file === config ? CONFIG : withoutFolder(file.file, folder),
    }))
    .filter(({ file }) => file !== RECORD);
  const wiring = await readWiring(own, leftOut);
  const nameOf = (file: string): string =>
    `${prefix}${single && file === CONFIG ? path : posix.join(folder, file)}`;
  if (wiring.haproxies.length > 0) return { kind: "layers", single, name, nameOf, wiring };
  for (const { what, at } of leftOut) context.log(`portico diff: ${prefix}${at.file}: ${what}.`);
  await logTemplates(context, wiring.leftOut);
  context.log(`portico diff: ${prefix}${path} has no HAProxy configuration to test.`);
  return undefined;
}

/** The name of a single configuration in both sides. */
const CONFIG = "haproxy.cfg";

function withoutFolder(file: string, folder: string): string {
  const front = `${folder.replace(/\/*$/, "")}/`;
  return file.startsWith(front) ? file.slice(front.length) : file;
}

/** A folder without a description in it. */
function isLayers(cwd: string, path: string): boolean {
  const folder = resolve(cwd, path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return false;
  const { value, findings } = findDescriptionFile(path, cwd);
  return value === undefined && findings.every(({ code }) => code === "description-not-found");
}

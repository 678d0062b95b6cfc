// The files that a configuration makes HAProxy open at start, with their paths in the container.
import { posix } from "node:path";
import { directiveOf, type HaproxyLine } from "../../../wiring/haproxy/config.ts";
import type { FileReference, FileRole } from "../../../wiring/haproxy/files.ts";
import type { HaproxyLayer } from "../../../wiring/wiring.ts";

export interface OpenedFile {
  readonly reference: FileReference;
  readonly role: FileRole;
  /** An absolute path. */
  readonly path: string;
}

/** HAProxy exits if one of these is missing: tested with 2.6, 3.0, 3.2 and 3.4. */
const NEEDED: ReadonlySet<FileRole> = new Set([
  ...(["body", "ca", "certificate", "certificate-list", "crl", "data", "error-page", "filter"] as const),
  ...(["key", "keys", "lua", "map", "patterns"] as const),
]);

const BASES: Partial<Record<FileRole, string>> = {
  ca: "ca-base",
  crl: "ca-base",
  certificate: "crt-base",
  "certificate-list": "crt-base",
  key: "key-base",
};

/** Without files below `.if`, paths with variables, and relative paths that depend on HAProxy's working directory. */
export function openedFiles(layer: HaproxyLayer): readonly OpenedFile[] {
  const { config, wiring } = layer;
  const bases = basesOf(layer);
  return wiring.files.flatMap((reference) => {
    const { role, path, prefix, token } = reference;
    const line = config.lines[token.line - 1];
    if (line === undefined || line.conditional || !NEEDED.has(role) || prefix === "opt@") return [];
    if (/[$?%]/.test(path) || changesOnly(reference) || isEmptyPage(path)) return [];
    const base = bases.get(BASES[role] ?? "");
    const absolute = path.startsWith("/") || base === undefined ? path : posix.join(base, path);
    return absolute.startsWith("/") ? [{ reference, role, path: posix.normalize(absolute) }] : [];
  });
}

/** `set-map(FILE)` alone does not read the file. */
function changesOnly({ token, argument }: FileReference): boolean {
  return argument && /^(?:set|del|add)-(?:map|acl)\(/.test(token.value);
}

/** `errorfile 408 /dev/null` */
function isEmptyPage(path: string): boolean {
  return path === "/dev/null";
}

/** The base folders in the global section; a crt-store has its own bases, whose files are not followed. */
function basesOf({ config }: HaproxyLayer): ReadonlyMap<string, string> {
  const lines = config.sections.filter(({ kind }) => kind === "global").flatMap(({ lines }) => lines);
  const base = ({ tokens }: HaproxyLine): readonly (readonly [string, string])[] => {
    const [keyword, value] = tokens;
    return keyword && value && /^(?:ca|crt|key)-base$/.test(keyword.value)
      ? [[keyword.value, value.value]]
      : [];
  };
  return new Map(lines.filter((line) => !directiveOf(line).negated).flatMap(base));
}

// Whether the location of a redirect matches a glob for every request, for none, or for some.
import type { LocationPart } from "./program.ts";

/** `*`: any text without `/`; `**`: any text. */
type GlobPart = string | { readonly slashes: boolean };

export function globMatches(glob: string, location: readonly LocationPart[]): "yes" | "no" | "depends" {
  const wanted = globParts(glob);
  const parts = location.flatMap((part): readonly LocationPart[] =>
    typeof part === "string" ? part.split("") : [part],
  );
  if (matches(wanted, parts, "always")) return "yes";
  return matches(wanted, parts, "possibly") ? "depends" : "no";
}

function globParts(glob: string): readonly GlobPart[] {
  return (glob.match(/\*\*|./gs) ?? []).map((token) => {
    if (token === "**") return { slashes: true };
    return token === "*" ? { slashes: false } : token;
  });
}

/** Neither a host nor its port has a slash. */
function hasSlashes(part: Exclude<LocationPart, string>): boolean {
  return part.from !== "host" && part.from !== "host-port";
}

/**
 * `always`: whatever a part of the request is, a part of the glob takes it whole. `possibly`: a part of the request can be any text,
 * so it also takes parts of the glob.
 */
function matches(
  glob: readonly GlobPart[],
  parts: readonly LocationPart[],
  how: "always" | "possibly",
): boolean {
  const known = new Map<number, boolean>();
  const from = (at: number, next: number): boolean => {
    const key = at * (parts.length + 1) + next;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, false);
    const made = step(at, next);
    known.set(key, made);
    return made;
  };
  const step = (at: number, next: number): boolean => {
    const [wanted, part] = [glob[at], parts[next]];
    if (wanted === undefined && part === undefined) return true;
    if (typeof wanted === "object") {
      if (from(at + 1, next)) return true;
      if (part !== undefined && takes(wanted, part, how) && from(at, next + 1)) return true;
    }
    if (typeof part === "object" && how === "possibly") {
      if (from(at, next + 1)) return true;
      return wanted !== undefined && fills(part, wanted) && from(at + 1, next);
    }
    return typeof wanted === "string" && wanted === part && from(at + 1, next + 1);
  };
  return from(0, 0);
}

function takes(
  { slashes }: Exclude<GlobPart, string>,
  part: LocationPart,
  how: "always" | "possibly",
): boolean {
  if (typeof part === "string") return slashes || part !== "/";
  return slashes || how === "possibly" || !hasSlashes(part);
}

function fills(part: Exclude<LocationPart, string>, wanted: GlobPart): boolean {
  return wanted !== "/" || hasSlashes(part);
}

// A request-target as the edge reads it: the path in its normal form and the query as sent, or the reason for a 400.

export interface Target {
  readonly path: string;
  /** What follows the ?, or null when there is none. */
  readonly query: string | null;
}

/** The path by RFC 3986 section 6.2.2, in plain steps; the query byte for byte. `as-is` changes nothing. */
export function readTarget(raw: string, paths: "normal" | "as-is"): Target | { readonly problem: string } {
  if (/[^\x21-\x7e]/.test(raw)) return { problem: "a request-target is printable ASCII without spaces" };
  if (raw.includes("#")) return { problem: "a request-target must not have a fragment" };
  const { path, query } = split(raw);
  if (paths === "as-is") return { path, query };
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return { problem: "the path has a % without two hexadecimal digits" };
  if (path.includes("%00")) return { problem: "the path has an encoded NUL" };
  const decoded = path.replace(/%[0-9a-fA-F]{2}/g, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
  });
  return { path: path.startsWith("/") ? withoutDots(decoded.replace(/\/+/g, "/")) : decoded, query };
}

export function printTarget({ path, query }: Target): string {
  return query === null ? path : `${path}?${query}`;
}

function split(raw: string): Target {
  const at = raw.indexOf("?");
  return at === -1 ? { path: raw, query: null } : { path: raw.slice(0, at), query: raw.slice(at + 1) };
}

/** `/a/./b/../c` → `/a/c`; above the root there is nothing. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.slice(1).split("/");
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (last && (segment === "." || segment === "..")) kept.push("");
  }
  return `/${kept.join("/")}`;
}

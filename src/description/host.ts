// Host names in a description, normalised for comparison: lower case, ASCII, no port, no trailing dot.
import { isIP } from "node:net";
import { domainToASCII } from "node:url";

/** A site's host: a name, the names under a suffix (`*.example.com`), or any. */
export interface HostPattern {
  readonly kind: "exact" | "wildcard" | "any";
  /** For `exact` the name, for `wildcard` the suffix without `*.`, for `any` empty. */
  readonly name: string;
}

export type HostOutcome = { readonly host: HostPattern } | { readonly problem: string };

/**
 * Reads a host of a site. Case, a dot at the end and international names are normalised (RFC 5891 through the URL
 * standard's domain-to-ASCII); a port, a scheme, a path, a wildcard other than at the start are refused.
 */
export function parseHostPattern(text: string): HostOutcome {
  if (text === "*") return { host: { kind: "any", name: "" } };
  const wildcard = text.startsWith("*.");
  const parsed = parseHostName(wildcard ? text.slice(2) : text);
  if ("problem" in parsed) return parsed;
  if (wildcard && isIP(parsed.name) !== 0) return { problem: "a wildcard needs a host name, not an address" };
  return { host: { kind: wildcard ? "wildcard" : "exact", name: parsed.name } };
}

/**
 * An international name as it is sent (RFC 5891 through the URL standard's domain-to-ASCII), `xn--…`; any other text
 * unchanged. Empty if the name cannot be encoded.
 */
function asciiHost(host: string): string {
  if (/^[\x00-\x7f]*$/.test(host)) return host;
  // Node's domainToASCII reads its argument as a URL's host: it ends the name at `/`, `?`, `#` and `\`, drops tabs and line
  // breaks, and turns names that end in a number into an IPv4 address. None of these is an international name.
  if (NOT_IN_A_NAME.test(host)) return "";
  const ascii = domainToASCII(host);
  return isIP(ascii) === 0 ? ascii : "";
}

/** ASCII that is no letter, digit, `-`, `_`, `.` or `*`. */
const NOT_IN_A_NAME = /[\x00-)+,/:-@[-^`{-\x7f]/;

/** Whether the host before the port can be encoded, if it is international. */
export function canBeSent(authority: string): boolean {
  return asciiHost(hostOf(authority)) !== "";
}

function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, "");
}

/** The same for the host before a port, if there is one. */
export function asciiAuthority(authority: string): string {
  const host = hostOf(authority);
  return `${asciiHost(host) || host}${authority.slice(host.length)}`;
}

/** The same for the host of an absolute URL; the rest is unchanged byte for byte. */
export function withAsciiHost(url: string): string {
  const [whole, front = "", authority = ""] = /^(https?:\/\/)([^/?#]*)/i.exec(url) ?? [];
  return whole === undefined ? url : `${front}${asciiAuthority(authority)}${url.slice(whole.length)}`;
}

/** A URL or a path as it is sent in a header: the host by `withAsciiHost`, the rest percent-encoded as UTF-8, as browsers do. */
export function asciiUrl(url: string): string {
  return withAsciiHost(url).replace(/[^\x21-\x7e]+/g, (characters) =>
    characters.isWellFormed() ? encodeURIComponent(characters) : "",
  );
}

/** A name or a wildcard that the schema has accepted, as it is compared. */
export function normalHost(text: string): string {
  const outcome = parseHostPattern(text);
  if ("problem" in outcome) return text;
  return outcome.host.kind === "wildcard" ? `*.${outcome.host.name}` : outcome.host.name;
}

/** Reads one host name or address, without wildcard. */
export function parseHostName(text: string): { readonly name: string } | { readonly problem: string } {
  if (text.includes("://")) return { problem: "a host has no scheme; write the name alone" };
  if (text.includes("*"))
    return { problem: "a wildcard must be the whole first label, as in *.example.com (RFC 6125, 6.4.3)" };
  if (text.startsWith("["))
    return { problem: "IPv6 addresses are not supported as hosts; write a host name" };
  const port = /:(\d*)$/.exec(text);
  if (port !== null) return { problem: "a host has no port: HAProxy compares host names without it" };
  const written = text.replace(/\.$/, "").toLowerCase();
  const name = asciiHost(written);
  if (name === "")
    return {
      problem:
        written === ""
          ? "the host name is empty"
          : `${JSON.stringify(written)} is not an international host name (RFC 5891)`,
    };
  if (isIP(name) === 4) return { name };
  if (name.length > 253)
    return { problem: `${name.length} characters; a host name has at most 253 (RFC 1035, 2.3.4)` };
  for (const label of name.split(".")) {
    if (label === "") return { problem: "two dots in a row, or a leading dot" };
    if (label.length > 63)
      return { problem: `the label ${label.slice(0, 20)}… is longer than 63 characters (RFC 1035, 2.3.4)` };
    if (!/^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?$/.test(label))
      return {
        problem: `the label ${JSON.stringify(label)} is invalid: labels contain letters, digits, - and _, and do not start or end with - (RFC 1123, 2.1)`,
      };
  }
  return { name };
}

// Paths in a description, in the normal form that HAProxy's normalize-uri produces for a request's path.

const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** RFC 3986 section 3.3: pchar and the slash. */
const PATH_CHARACTER = /[A-Za-z0-9\-._~!$&'()*+,;=:@/]/;

export type PathOutcome = { readonly path: string } | { readonly problem: string };

/**
 * A path in the form that requests are compared in. With `as-is` that is the text itself; with `normal` percent-encodings in upper case and only where needed (RFC 3986, 6.2.2), other characters
 * encoded as UTF-8 as a browser does. A path that would never match a normalised request is refused.
 */
export function parsePath(text: string, paths: "normal" | "as-is" = "normal"): PathOutcome {
  if (!text.startsWith("/")) return { problem: "a path starts with /" };
  if (text.includes("?")) return { problem: "a path has no query; match it with `query`" };
  if (text.includes("#")) return { problem: "a fragment never reaches a server" };
  if (Buffer.byteLength(text) > 2048) return { problem: "longer than 2048 bytes" };
  if (paths === "as-is")
    return /^[\x21-\x7e]+$/.test(text)
      ? { path: text }
      : { problem: "the path of a request is printable ASCII without spaces; write it percent-encoded" };
  if (/%(?![0-9a-fA-F]{2})/.test(text))
    return { problem: "% starts an encoded byte, as in %20; write %25 for the character itself" };
  if (/%00/.test(text)) return { problem: "HAProxy refuses %00 in every request" };
  if (/\/\/|\/\.{1,2}(\/|$)/.test(text))
    return {
      problem: "no request matches //, /./ or /../: HAProxy routes by the normal form of the path",
    };
  const twoSpellings = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/% \u0080-\u{10ffff}]/u.exec(text);
  if (twoSpellings !== null)
    return {
      problem: `${JSON.stringify(twoSpellings[0])} has several spellings in requests; write it percent-encoded`,
    };
  if (!text.isWellFormed()) return { problem: "it contains half a character (a lone surrogate)" };
  const path = [...text]
    .map(encodeCharacter)
    .join("")
    .replace(/%[0-9a-fA-F]{2}/g, normaliseEncoding);
  if (/\/\.{1,2}(\/|$)/.test(path))
    return {
      problem: "no request matches an encoded /./ or /../: HAProxy routes by the normal form of the path",
    };
  return { path };
}

function encodeCharacter(character: string): string {
  return character === "%" || PATH_CHARACTER.test(character) ? character : encodeURIComponent(character);
}

function normaliseEncoding(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}

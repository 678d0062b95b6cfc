// A description's regular expression as PCRE2 must read it, which compiles it in HAProxy.

/** NUL as the only line end, which no request has: then . is any byte and $ the very end (pcre2pattern, "Newline conventions"). */
export const NO_LINES = "(*NUL)";

/** Syntax that PCRE2 and JavaScript interpret differently: \v is one character, [] and [^] are none and any, [ within [ ] begins nothing. */
export function asPcre(regex: string): string {
  return regex.replace(/\\.|\[\^?(?:\\.|[^\]\\])*\]/g, (token) => {
    if (token === "[]") return "(?!)";
    if (token === "[^]") return "[\\x00-\\xff]";
    const inner = token.slice(1).replace(/\\.|\[/g, (part) => (part === "[" ? "\\[" : verticalTab(part)));
    return token.startsWith("[") ? `[${inner}` : verticalTab(token);
  });
}

function verticalTab(token: string): string {
  return token === "\\v" ? "\\x0b" : token;
}

// Regular expressions of a description, with the semantics of the emitted PCRE2 ones.

const known = new Map<string, RegExp>();

/**
 * Texts are bytes (latin1), and NUL is the only line end: otherwise . is any byte, and $ the very end. White space is
 * ASCII only; JavaScript would add U+00A0, a part of many characters in UTF-8.
 */
export function patternOf(source: string): RegExp {
  const made = known.get(source) ?? new RegExp(inJavaScript(source), "u");
  known.set(source, made);
  return made;
}

function inJavaScript(source: string): string {
  let inClass = false;
  return source.replace(/\\.|[[\].$]/g, (token) => {
    if (token === "[" || token === "]") inClass = token === "[";
    if (inClass) return IN_CLASS[token] ?? token;
    return OUTSIDE[token] ?? token;
  });
}

const IN_CLASS: Readonly<Record<string, string>> = {
  "\\s": "\\t-\\r ",
  "\\S": "\\0-\\x08\\x0e-\\x1f!-\\xff",
};
const OUTSIDE: Readonly<Record<string, string>> = {
  "\\s": "[\\t-\\r ]",
  "\\S": "[^\\t-\\r ]",
  ".": "[^\\0]",
  $: "(?=\\0?$)",
};

// A regular expression as a tree, with the detail needed to tell how often it can match the same text.

export type RegexNode =
  /** One character of a set, as written: `a`, `\d`, `[^/]`, `.`. */
  | { readonly kind: "character"; readonly source: string }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  /** Without end: `most` is infinite. */
  | { readonly kind: "repeat"; readonly of: RegexNode; readonly least: number; readonly most: number }
  /** `(?=…)` and `(?!…)`. */
  | { readonly kind: "look"; readonly of: RegexNode }
  /** `^`, `$`, `\b`, `\B`. */
  | { readonly kind: "place" };

/** Reads a regular expression that JavaScript compiles with the flag u, without look-behind, reference or named group. */
export function parseRegex(source: string): RegexNode {
  const tokens = source.match(TOKEN) ?? [];
  let at = 0;

  function choice(): RegexNode {
    const options = [sequence()];
    while (tokens[at] === "|") {
      at += 1;
      options.push(sequence());
    }
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: "choice", options };
  }

  function sequence(): RegexNode {
    const parts: RegexNode[] = [];
    for (let token = tokens[at]; token !== undefined && token !== "|" && token !== ")"; token = tokens[at]) {
      at += 1;
      parts.push(repeated(atom(token)));
    }
    return { kind: "sequence", parts };
  }

  function atom(token: string): RegexNode {
    if (token.startsWith("(")) {
      const of = choice();
      at += 1;
      return token === "(?=" || token === "(?!" ? { kind: "look", of } : of;
    }
    return /^(?:\^|\$|\\[bB])$/.test(token) ? { kind: "place" } : { kind: "character", source: token };
  }

  function repeated(of: RegexNode): RegexNode {
    const counts = countsOf(tokens[at]);
    if (counts === undefined) return of;
    at += 1;
    return { kind: "repeat", of, ...counts };
  }

  return choice();
}

const TOKEN = /\\x[0-9a-fA-F]{2}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?[:=!]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[\s\S]/g;

function countsOf(token: string | undefined): { readonly least: number; readonly most: number } | undefined {
  const [, sign = "", low, comma, high] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??$/.exec(token ?? "") ?? [];
  if (sign !== "") return { least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
  if (low === undefined) return undefined;
  const least = Number(low);
  if (comma === "") return { least, most: least };
  return { least, most: high === "" ? Number.POSITIVE_INFINITY : Number(high) };
}

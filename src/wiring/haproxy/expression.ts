// Sample expressions, `path,lower,map_str(/etc/x.map,default)`, alone or inside a log-format string as `%[…]`.

/** One argument of a function, after the second level of quoting (manual section 2.2). */
export interface ExpressionArgument {
  readonly value: string;
  /** The argument with its quotes, in the text that was read. */
  readonly start: number;
  readonly end: number;
}

/** A fetch, a converter, or an action such as `set-map(file)`. */
export interface ExpressionCall {
  readonly name: string;
  readonly arguments: readonly ExpressionArgument[];
}

export interface Expression {
  /** The fetch, then the converters. */
  readonly calls: readonly ExpressionCall[];
  /** One past the last character that belongs to it. */
  readonly end: number;
}

/** Undefined where there is no fetch at `start`, or its parentheses do not close. */
export function readExpression(text: string, start = 0): Expression | undefined {
  const calls: ExpressionCall[] = [];
  let at = start;
  for (;;) {
    namePattern.lastIndex = at;
    const name = namePattern.exec(text)?.[0];
    if (name === undefined) break;
    at += name.length;
    if (text[at] === "(") {
      const list = readArguments(text, at + 1);
      if (!list) return undefined;
      calls.push({ name, arguments: list.arguments });
      at = list.end;
    } else {
      calls.push({ name, arguments: [] });
    }
    if (text[at] !== ",") break;
    at += 1;
  }
  return calls.length > 0 ? { calls, end: at } : undefined;
}

/** Every `%[…]` of a log-format string, also `%{+Q}[…]` and `%(name)[…]`. `%%` is a percent sign. */
export function readFormat(text: string): readonly Expression[] {
  const found: Expression[] = [];
  const opening = /%(?:%|(?:\([^)]*\))?(?:\{[^}]*\})?\[)/g;
  for (let hit = opening.exec(text); hit; hit = opening.exec(text)) {
    if (hit[0] === "%%") continue;
    const expression = readExpression(text, opening.lastIndex);
    if (!expression) continue;
    found.push(expression);
    opening.lastIndex = expression.end;
  }
  return found;
}

/** Quotes an argument so that HAProxy reads it unchanged. */
export function quoteArgument(value: string): string {
  if (!/[,()'"\\\s]/.test(value)) return value;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

const namePattern = /[A-Za-z0-9_.-]+/y;
const argumentEscapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  " ": " ",
  t: "\t",
  n: "\n",
  r: "\r",
};

/**
 * make_arg_list() in HAProxy's src/arg.c, checked against 2.6, 3.0 and 3.2: quotes may open anywhere, escapes count outside
 * single quotes, parentheses do not nest, and blanks belong to the argument.
 */
function readArguments(
  text: string,
  start: number,
): { arguments: ExpressionArgument[]; end: number } | undefined {
  const list: ExpressionArgument[] = [];
  let from = start;
  let value = "";
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    const escaped = character === "\\" && quote !== "'" ? argumentEscapes[text.charAt(at + 1)] : undefined;
    if (escaped !== undefined) {
      value += escaped;
      at += 1;
    } else if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
    } else if (quote === "" && (character === "," || character === ")")) {
      if (at > from || character === "," || list.length > 0) list.push({ value, start: from, end: at });
      if (character === ")") return { arguments: list, end: at + 1 };
      from = at + 1;
      value = "";
    } else {
      value += character;
    }
  }
  return undefined;
}

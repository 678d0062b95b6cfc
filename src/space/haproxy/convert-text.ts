// Converters of constant texts, as HAProxy's src/sample.c has them.

/** undefined: there is no such field. Negative indexes count from the end. `count` 0: all that follow. */
export function fieldOf(text: string, index: number, delimiters: string, count: number): string | undefined {
  if (index === 0) return undefined;
  const bounds = [-1];
  for (let at = 0; at < text.length; at += 1) if (delimiters.includes(text.charAt(at))) bounds.push(at);
  bounds.push(text.length);
  const fields = bounds.length - 1;
  const first = index > 0 ? index : fields + index + 1;
  if (first < 1 || first > fields) return undefined;
  if (index > 0) {
    const last = count === 0 ? fields : Math.min(fields, first + count - 1);
    return text.slice((bounds[first - 1] ?? 0) + 1, bounds[last]);
  }
  const from = count === 0 ? 1 : Math.max(1, first - count + 1);
  return text.slice((bounds[from - 1] ?? 0) + 1, bounds[first]);
}

/** Words have delimiters around them; several in a row count once. */
export function wordOf(text: string, index: number, delimiters: string, count: number): string | undefined {
  if (index === 0) return undefined;
  const words: { from: number; to: number }[] = [];
  let from = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const isDelimiter = at === text.length || delimiters.includes(text.charAt(at));
    if (!isDelimiter && from < 0) from = at;
    if (isDelimiter && from >= 0) {
      words.push({ from, to: at });
      from = -1;
    }
  }
  const first = index > 0 ? index - 1 : words.length + index;
  const [start, end] = [words[first], words[first + (count - 1) * Math.sign(index)]];
  if (start === undefined) return undefined;
  if (index > 0) return text.slice(start.from, count === 0 ? text.length : (end ?? words.at(-1) ?? start).to);
  return text.slice(count === 0 ? 0 : (end ?? words[0] ?? start).from, start.to);
}

/** undefined: an expression that JavaScript may read differently from PCRE. */
export function regsubOf(
  text: string,
  pattern: string,
  replacement: string,
  flags: string,
): string | undefined {
  if (/\\(?!\d)/.test(replacement) || /\(\?[^:=!]|\[\[|\\[AzZGQEKRhHvVNpPxoc]|[*+?}]\+|\(\*/.test(pattern))
    return undefined;
  try {
    const expression = new RegExp(
      pattern,
      `${flags.includes("i") ? "i" : ""}${flags.includes("g") ? "g" : ""}`,
    );
    return text.replace(expression, (whole, ...groups: readonly unknown[]) =>
      replacement.replace(/\\(\d)/g, (_, digit: string) =>
        digit === "0"
          ? whole
          : String(typeof groups[Number(digit) - 1] === "string" ? groups[Number(digit) - 1] : ""),
      ),
    );
  } catch {
    return undefined;
  }
}

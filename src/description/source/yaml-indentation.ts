// Why the indentation of a line of YAML is invalid: which entries above it are open, and in which columns.

export interface IndentationMistake {
  readonly what: string;
  readonly remedy: string;
  /** Offset of the line's first character that is not a space. */
  readonly from: number;
}

/** An entry above that is still open: a key, or the dash of a list. */
interface Level {
  /** Spaces before it. */
  readonly spaces: number;
  readonly kind: "key" | "dash";
  readonly line: number;
  /** `host`; for a dash the first key of its entry. */
  readonly name: string;
}

/** `start`: an offset in the line. */
export function indentationMistake(text: string, start: number): IndentationMistake {
  const begin = text.lastIndexOf("\n", start - 1) + 1;
  const line = text.slice(begin).split("\n", 1)[0] ?? "";
  const spaces = /^ */.exec(line)?.[0].length ?? 0;
  const from = begin + spaces;
  const isEntry = /^-( |$)/.test(line.trim());
  const name = isEntry ? "this list entry" : `\`${nameOf(line)}\``;
  const levels = openLevels(text.slice(0, begin).split("\n").slice(0, -1));
  const own = levels.find((level) => level.spaces === spaces);
  if (own?.kind === "dash" && !isEntry) return { ...inDashColumn(name, own, levels), from };
  if (own?.kind === "key" && isEntry)
    return {
      what: `${name} starts in the column of the key \`${own.name}\` (line ${own.line}), and a map has only keys`,
      remedy: `Indent the dash more than the key whose list it belongs to${dashesIn(levels)}.`,
      from,
    };
  const fitting = levels.filter(({ kind }) => (kind === "dash") === isEntry);
  const [deepest] = levels;
  if (deepest !== undefined && spaces > deepest.spaces)
    return { ...insideValue(name, deepest, isEntry ? [deepest] : fitting), from };
  return {
    what: `${name} is indented with ${spacesOf(spaces)}, and no entry above has this indentation`,
    remedy:
      fitting.length === 0
        ? "Indent it like the other entries of the same map or list."
        : `Indent it with ${fitting.map(levelText).join(", or with ")}.`,
    from,
  };
}

/** The entry above is a text, or a list or map in brackets: a further line cannot be part of it. */
function insideValue(
  name: string,
  deepest: Level,
  fitting: readonly Level[],
): Pick<IndentationMistake, "what" | "remedy"> {
  if (deepest.kind === "key")
    return {
      what: `${name} is indented more than \`${deepest.name}\` (line ${deepest.line}), which already has a value`,
      remedy: `Indent it with ${spacesOf(deepest.spaces)}, like \`${deepest.name}\`.`,
    };
  return {
    what: `${name} is indented more than the dash in line ${deepest.line}, and its entry ends on that line`,
    remedy:
      fitting.length === 0
        ? "Write it inside that entry."
        : `Indent it with ${fitting.map(levelText).join(", or with ")}${fitting.includes(deepest) ? "" : ", or write it inside that entry"}.`,
  };
}

/** In the column of a dash only the next entry of that list is allowed. */
function inDashColumn(
  name: string,
  dash: Level,
  levels: readonly Level[],
): Pick<IndentationMistake, "what" | "remedy"> {
  const inside = levels.find(({ kind, line }) => kind === "key" && line === dash.line);
  const outside = levels.find(({ kind, spaces }) => kind === "key" && spaces < dash.spaces);
  const places = [
    ...(inside === undefined
      ? []
      : [
          `${spacesOf(inside.spaces)} to put it into the list entry of line ${dash.line}, next to \`${inside.name}\``,
        ]),
    ...(outside === undefined
      ? []
      : [`${spacesOf(outside.spaces)} to put it after the list, next to \`${outside.name}\``]),
  ];
  return {
    what: `${name} starts in the column of the dash in line ${dash.line}, where only the next \`-\` of that list is allowed`,
    remedy: `Indent it with ${places.join(", or with ")}.`,
  };
}

function dashesIn(levels: readonly Level[]): string {
  const dashes = levels.filter(({ kind }) => kind === "dash");
  return dashes.length === 0 ? "" : `, or with ${dashes.map(levelText).join(" or ")}`;
}

function levelText({ spaces, kind, name, line }: Level): string {
  return kind === "dash"
    ? `${spacesOf(spaces)}, like the dash in line ${line}`
    : `${spacesOf(spaces)}, like \`${name}\` (line ${line})`;
}

function spacesOf(count: number): string {
  return count === 0 ? "no spaces" : `${count} space${count === 1 ? "" : "s"}`;
}

/** From the innermost on. A line opens one level, or two where a key follows its dash. */
function openLevels(lines: readonly string[]): readonly Level[] {
  const levels: Level[] = [];
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const text = lines[index] ?? "";
    if (/^\s*(#|$|---)/.test(text)) continue;
    for (const level of levelsOf(text, index + 1))
      if (level.spaces < (levels.at(-1)?.spaces ?? Number.POSITIVE_INFINITY)) levels.push(level);
  }
  return levels;
}

/** The innermost first. */
function levelsOf(text: string, line: number): readonly Level[] {
  const [, before = "", dashes = "", rest = ""] = /^( *)((?:- +)*)(.*)$/.exec(text) ?? [];
  const name = nameOf(rest);
  const found: Level[] = [];
  for (const { index } of dashes.matchAll(/-/g))
    found.unshift({ spaces: before.length + index, kind: "dash", line, name });
  const own: Level = { spaces: before.length + dashes.length, kind: "key", line, name };
  return /^("[^"]*"|'[^']*'|[^\s:#{["'-][^:#]*):( |$)/.test(rest) ? [own, ...found] : found;
}

/** The key at the start of a line, or its first word. */
function nameOf(line: string): string {
  const bare = line.trim().replace(/^(- +)+/, "");
  const key = /^("[^"]*"|'[^']*'|[^:\s]+)/.exec(bare)?.[0] ?? bare;
  return key.length > 40 ? `${key.slice(0, 39)}…` : key;
}

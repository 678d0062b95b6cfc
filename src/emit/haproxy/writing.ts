// How lines of haproxy.cfg are written: words quoted when they must be, comments aligned, sections in groups.

export interface Line {
  readonly text: string;
  /** Why the line is there; written beside it. */
  readonly because?: string | undefined;
}

/** Lines that belong together; a comment may stand above them. */
export interface Group {
  readonly about?: string;
  readonly lines: readonly Line[];
}

export interface SectionText {
  readonly head: string;
  readonly about?: string;
  readonly groups: readonly Group[];
}

const INDENT = "    ";
/** Beyond this column a reason goes on a line of its own, above. */
const WIDEST_BESIDE = 64;

/** One word for HAProxy's reader, whatever it holds (manual section 2.2): single quotes keep every character. */
export function word(text: string): string {
  if (/^[A-Za-z0-9_.:/@*+,=~^<>?!;&%|()[\]-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A word that is the value of an environment variable, whatever characters it has (manual section 2.3). */
export function variableWord(name: string): string {
  return `"\${${name}}"`;
}

/** Text inside a log-format string (manual section 8.2.6): a percent sign is doubled. */
export function literal(text: string): string {
  return text.replaceAll("%", "%%");
}

/** A word that is a log-format string of fixed text. */
export function literalWord(text: string): string {
  return word(literal(text));
}

/** That a value is described needs no saying: it stands in the description. */
export function line(text: string, because?: string): Line {
  return { text, because: because === "described" ? undefined : because };
}

export function group(about: string | undefined, lines: readonly Line[]): Group {
  return about === undefined ? { lines } : { about, lines };
}

export function printSections(sections: readonly SectionText[]): string {
  return `${sections.map(printSection).join("\n\n")}\n`;
}

function printSection({ head, about, groups }: SectionText): string {
  const comment = about === undefined ? [] : wrap(about, 100).map((text) => `# ${text}`);
  const body = groups.filter(({ lines }) => lines.length > 0).map(printGroup);
  return [...comment, head, body.join("\n\n")].join("\n");
}

function printGroup({ about, lines }: Group): string {
  const beside = lines.filter(({ text, because }) => because !== undefined && text.length <= WIDEST_BESIDE);
  const column = Math.max(0, ...beside.map(({ text }) => text.length)) + 2;
  const comment = about === undefined ? [] : wrap(about, 96).map((text) => `${INDENT}# ${text}`);
  const printed = lines.flatMap(({ text, because }) => {
    if (because === undefined) return [`${INDENT}${text}`];
    if (text.length <= WIDEST_BESIDE) return [`${INDENT}${text.padEnd(column)}# ${because}`];
    return [...wrap(because, 96).map((part) => `${INDENT}# ${part}`), `${INDENT}${text}`];
  });
  return [...comment, ...printed].join("\n");
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const one of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + one.length > width) lines.push(one);
    else lines[lines.length - 1] = `${last} ${one}`;
  }
  return lines;
}

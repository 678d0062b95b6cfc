// The terminal picture of the README: what `portico check` and `portico test` print for examples/hand-written, as SVG.

/** The command line that the picture shows, and which part of its output. */
export interface Shown {
  readonly args: readonly string[];
  readonly excerpt: (lines: readonly string[]) => readonly string[];
}

/** Marks lines of the output that the picture leaves out. */
const LEFT_OUT = "…";

export const SHOWN: readonly Shown[] = [
  {
    args: ["check", "--layers", "."],
    excerpt: (lines) => {
      const from = lines.findIndex((line) => plain(line).startsWith("warning  client-address-lost "));
      const to = lines.findIndex(
        (line, index) => index > from && /^(error|warning|note) {2}/.test(plain(line)),
      );
      return [LEFT_OUT, "", ...lines.slice(from, to), LEFT_OUT, "", ...lines.slice(-1)];
    },
  },
  {
    args: ["test", "--layers", ".", "--expect", "expect.yaml"],
    excerpt: (lines) => {
      const results = lines.filter((line) => /^[✓✗] /.test(plain(line)));
      const [first = "", second = ""] = lines;
      return [
        first,
        second,
        LEFT_OUT,
        "",
        ...results.slice(0, 8),
        LEFT_OUT,
        ...results.slice(-6, -3),
        LEFT_OUT,
        "",
        ...lines.slice(-1),
      ];
    },
  },
];

/** The lines of the picture, with the colours as escape sequences (ECMA-48, SGR). `run` gives the output of a command in colour. */
export function pictureLines(run: (args: readonly string[]) => string): readonly string[] {
  return SHOWN.flatMap(({ args, excerpt }, index) => [
    ...(index === 0 ? [] : [""]),
    `\u001b[2m$\u001b[22m \u001b[1mportico ${args.join(" ")}\u001b[22m`,
    ...excerpt(run(args).trimEnd().split("\n")),
  ]);
}

/** Without escape sequences. */
export function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

const LEAST_COLUMNS = 100;
const CELL = { width: 8.43, height: 19 } as const;
const MARGIN = { x: 20, top: 52, bottom: 18 } as const;

/** Of codes 31 to 36; 39 is the default. */
const COLOURS: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  34: "#79c0ff",
  36: "#76e3ea",
};

export function terminalSvg(lines: readonly string[]): string {
  const columns = Math.max(LEAST_COLUMNS, ...lines.map((line) => plain(line).length));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN.x);
  const height = lines.length * CELL.height + MARGIN.top + MARGIN.bottom;
  const rows = lines.map((line, index) => row(line, MARGIN.top + index * CELL.height));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>Output of portico check and portico test</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="20" r="6" fill="#ff5f56"/><circle cx="40" cy="20" r="6" fill="#ffbd2e"/><circle cx="60" cy="20" r="6" fill="#27c93f"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#e6edf3" xml:space="preserve">
${rows.join("\n")}
</g>
</svg>
`;
}

/** The text of a picture, line by line. */
export function textOfSvg(svg: string): readonly string[] {
  return [...svg.matchAll(/^<text[^>]*>(.*)<\/text>$/gm)].map(([, row = ""]) =>
    row
      .replace(/<[^>]*>/g, "")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&"),
  );
}

/** Every run of one style has its place and length, so that columns agree whatever the font. */
function row(line: string, y: number): string {
  let column = 0;
  const spans = runsOf(line).map(({ text, style }) => {
    const x = (MARGIN.x + column * CELL.width).toFixed(1);
    const length = (text.length * CELL.width).toFixed(1);
    column += text.length;
    return `<tspan x="${x}" textLength="${length}"${style}>${escaped(text)}</tspan>`;
  });
  return `<text y="${y}">${spans.join("")}</text>`;
}

interface Run {
  readonly text: string;
  /** Attributes. */
  readonly style: string;
}

function runsOf(line: string): readonly Run[] {
  const runs: Run[] = [];
  let style = { fill: "", weight: "", opacity: "" };
  for (const [, code, text = ""] of line.matchAll(/\u001b\[(\d+)m|([^\u001b]+)/g)) {
    if (code === undefined) runs.push({ text, style: Object.values(style).join("") });
    else style = styled(style, Number(code));
  }
  return runs;
}

function styled(style: { fill: string; weight: string; opacity: string }, code: number): typeof style {
  if (code === 0) return { fill: "", weight: "", opacity: "" };
  if (code === 1) return { ...style, weight: ' font-weight="bold"' };
  if (code === 2) return { ...style, opacity: ' opacity="0.6"' };
  if (code === 22) return { ...style, weight: "", opacity: "" };
  const colour = COLOURS[code];
  return { ...style, fill: colour === undefined ? "" : ` fill="${colour}"` };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// What handled a request, by HAProxy's log: frontend, backend and server of each stream.
import {
  editHaproxyConfig,
  type HaproxyConfig,
  type HaproxySection,
  printHaproxyConfig,
} from "../wiring/haproxy/config.ts";
import { globalLines } from "../wiring/haproxy/global-words.ts";

export interface Stream {
  readonly frontend: string;
  readonly backend: string;
  /** undefined: no server got the request. */
  readonly server: string | undefined;
  /** How it ended: two characters (manual 3.2, section 8.5), `--` for a normal end. */
  readonly ended: string;
}

const MARK = "portico-stream";

/** Valid in `mode tcp` and in `mode http`; of a line that the configuration has, this one is the last and holds. */
const LINES = [
  "  no log",
  "  log stdout format raw local0",
  "  no option dontlog-normal",
  `  log-format "${MARK} %f %b %s %ts"`,
];

/**
 * The text of the configuration with a log of every stream, and without `grace`, so that HAProxy that is stopped gracefully exits after the
 * last stream. Sections with conditional blocks, and what follows a last line without an end, are unchanged.
 */
export function withStreamLog(given: HaproxyConfig): string {
  const grace = globalLines(given, ["grace"]).flat();
  const config = editHaproxyConfig(
    given,
    grace.map((token) => ({ token, value: undefined })),
  );
  const ends = new Set(config.sections.flatMap(endOfEntrance));
  if (ends.size === 0) return printHaproxyConfig(config);
  return config.lines
    .map((line) => {
      const own = line.text + line.end;
      return ends.has(line.number) && line.end !== "" ? `${own}${LINES.join("\n")}\n` : own;
    })
    .join("");
}

function endOfEntrance({ kind, header, lines }: HaproxySection): readonly number[] {
  const isOpen = (kind === "frontend" || kind === "listen") && lines.every(({ conditional }) => !conditional);
  const last = lines.findLast(({ tokens }) => tokens.length > 0) ?? header;
  return isOpen && last !== undefined ? [last.number] : [];
}

/** undefined: another line of the log. */
export function streamOf(line: string): Stream | undefined {
  const [mark, frontend, backend, server, ended] = line.trim().split(" ");
  if (mark !== MARK || frontend === undefined || backend === undefined || ended === undefined)
    return undefined;
  return { frontend, backend, server: server === "<NOSRV>" ? undefined : server, ended };
}

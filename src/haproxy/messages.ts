// What HAProxy says on stderr, as data: level, file and line of the configuration, text.

/** `alert` keeps HAProxy from starting; the rest does not. */
export type MessageLevel = "alert" | "warning" | "notice";

export interface Message {
  readonly level: MessageLevel;
  /** As HAProxy was given it; absent where the message is not about a line. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** HAProxy's words without level, process id and position; further lines (excerpts, carets) kept as they are. */
  readonly text: string;
}

/**
 * Reads the messages out of what HAProxy 2.6 to 3.2 writes to stderr. Lines that belong to no message
 * ("Warnings were found.", "Configuration file is valid") are left out, as are the two lines that only name the executable.
 */
export function parseMessages(output: string): readonly Message[] {
  const blocks: { level: MessageLevel; lines: string[] }[] = [];
  for (const line of output.split("\n")) {
    const opening = openingLine.exec(line);
    const level = opening?.[1] === undefined ? undefined : levels[opening[1]];
    if (level !== undefined) blocks.push({ level, lines: [opening?.[2] ?? ""] });
    else if (line.trim() !== "" && !closing.test(line)) blocks.at(-1)?.lines.push(line);
  }
  return blocks
    .map(({ level, lines }) => messageOf(level, lines.join("\n")))
    .filter(({ text }) => !boilerplate.test(text));
}

/** The messages that say what is wrong: the alerts without HAProxy's closing summaries, or whatever there is where no alert is. */
export function relevantMessages(messages: readonly Message[]): readonly Message[] {
  const alerts = messages.filter(({ level }) => level === "alert");
  const telling = alerts.filter(({ text }) => !summary.test(text));
  return [telling, alerts, messages].find((candidates) => candidates.length > 0) ?? [];
}

/** One message as a line for a person: `haproxy.cfg:12: unknown keyword …`. */
export function wordsOf({ file, line, text }: Message): string {
  return file === undefined ? text : `${file}:${line}: ${text}`;
}

/** A message in one line without full stop: the first, and the second where the first ends in a colon. */
export function headlineOf({ text }: Pick<Message, "text">): string {
  const [first = "", second = ""] = text.split("\n").map((line) => line.trim());
  return (first.endsWith(":") ? `${first} ${second}` : first).trim().replace(/\.+$/, "");
}

/** HAProxy before 2.4 puts day and time between level and process id. */
const openingLine = /^\[(ALERT|WARNING|NOTICE|INFO|DIAG)\]\s+(?:\d+\/\d+ )?\(\d+\) : (.*)$/;

const levels: Readonly<Record<string, MessageLevel>> = {
  ALERT: "alert",
  WARNING: "warning",
  NOTICE: "notice",
  INFO: "notice",
  DIAG: "notice",
};

/** What HAProxy says about the file as a whole, after its messages. */
const closing = /^(Warnings were found|Configuration file )/;

const boilerplate = /^(haproxy version is|path to executable is) /;
const summary = /^(Error\(s\) found in configuration file|Fatal errors found in configuration)/;

/** `parsing [file:12] : …` and `[file:12] : …` lose the position; `Binding [file:12] for frontend f: …` needs its words. */
function messageOf(level: MessageLevel, words: string): Message {
  const text = words.replace(/^(config ?: )+/, "");
  const position = /\[([^\n]+?):(\d+)\]/.exec(text);
  if (position?.[1] === undefined) return { level, text };
  return {
    level,
    file: position[1],
    line: Number(position[2]),
    text: text.replace(/^(?:parsing )?\[[^\n]+?:\d+\] ?: ?/i, ""),
  };
}

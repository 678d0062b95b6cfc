// HAProxy's messages on stderr as data: level, file and line of the configuration, text.

/** `alert` keeps HAProxy from starting; the others do not. */
export type MessageLevel = "alert" | "warning" | "notice";

export interface Message {
  readonly level: MessageLevel;
  /** As HAProxy was given it; absent where the message is not about a line. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** The text without level, process id and position; further lines (excerpts, carets) unchanged. */
  readonly text: string;
}

/**
 * Parses the messages in the stderr of HAProxy 2.6 to 3.2. Other lines ("Warnings were found.", "Configuration file is valid") are
 * left out, as are the two lines that only name the executable.
 */
export function parseMessages(output: string): readonly Message[] {
  const blocks: { level: MessageLevel; lines: string[] }[] = [];
  for (const line of output.split("\n")) {
    const opening = OPENING_LINE.exec(line);
    const level = opening?.[1] === undefined ? undefined : LEVELS[opening[1]];
    if (level !== undefined) blocks.push({ level, lines: [opening?.[2] ?? ""] });
    else if (line.trim() !== "" && !CLOSING.test(line)) blocks.at(-1)?.lines.push(line);
  }
  return blocks
    .map(({ level, lines }) => messageOf(level, lines.join("\n")))
    .filter(({ text }) => !BOILERPLATE.test(text));
}

/** The messages with the reason: the alerts without HAProxy's closing summaries; without alerts, all messages. */
export function relevantMessages(messages: readonly Message[]): readonly Message[] {
  const alerts = messages.filter(({ level }) => level === "alert");
  const telling = alerts.filter(({ text }) => !SUMMARY.test(text));
  return [telling, alerts, messages].find((candidates) => candidates.length > 0) ?? [];
}

/** One message as a line: `haproxy.cfg:12: unknown keyword …`. */
export function wordsOf({ file, line, text }: Message): string {
  return file === undefined ? text : `${file}:${line}: ${text}`;
}

/** A message in one line without full stop: the first, and the second where the first ends in a colon. */
export function headlineOf({ text }: Pick<Message, "text">): string {
  const [first = "", second = ""] = text.split("\n").map((line) => line.trim());
  return (first.endsWith(":") ? `${first} ${second}` : first).trim().replace(/\.+$/, "");
}

/** HAProxy before 2.4 puts day and time between level and process id. */
const OPENING_LINE = /^\[(ALERT|WARNING|NOTICE|INFO|DIAG)\]\s+(?:\d+\/\d+ )?\(\d+\) : (.*)$/;

const LEVELS: Readonly<Record<string, MessageLevel>> = {
  ALERT: "alert",
  WARNING: "warning",
  NOTICE: "notice",
  INFO: "notice",
  DIAG: "notice",
};

/** Lines about the file as a whole, after its messages. */
const CLOSING = /^(Warnings were found|Configuration file )/;

const BOILERPLATE = /^(haproxy version is|path to executable is) /;
const SUMMARY = /^(Error\(s\) found in configuration file|Fatal errors found in configuration)/;

/** `parsing [file:12] : …` and `[file:12] : …` lose the position; `Binding [file:12] for frontend f: …` keeps it. */
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

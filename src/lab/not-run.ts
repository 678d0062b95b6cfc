// The lines of an untrusted configuration that the lab's HAProxy does not run, with their positions in the layers.
import type { Position } from "../findings/finding.ts";
import { type HaproxyConfig, lineStart, tokenPosition } from "../wiring/haproxy/config.ts";
import type { LeftOutLine } from "../wiring/haproxy/untrusted/left-out.ts";

export interface NotRun extends LeftOutLine {
  readonly at: Position;
  /** The line as written, trimmed. */
  readonly text: string;
}

export function notRunOf(config: HaproxyConfig, leftOut: readonly LeftOutLine[]): readonly NotRun[] {
  return leftOut.map((one) => {
    const line = config.lines[one.line - 1];
    const [first, last] = [line?.tokens[0], line?.tokens.at(-1)];
    const at =
      first === undefined
        ? lineStart(config, line ?? { number: one.line })
        : tokenPosition(config, first, last);
    return { ...one, at, text: line?.text.trim() ?? "" };
  });
}

/** Whether these lines may change an answer: `program` sections, settings of the process, error pages and keys cannot. */
export function decidesAnswers({ words, reason }: NotRun): boolean {
  if (reason === "process") return words === "namespace";
  return reason !== "missing-page" && !words.startsWith("program ") && !KEYS.has(words);
}

/** They decide how a connection is encrypted, or how names of headers are spelled. */
const KEYS: ReadonlySet<string> = new Set([
  "h1-case-adjust-file",
  "ocsp",
  "sctl",
  "ssl-dh-param-file",
  "tls-ticket-keys",
]);

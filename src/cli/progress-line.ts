// One line on stderr that is written over as things go on; nothing where nobody watches.
import type { CommandContext } from "./command.ts";

export interface ProgressLine {
  readonly show: (text: string) => void;
  /** Takes the line away, so that the next output begins where it stood. */
  readonly clear: () => void;
}

export function progressLine({ terminal, width }: CommandContext): ProgressLine {
  if (!terminal.err) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  const write = (text: string) => void process.stderr.write(text);
  return {
    show(text) {
      const line = text.replaceAll("\n", " ");
      // Erase in Line (ECMA-48 section 8.3.41): what was longer leaves nothing behind.
      write(`\r\u001b[K${line.length > width - 1 ? `${line.slice(0, width - 2)}…` : line}`);
      shown = true;
    },
    clear() {
      if (shown) write("\r\u001b[K");
      shown = false;
    },
  };
}

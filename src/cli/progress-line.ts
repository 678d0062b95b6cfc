// A progress line on stderr that is overwritten; without a terminal, nothing.
import type { CommandContext } from "./command.ts";

export interface ProgressLine {
  readonly show: (text: string) => void;
  /** Clears the line, so that the next output begins there. */
  readonly clear: () => void;
}

export function progressLine({ terminal, width }: CommandContext): ProgressLine {
  if (!terminal.err) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  const write = (text: string) => void process.stderr.write(text);
  return {
    show(text) {
      const line = text.replaceAll("\n", " ");
      // Erase in Line (ECMA-48 section 8.3.41): removes the rest of a longer line.
      write(`\r\u001b[K${line.length > width - 1 ? `${line.slice(0, width - 2)}…` : line}`);
      shown = true;
    },
    clear() {
      if (shown) write("\r\u001b[K");
      shown = false;
    },
  };
}

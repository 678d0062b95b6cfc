// The text of a regular expression while it is read.
import { NotFollowed } from "./expression.ts";

/** `(?i)`, `(?s)`, `(?m)`, `(?x)`. */
export interface Options {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiLine: boolean;
  readonly extended: boolean;
}

export class PatternSource {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What follows, without reading it. */
  next(length = 1): string {
    return this.#text.slice(this.#at, this.#at + length);
  }

  /** Reads one character. */
  take(): string {
    if (this.ended) throw new NotFollowed("the regular expression is incomplete");
    const [taken = ""] = this.#text.slice(this.#at, this.#at + 1);
    this.#at += 1;
    return taken;
  }

  /** Reads `text` if it follows. */
  skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Reads what a sticky expression matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }
}

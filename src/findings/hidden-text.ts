// A secret text that is never printed: JSON, templates and `console` get asterisks; only `reveal` returns the text.

/** Replaces a secret in every output. */
export const MASK = "***";

/** A class, so that a plan with secrets can be printed, compared and passed on safely. */
export class HiddenText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Only where the text itself is required: a Kubernetes Secret, and the environment of a HAProxy in the lab. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }
}

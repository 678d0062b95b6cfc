// A secret text that no printer shows: JSON, templates and `console` get asterisks; only `reveal` gives the text.

/** Replaces a secret in every output. */
export const MASK = "***";

/** A class, so that a plan with secrets in it can be printed, compared and passed on without care. */
export class HiddenText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** For what needs the text itself: a Kubernetes Secret, and the environment of a HAProxy in the lab. */
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

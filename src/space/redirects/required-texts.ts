// The texts that a condition requires of a dimension, as far as they are literal: they exclude most pairs of conditions cheaply.
import type { TextTest } from "../dimension.ts";
import type { Formula } from "../formula.ts";
import { keysFrom } from "../haproxy/map-file.ts";

/** In lower case. `whole`: the text itself, not only its beginning. */
export interface RequiredText {
  readonly text: string;
  readonly whole: boolean;
}

/** One of these is required; undefined: others are possible as well. */
export type RequiredTexts = readonly RequiredText[] | undefined;

const MOST_TEXTS = 1_000;

export class TextRequirements {
  readonly #dimension: string;
  readonly #known = new Map<Formula, RequiredTexts>();

  constructor(dimension: string) {
    this.#dimension = dimension;
  }

  of(formula: Formula): RequiredTexts {
    if (this.#known.has(formula)) return this.#known.get(formula);
    const found = this.#found(formula);
    const made = found !== undefined && found.length > MOST_TEXTS ? undefined : found;
    this.#known.set(formula, made);
    return made;
  }

  #found(formula: Formula): RequiredTexts {
    switch (formula.kind) {
      case "constant":
        return formula.value ? undefined : [];
      case "test":
        return formula.test.on.id === this.#dimension && formula.test.on.kind === "text"
          ? textsOf(formula.test.test as TextTest)
          : undefined;
      case "not":
        return undefined;
      case "and": {
        const each = formula.of.flatMap((part) => {
          const texts = this.of(part);
          return texts === undefined ? [] : [texts];
        });
        return each.toSorted((a, b) => a.length - b.length)[0];
      }
      case "or":
        return unionOf(formula.of.map((part) => this.of(part)));
    }
  }
}

function textsOf(test: TextTest): RequiredTexts {
  if (test.kind === "any") return unionOf(test.tests.map(textsOf));
  if (test.kind !== "exact" && test.kind !== "prefix") return undefined;
  return [{ text: test.value.toLowerCase(), whole: test.kind === "exact" }];
}

function unionOf(each: readonly RequiredTexts[]): RequiredTexts {
  const texts = each.flatMap((one) => one ?? []);
  return each.includes(undefined) ? undefined : texts;
}

/** Items by the texts that they require. */
export class RequiredTextIndex<T> {
  readonly #whole = new Map<string, T[]>();
  readonly #beginnings = new Map<string, T[]>();
  readonly #any: T[] = [];
  #sorted: readonly string[] | undefined;

  add(item: T, required: RequiredTexts): void {
    if (required === undefined) this.#any.push(item);
    for (const { text, whole } of required ?? []) {
      const into = whole ? this.#whole : this.#beginnings;
      const items = into.get(text) ?? [];
      into.set(text, items);
      items.push(item);
    }
    this.#sorted = undefined;
  }

  /** Those whose requirement a text that has one of these forms may satisfy. */
  matching(texts: RequiredTexts): ReadonlySet<T> {
    if (texts === undefined)
      return new Set([...this.#any, ...[...this.#whole.values(), ...this.#beginnings.values()].flat()]);
    const found = new Set(this.#any);
    for (const { text, whole } of texts) {
      const keys = [...(whole ? [text] : this.#keysFrom(text)), ...beginningsOf(text)];
      for (const key of keys) {
        for (const item of this.#beginnings.get(key) ?? []) found.add(item);
        if (key.length >= text.length) for (const item of this.#whole.get(key) ?? []) found.add(item);
      }
    }
    return found;
  }

  #keysFrom(text: string): readonly string[] {
    this.#sorted ??= [...new Set([...this.#whole.keys(), ...this.#beginnings.keys()])].sort();
    return keysFrom({ sorted: this.#sorted }, text);
  }
}

/** The text itself included. */
function beginningsOf(text: string): readonly string[] {
  return Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length));
}

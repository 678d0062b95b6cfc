// Conditions by the hosts and paths that they require, to find those that can hold together without comparing all pairs.
import type { Formula } from "../formula.ts";
import { RequiredTextIndex, type RequiredTexts, TextRequirements } from "./required-texts.ts";

export interface RequiredPlace {
  readonly host: RequiredTexts;
  readonly path: RequiredTexts;
}

export class PlaceRequirements {
  readonly #hosts = new TextRequirements("host");
  readonly #paths = new TextRequirements("path");

  of(formula: Formula): RequiredPlace {
    return { host: this.#hosts.of(formula), path: this.#paths.of(formula) };
  }
}

export class PlaceIndex<T> {
  readonly #byHost = new Map<string, RequiredTextIndex<T>>();
  readonly #anyHost = new RequiredTextIndex<T>();

  constructor(items: readonly T[], placeOf: (item: T) => RequiredPlace) {
    for (const item of items) {
      const { host: hosts, path } = placeOf(item);
      for (const host of wholeTexts(hosts) ?? [undefined]) this.#indexOf(host).add(item, path);
    }
  }

  #indexOf(host: string | undefined): RequiredTextIndex<T> {
    if (host === undefined) return this.#anyHost;
    const index = this.#byHost.get(host) ?? new RequiredTextIndex<T>();
    this.#byHost.set(host, index);
    return index;
  }

  /** Those that may hold for requests to these places. */
  matching({ host, path }: RequiredPlace): ReadonlySet<T> {
    const named = wholeTexts(host)?.flatMap((one) => this.#byHost.get(one) ?? []);
    const indexes = [this.#anyHost, ...(named ?? this.#byHost.values())];
    return new Set(indexes.flatMap((index) => [...index.matching(path)]));
  }
}

/** undefined: there are others than whole texts. */
function wholeTexts(texts: RequiredTexts): readonly string[] | undefined {
  return texts?.every(({ whole }) => whole) ? texts.map(({ text }) => text) : undefined;
}

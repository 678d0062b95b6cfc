// What an evaluator makes of a configuration: for every facet of the outcome an ordered list of rules, of which the first that holds decides.
import type { Position } from "../findings/finding.ts";
import type { Formula } from "./formula.ts";

/** One value of a facet. Equal keys are equal for every client and backend, whichever rule decides them. */
export interface Leaf {
  readonly key: string;
  /** For people, on one line: `→ app`, `301 scheme https`, `403`, `→ app, X-Site: a`. */
  readonly text: string;
  /** What is unknown about the value itself (`%[lua.x]`), for `depends on`. */
  readonly dependsOn?: readonly { readonly text: string; readonly at: Position | undefined }[];
  /** Of the facet `answer`; undefined: not followed. */
  readonly answer?: Answer;
}

/** The facts of an answer that queries use. */
export type Answer =
  /** The connection ends without an answer. */
  | { readonly kind: "closed"; readonly noRoute?: true }
  /** One of these backends answers. undefined: not followed. */
  | {
      readonly kind: "forward";
      readonly backends: readonly string[] | undefined;
      /** The status that a rule sets; undefined: the backend's. */
      readonly status?: number;
      /** A rule changes its Location. */
      readonly relocated?: true;
    }
  | {
      readonly kind: "own";
      /** undefined: not followed. */
      readonly status: number | undefined;
      /** Of a redirect. */
      readonly location?: readonly LocationPart[];
      /** It refuses a request that is malformed or ambiguous, whatever the routes are. */
      readonly malformed?: true;
      /** Neither a route nor a backend is there for the request: also where the connection is closed. */
      readonly noRoute?: true;
    };

/** A text, or what the request puts there: `host`, `path`. */
export type LocationPart = string | { readonly from: string };

/** The first rule that holds decides. A nested list decides in its turn: its last rule always holds. */
export interface Rule {
  readonly when: Formula;
  readonly outcome: Leaf | readonly Rule[];
  /** Its line in the configuration; undefined: HAProxy's or the model's own. */
  readonly at: Position | undefined;
  /** The rule as written, for messages. */
  readonly text: string;
}

/**
 * `answer`: who answers (a backend, or HAProxy with a status and location); `servers`: the backend's servers and how one is chosen; `bind`,
 * `entrance`: how the connection is accepted; `path`, `query`, `request-header:NAME`: what the backend gets;
 * `response-header:NAME`: what is added to, set in or removed from the response. The last rule of a facet always holds.
 */
export interface Facet {
  readonly id: string;
  /** Several facets may have the same list: it is evaluated once. */
  readonly rules: readonly Rule[];
  /** What the list's leaf means for this facet; without it, the leaf itself. */
  readonly view?: (leaf: Leaf) => Leaf;
  /** Differs by itself: it is compared even where the answer differs. */
  readonly independent?: true;
}

/** What a facet has where its program does not list it. */
export const UNCHANGED: Leaf = { key: "", text: "unchanged" };

export interface Program {
  /** `answer` first. */
  readonly facets: readonly Facet[];
  /** What was not examined at all, and is no condition: `filter spoe`, for the report. */
  readonly unexamined: readonly Unexamined[];
}

export interface Unexamined {
  readonly text: string;
  readonly at: Position | undefined;
  /**
   * What alone it may change: headers, which server of a backend, or the body of HAProxy's own answer; undefined: also who answers, or the
   * status and Location of the answer.
   */
  readonly only?: "headers" | "server" | "page" | undefined;
}

/** What may change who answers, or the status and Location of the answer. */
export function answersUnexamined({ unexamined }: Pick<Program, "unexamined">): readonly Unexamined[] {
  return unexamined.filter(({ only }) => only === undefined);
}

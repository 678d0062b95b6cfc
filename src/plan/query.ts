// Questions about all requests: conditions on a request, and on its outcome.
import type { NetworksQuery, StatusRange } from "../description/query-text.ts";
import type { Position } from "../findings/finding.ts";

/** All parts hold; a part that is missing holds for every request. */
export interface RequestQuery {
  /** The path and everything below it, as the prefix of a route. */
  readonly path?: string | { readonly exact: string } | { readonly regex: string };
  /** `app.example.com` or `*.example.com`. */
  readonly host?: string;
  readonly methods?: readonly string[];
  readonly scheme?: "http" | "https";
  readonly from?: NetworksQuery;
  /** Values by name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly listener?: string;
}

/** All parts hold. */
export interface AnswerQuery {
  readonly backend?: string;
  readonly status?: StatusRange;
  /** The location of a redirect by HAProxy: `*` is any text without `/`, `**` any text. */
  readonly redirect?: string;
  readonly noRoute?: boolean;
}

/** All parts hold. */
export interface Query {
  readonly request: RequestQuery;
  readonly answer: AnswerQuery;
}

/** `never`: no request that the query is about gets such an answer. `always`: every one does. */
export interface InvariantPlan extends Query {
  readonly kind: "never" | "always";
  /** On one line, as data of the description. */
  readonly text: string;
  readonly at: Position | undefined;
}

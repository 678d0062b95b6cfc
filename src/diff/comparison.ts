// The result of a comparison of two edges.
import type { Position } from "../findings/finding.ts";
import type { Difference } from "../lab/expectation.ts";
import type { FileChange, LayerChange } from "./compare-files.ts";
import type { Outcome } from "./outcome.ts";
import type { Probe } from "./probe.ts";

export interface Comparison {
  /** Parts of all requests whose outcome differs, each once, ordered by what differs: the answer first. */
  readonly changed: readonly ChangedRequests[];
  /** Parts that differ only if an unknown condition holds. */
  readonly undecided: readonly UndecidedRequests[];
  /** No request has a different outcome, except for what depends on `except`: proven for all requests. */
  readonly proven: boolean;
  /** Lines that were not evaluated. */
  readonly except: readonly Place[];
  /** Why more may differ than is listed: one sentence each, without full stop. */
  readonly incomplete: readonly string[];
  /** Where HAProxy and the evaluation disagree: a defect of Portico. */
  readonly disagreements: readonly Disagreement[];
  readonly files: readonly LayerChange[];
  /** Places where files differ that are neither part of the proof nor the cause of a change: a timeout, a limit, a weight. One text each. */
  readonly otherChanges: readonly string[];
  /** Lines that the lab did not run, or files that it does not have: answers may depend on them. */
  readonly notRun: readonly string[];
  /** Where requests enter: listeners, or paths hop by hop. */
  readonly examined: readonly string[];
  /** Where no requests enter, and why: one sentence each, without full stop. */
  readonly notExamined: readonly string[];
}

export interface Place {
  readonly text: string;
  readonly at: Position | undefined;
  readonly side: "before" | "after";
}

/** Which requests, and their outcome. Texts contain no credentials. */
export interface Requests {
  /** `GET https://app.example.com/api/**, x-beta: 1` */
  readonly requests: string;
  /** `answer`, or what the backend or the client gets: `path`, `request-header:x-site`, `servers`; `hops`: what is before HAProxy. */
  readonly differs: string;
  readonly before: string;
  readonly after: string;
  /** The deciding line, in a description or in the files; null: there is no such line. */
  readonly because: Cause | null;
}

export interface ChangedRequests extends Requests {
  /** One of them, as HAProxy answered it on both sides; undefined: it was not sent. */
  readonly sent: SentRequest | undefined;
  /** HAProxy's answers differ. */
  readonly confirmed: boolean;
  /** Why they were not compared, or do not differ: a phrase. */
  readonly unconfirmed?: string;
}

export interface UndecidedRequests extends Requests {
  /** `be_conn(app) gt 50 (haproxy.cfg:12)` */
  readonly dependsOn: readonly string[];
}

export interface SentRequest {
  readonly probe: Probe;
  readonly before: Outcome;
  readonly after: Outcome;
}

export interface Cause {
  readonly what: FileChange["change"];
  readonly side: "before" | "after";
  readonly at: Position;
}

export interface Disagreement {
  readonly probe: Probe;
  readonly side: "before" | "after";
  readonly differences: readonly Difference[];
}

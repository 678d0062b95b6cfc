// The result of a comparison of two edges.
import type { Position } from "../findings/finding.ts";
import type { Difference } from "../lab/expectation.ts";
import type { FileChange, LayerChange } from "./compare-files.ts";
import type { Outcome } from "./outcome.ts";
import type { Probe } from "./probe.ts";

export interface Comparison {
  /** Parts of all requests that have another outcome, each once; their order is that of what differs: who answers first. */
  readonly changed: readonly ChangedRequests[];
  /** Parts that differ only if something holds that is not known. */
  readonly undecided: readonly UndecidedRequests[];
  /** No request has another outcome, apart from what depends on `except`: shown for all requests. */
  readonly proven: boolean;
  /** Lines that were not evaluated. */
  readonly except: readonly Place[];
  /** Why more may differ than is listed: one sentence each, without full stop. */
  readonly incomplete: readonly string[];
  /** Where HAProxy and the evaluation disagree: a defect of Portico. */
  readonly disagreements: readonly Disagreement[];
  readonly files: readonly LayerChange[];
  /** Places where files differ that is no part of the proof and no cause of a change: a timeout, a limit, a weight. One text each. */
  readonly otherChanges: readonly string[];
  /** Lines of HAProxy that the lab did not run, or files that it does not have: answers may depend on them. */
  readonly notRun: readonly string[];
  /** Where requests enter: listeners, or paths hop by hop. */
  readonly examined: readonly string[];
  /** Where none do, and why: one sentence each, without full stop. */
  readonly notExamined: readonly string[];
}

export interface Place {
  readonly text: string;
  readonly at: Position | undefined;
  readonly side: "before" | "after";
}

/** What requests, and what becomes of them. Texts are without credentials. */
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

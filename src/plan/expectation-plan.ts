// Expectations in the plan: one complete request, and its expected outcome.
import type { Through } from "../description/through.ts";
import type { Position } from "../findings/finding.ts";

export interface ExpectationPlan {
  readonly request: {
    readonly method: string;
    /** As the description writes it. */
    readonly url: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
    /** A WebSocket handshake, and a message that must come back. */
    readonly webSocket: boolean;
    /** `untrusted` and `pod` connect to the public port without the load balancer: from an address outside and inside `sources`. */
    readonly through: Through;
    /** Of layers without anything in front of HAProxy: where the request enters, whatever the port of the URL. */
    readonly frontend?: string;
    /** The client's address; null: any. */
    readonly from: string | null;
  };
  /** Absent fields are not compared. */
  readonly expected: {
    readonly refused: boolean;
    readonly status: number | null;
    readonly location: string | null;
    /** One of these; empty: not compared. */
    readonly backends: readonly string[];
    readonly seen: {
      readonly path: string | null;
      readonly host: string | null;
      readonly method: string | null;
      /** The server name (SNI) of HAProxy's TLS connection to the backend. */
      readonly serverName: string | null;
      /** null: the header must not be there. */
      readonly headers: readonly (readonly [name: string, value: string | null])[];
    };
    readonly responseHeaders: readonly (readonly [name: string, value: string | null])[];
    readonly responseBody: string | null;
    /** The names of the certificate served, in alphabetical order; empty: not compared. */
    readonly certificate: readonly string[];
  };
  readonly at: Position | undefined;
}

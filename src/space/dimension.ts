// The dimensions of the request space: independent properties of a request that routing can depend on.
import type { Position } from "../findings/finding.ts";

/**
 * One property of a request. Dimensions with the same `id` are the same, also in two configurations that are compared. Ids:
 * `listener` (choice: the listener's or bind's name), `method`, `host`, `path`, `client`, `body-length`, `header:NAME` (lower case), `query:NAME`,
 * `cookie:NAME`, `tls:sni`, `state:DEFINITION`.
 */
export type Dimension =
  | TextDimension
  | AddressDimension
  | NumberDimension
  | ChoiceDimension
  | UnknownDimension;

export interface TextDimension {
  readonly kind: "text";
  readonly id: string;
  /** Whether a request may lack it: then no test holds but the negated ones. */
  readonly optional: boolean;
  /** The values that a request can have: a PCRE over bytes (latin1) that matches the whole value. */
  readonly universe: string;
}

/** IPv4 and IPv6. */
export interface AddressDimension {
  readonly kind: "address";
  readonly id: string;
}

/** An integer from `from` to `to`, both included. */
export interface NumberDimension {
  readonly kind: "number";
  readonly id: string;
  readonly optional: boolean;
  readonly from: number;
  readonly to: number;
}

export interface ChoiceDimension {
  readonly kind: "choice";
  readonly id: string;
  /** The values, or undefined: any token, such as a method. */
  readonly values: readonly string[] | undefined;
}

/** A condition that is not followed: a counter, Lua, the state of a server. It holds or it does not. */
export interface UnknownDimension {
  readonly kind: "unknown";
  /** The whole definition, with the content of what it refers to: equal ids hold for the same requests. */
  readonly id: string;
  /** `be_conn(app) gt 50`, as written. */
  readonly text: string;
  readonly why: string;
  readonly at: Position | undefined;
}

/** A condition on a text. Values are bytes (latin1). */
export type TextTest =
  | { readonly kind: "present" }
  | {
      readonly kind: "exact" | "prefix" | "suffix" | "contains";
      readonly value: string;
      readonly ignoreCase: boolean;
    }
  /** A PCRE that is searched for: in the text alone, or with fixed bytes before and after it. `label`: what people call it. */
  | {
      readonly kind: "pattern";
      readonly source: string;
      readonly ignoreCase: boolean;
      readonly before?: string;
      readonly after?: string;
      readonly label?: string;
    }
  | { readonly kind: "any"; readonly tests: readonly TextTest[] };

/** Networks as HAProxy compares them (`model/networks.ts`, `within`), or as clouds do, without the other forms of an IPv4 address (`contains`). */
export interface AddressTest {
  readonly kind: "networks";
  readonly networks: readonly string[];
  readonly comparedBy: "haproxy" | "cloud";
}

export interface NumberTest {
  readonly kind: "range";
  readonly from: number;
  readonly to: number;
}

export interface ChoiceTest {
  readonly kind: "one-of";
  readonly values: readonly string[];
}

/** The unknown condition holds. */
export interface UnknownTest {
  readonly kind: "holds";
}

/** A dimension with a test of its kind. */
export type Test =
  | { readonly on: TextDimension; readonly test: TextTest }
  | { readonly on: AddressDimension; readonly test: AddressTest }
  | { readonly on: NumberDimension; readonly test: NumberTest }
  | { readonly on: ChoiceDimension; readonly test: ChoiceTest }
  | { readonly on: UnknownDimension; readonly test: UnknownTest };

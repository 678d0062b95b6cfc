// The common syntax tree of Terraform's two notations, HCL and JSON: bodies of arguments and blocks, and expressions not yet evaluated.
import type { Position } from "../../findings/finding.ts";

export interface Body {
  /** By name. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly blocks: readonly Block[];
  /** Something in it does not parse: an argument that is missing here may be in the file. */
  readonly damaged?: boolean;
}

export interface Attribute {
  readonly name: string;
  readonly expression: Expression;
  /** Of the name. */
  readonly at: Position;
}

export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  /** Read on demand: most blocks of a large configuration do not concern the edge. */
  readonly body: () => Body;
  /** Of its first line, type and labels. */
  readonly at: Position;
}

export type Scalar = string | number | boolean | null;

export type Expression = { readonly at: Position } & (
  | { readonly kind: "literal"; readonly value: Scalar }
  /** Text with expressions in it; one expression alone keeps its type. */
  | { readonly kind: "template"; readonly parts: readonly Expression[] }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly entries: readonly ObjectEntry[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly key: Expression }
  | { readonly kind: "splat"; readonly of: Expression; readonly steps: readonly (string | Expression)[] }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Expression[];
      readonly spread: boolean;
    }
  | ForExpression
  | {
      readonly kind: "conditional";
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: "operation"; readonly operator: string; readonly operands: readonly Expression[] }
  /** What is here does not parse, or is not evaluated: `why` is a phrase. */
  | { readonly kind: "unreadable"; readonly why: string }
);

export interface ObjectEntry {
  /** A bare word is its own text. */
  readonly key: Expression;
  readonly value: Expression;
}

export interface ForExpression {
  readonly kind: "for";
  readonly makes: "list" | "object";
  readonly keyName?: string | undefined;
  readonly valueName: string;
  readonly over: Expression;
  /** Of an object. */
  readonly key?: Expression | undefined;
  readonly value: Expression;
  /** `...`: values of one key are gathered in a list. */
  readonly gathers: boolean;
  readonly condition?: Expression | undefined;
}

export const emptyBody: Body = { attributes: new Map(), blocks: [] };

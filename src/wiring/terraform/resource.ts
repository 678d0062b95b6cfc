// One resource as it will exist: of `count` and `for_each` one for each.
import type { Position } from "../../findings/finding.ts";
import type { Value } from "./value.ts";

export interface Resource {
  readonly type: string;
  /** `aws_elb.app`, `module.edge.aws_lb.this["a"]` */
  readonly address: string;
  readonly arguments: Arguments;
  /** Of the heading. */
  readonly at: Position;
  /** `count` or `for_each` is empty with the variables' defaults; users of the module may set others. */
  readonly dormant?: true;
}

/** The inside of a resource or of a block in it, evaluated on demand. */
export interface Arguments {
  /** Undefined: it is not written, or written as null. */
  readonly value: (name: string) => Value | undefined;
  readonly blocks: (name: string) => Blocks;
  /** What is written: attributes, and blocks once each. */
  readonly names: () => { readonly attributes: readonly string[]; readonly blocks: readonly string[] };
  readonly at: Position;
}

export interface Blocks {
  readonly all: readonly Arguments[];
  /** Why there may be more than `all`. */
  readonly missing?: (Value & { readonly kind: "unknown" }) | undefined;
}

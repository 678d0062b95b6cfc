// The value of a diagram for one choice of classes.
import { type Node, runAt } from "../../src/space/diagram.ts";

/** The value for a choice of a class in each dimension. */
export function valueAt<T>(node: Node<T>, classes: readonly number[]): T {
  let one = node;
  while (one.kind === "branch") {
    const child: Node<T> | undefined = one.children[runAt(one, classes[one.dimension] ?? 0)];
    if (child === undefined) throw new RangeError("a class that the dimension does not have");
    one = child;
  }
  return one.value;
}

// A Kubernetes object with the reasons of its numbers, and how both are written: plain YAML that every reader of it takes alike.
import { Document, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, visit } from "yaml";
import type { EmittedFile } from "../file.ts";

/** Why a value is what it is, by JSON pointer (RFC 6901): `/spec/replicas`. Written beside the value, or above where that is too long. */
export type Reasons = Readonly<Record<string, string>>;

export interface Manifest {
  /** `deployment.yaml` */
  readonly file: string;
  /** What it is there for: a sentence, the file's first line. */
  readonly about: string;
  readonly object: object;
  readonly because?: Reasons;
  /** It has a password or a key in it. */
  readonly secret?: boolean;
}

const WIDTH = 110;
const INDENT = 2;

/**
 * `compat` quotes what is a text here and something else for readers of YAML 1.1, as kubectl is: `no`, `1:30`. Throws where a reason
 * has no value to stand at.
 */
export function printManifest({ file, about, object, because = {}, secret }: Manifest): EmittedFile {
  const document = new Document(object, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  // That a value is described needs no saying: it stands in the description.
  for (const [pointer, reason] of Object.entries(because))
    if (reason !== "described") explain(document, pointer, reason);
  document.commentBefore = commented(about, 0).join("\n");
  quoteUnprintable(document);
  return {
    path: `kubernetes/${file}`,
    content: document
      .toString({ lineWidth: 0, blockQuote: "literal", indent: INDENT })
      .replaceAll(UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`),
    origins: new Map(),
    ...(secret && { secret }),
  };
}

/** What no YAML may contain as it is, or what YAML 1.1 takes for the end of a line (YAML 1.1, sections 4.1 and 4.2). */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Only between double quotes has a character an escape: a body of an answer may contain any. */
function quoteUnprintable(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && node.value.search(UNPRINTABLE) !== -1) node.type = "QUOTE_DOUBLE";
    },
  });
}

/** Reasons of a part, as reasons of the whole that it stands in. */
export function below(pointer: string, because: Reasons): Reasons {
  return Object.fromEntries(Object.entries(because).map(([path, reason]) => [`${pointer}${path}`, reason]));
}

function explain(document: Document, pointer: string, reason: string): void {
  const steps = pointer.split("/").slice(1).map(unescaped);
  const last = steps.at(-1) ?? "";
  const parent = steps.length > 1 ? document.getIn(steps.slice(0, -1), true) : document.contents;
  const depth = depthOf(steps);
  if (isMap<Scalar<string>, Node>(parent)) {
    const pair = parent.items.find(({ key }) => key.value === last);
    if (pair !== undefined) {
      explainPair(pair, reason, depth);
      return;
    }
  }
  const item = isSeq<Node>(parent) ? parent.items[Number(last)] : undefined;
  if (item === undefined) throw new Error(`a reason for ${pointer}, which is not there`);
  item.commentBefore = commented(reason, depth).join("\n");
}

function explainPair({ key, value }: Pair<Scalar<string>, Node>, reason: string, depth: number): void {
  const beside = isScalar(value)
    ? depth * INDENT + key.value.length + String(value.value).length + reason.length + 6
    : Number.POSITIVE_INFINITY;
  if (isScalar(value) && beside <= WIDTH) value.comment = ` ${oneLine(reason)}`;
  else key.commentBefore = commented(reason, depth).join("\n");
}

function depthOf(steps: readonly string[]): number {
  return steps.length - 1;
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Lines of a comment without their sign, each with the space behind it. */
function commented(text: string, depth: number): readonly string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || depth * INDENT + last.length + word.length + 3 > WIDTH) lines.push(` ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Whatever a reader of YAML takes for the end of a line (YAML 1.1, section 4.2) is a space in a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, " ");
}

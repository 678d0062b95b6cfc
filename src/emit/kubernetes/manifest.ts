// A Kubernetes object with the reasons of its values, written as plain YAML that every parser reads identically.
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import { oneLine } from "../../findings/columns.ts";
import type { Position } from "../../findings/finding.ts";
import { comment, type EmittedFile, explained, type Place, type Reason } from "../file.ts";

/** Why a value is what it is, by JSON pointer (RFC 6901): `/spec/replicas`. Written after the value, or above it if the line is too long. */
export type Reasons = Readonly<Record<string, Reason>>;

export interface Manifest {
  /** `deployment.yaml` */
  readonly file: string;
  /** Its purpose: a sentence, the file's first line. */
  readonly about: string;
  readonly object: object;
  readonly because?: Reasons;
  /** The place of the whole object in the description, for lines that have none of their own. */
  readonly at?: Place;
  /** Of files that the object contains, the origins of their lines, by JSON pointer. */
  readonly carried?: Readonly<Record<string, EmittedFile["origins"]>>;
  /** It contains a password or a key. */
  readonly secret?: boolean;
}

const WIDTH = 110;
const INDENT = 2;

/**
 * `compat` quotes text that YAML 1.1 parsers such as kubectl's read as another type: `no`, `1:30`. Throws where a
 * reason refers to a missing value.
 */
export function printManifest(manifest: Manifest): EmittedFile {
  const { file, about, object, because = {}, secret } = manifest;
  const document = new Document(object, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  for (const [pointer, reason] of Object.entries(because))
    explain(document, pointer, explained(reason).because);
  document.commentBefore = commented(about, 0);
  quoteUnprintable(document);
  const content = document
    .toString({ lineWidth: 0, blockQuote: "literal", indent: INDENT })
    .replaceAll(UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return {
    path: `kubernetes/${file}`,
    content,
    origins: originsIn(content, manifest),
    ...(secret && { secret }),
  };
}

/** Characters that YAML does not allow unescaped, or that YAML 1.1 treats as line breaks (YAML 1.1, sections 4.1 and 4.2). */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Escapes exist only in double quotes; a response body may contain any character. */
function quoteUnprintable(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && node.value.search(UNPRINTABLE) !== -1) node.type = "QUOTE_DOUBLE";
    },
  });
}

/** Reasons of a part, as reasons of the whole object. */
export function below(pointer: string, because: Reasons): Reasons {
  return Object.fromEntries(Object.entries(because).map(([path, reason]) => [`${pointer}${path}`, reason]));
}

/** Reasons of the items of a list; `suffix` leads from an item to the value. */
export function each(pointer: string, reasons: readonly Reason[], suffix = ""): Reasons {
  return Object.fromEntries(reasons.map((reason, index) => [`${pointer}/${index}${suffix}`, reason]));
}

/** A key as a step of a JSON pointer (RFC 6901 section 3). */
export function step(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function explain(document: Document, pointer: string, reason: string | undefined): void {
  const found = find(document, pointer);
  if (found === undefined) throw new Error(`a reason for ${pointer}, which is not there`);
  if (reason === undefined) return;
  const { pair, item, depth } = found;
  if (pair !== undefined) explainPair(pair, reason, depth);
  else item.commentBefore = commented(reason, depth);
}

type Found = { readonly depth: number } & (
  | { readonly pair: Pair<Scalar<string>, Node>; readonly item?: undefined }
  | { readonly pair?: undefined; readonly item: Node }
);

function find(document: Document, pointer: string): Found | undefined {
  const steps = pointer
    .split("/")
    .slice(1)
    .map((one) => one.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = steps.at(-1) ?? "";
  const depth = steps.length - 1;
  const parent = depth > 0 ? document.getIn(steps.slice(0, -1), true) : document.contents;
  if (isMap<Scalar<string>, Node>(parent)) {
    const pair = parent.items.find(({ key }) => key.value === last);
    return pair && { pair, depth };
  }
  const item = isSeq<Node>(parent) ? parent.items[Number(last)] : undefined;
  return item && { item, depth };
}

function explainPair({ key, value }: Pair<Scalar<string>, Node>, reason: string, depth: number): void {
  const beside = isScalar(value)
    ? depth * INDENT + key.value.length + String(value.value).length + reason.length + 6
    : Number.POSITIVE_INFINITY;
  if (isScalar(value) && beside <= WIDTH) value.comment = ` ${oneLine(reason)}`;
  else key.commentBefore = commented(reason, depth);
}

/** Of a value that spans several lines, each has its origin, unless a value within has another. */
function originsIn(
  content: string,
  { because = {}, carried = {}, at: part }: Manifest,
): EmittedFile["origins"] {
  const lines = content.split("\n");
  const origins = new Map<number, Position>(
    part === undefined ? [] : lines.map((_, index) => [index + 1, part]),
  );
  const placed = Object.entries(because).flatMap(([pointer, reason]) => {
    const { at } = explained(reason);
    return at === undefined ? [] : [{ pointer, at }];
  });
  if (placed.length + Object.keys(carried).length === 0) return origins;
  const counter = new LineCounter();
  const document = parseDocument(content, { lineCounter: counter });
  const linesOf = (pointer: string) => {
    const found = find(document, pointer);
    const [node, end] =
      found?.pair === undefined ? [found?.item, found?.item] : [found.pair.key, found.pair.value];
    const [from = 0] = node?.range ?? [];
    const [, to = from] = end?.range ?? [];
    return { from: counter.linePos(from).line, to: counter.linePos(Math.max(from, to - 1)).line };
  };
  for (const { pointer, at } of placed.toSorted((a, b) => a.pointer.length - b.pointer.length)) {
    const { from, to } = linesOf(pointer);
    for (let line = from; line <= to; line++) origins.set(line, at);
    for (let line = from - 1; /^ *#/.test(lines[line - 1] ?? ""); line--) origins.set(line, at);
  }
  for (const [pointer, of] of Object.entries(carried)) {
    const { from, to } = linesOf(pointer);
    for (const [line, at] of of) if (from + line <= to) origins.set(from + line, at);
  }
  return origins;
}

/** Lines of a comment without their sign, each with the space behind it. */
function commented(text: string, depth: number): string {
  return comment(text, WIDTH - depth * INDENT - 2, " ").join("\n");
}

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
import type { Decided } from "../../plan/plan.ts";
import { comment, type EmittedFile, explained, type Place, placeOf, type Reason } from "../file.ts";

export interface Manifest {
  /** `deployment.yaml` */
  readonly file: string;
  /** Its purpose: a sentence, the file's first line. */
  readonly about: string;
  /** Values may have been made by `because` and `carrying`. */
  readonly object: object;
  /** The place of the whole object in the description, for lines that have none of their own. */
  readonly at?: Place;
  /** It contains a password or a key. */
  readonly secret?: boolean;
}

const WIDTH = 110;
const INDENT = 2;

interface Note {
  readonly reason?: Reason | undefined;
  /** Of a value that is a file: the origins of its lines. */
  readonly carried?: EmittedFile["origins"];
}

/** In place of a value of an object, which it contains with its note. */
interface Noted extends Note {
  readonly [VALUE]: unknown;
}

const VALUE = Symbol("value");

/** The value with its reason, which is written after it, or above it if the line is too long. Only `printManifest` can read the result. */
export function because<T>(value: T, reason: Reason | undefined): T {
  return { [VALUE]: value, reason } satisfies Noted as T;
}

/** The value of a decision with the reason and the place. */
export function decided<T>(decision: Decided<T>): T {
  return because(decision.value, decision);
}

/** The value of a decision with the place, without a comment. */
export function placed<T>(decision: Decided<T>): T {
  return because(decision.value, placeOf(decision));
}

/** A file as a value, with the origins of its lines. */
export function carrying(text: string, carried: EmittedFile["origins"]): string {
  return { [VALUE]: text, carried } satisfies Noted as unknown as string;
}

/** `compat` quotes text that YAML 1.1 parsers such as kubectl's read as another type: `no`, `1:30`. */
export function printManifest(manifest: Manifest): EmittedFile {
  const { file, about, secret } = manifest;
  const notes = new Map<string, Note>();
  const object = withoutNotes(manifest.object, "", notes);
  const document = new Document(object, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  for (const [pointer, { reason }] of notes) explain(document, pointer, explained(reason).because);
  document.commentBefore = commented(about, 0);
  quoteUnprintable(document);
  const content = document
    .toString({ lineWidth: 0, blockQuote: "literal", indent: INDENT })
    .replaceAll(UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return {
    path: `kubernetes/${file}`,
    content,
    origins: originsIn(content, manifest.at, notes),
    ...(secret && { secret }),
  };
}

/** The plain value; its notes by JSON pointer (RFC 6901), an outer value's before those of what it contains. */
function withoutNotes(value: unknown, pointer: string, notes: Map<string, Note>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isNoted(value)) {
    notes.set(pointer, value);
    return withoutNotes(value[VALUE], pointer, notes);
  }
  if (Array.isArray(value))
    return value.map((item, index) => withoutNotes(item, `${pointer}/${index}`, notes));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, withoutNotes(part, `${pointer}${step(key)}`, notes)]),
  );
}

/** What no YAML may contain as it is, or what YAML 1.1 takes for the end of a line (YAML 1.1, sections 4.1 and 4.2). */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Escapes exist only in double quotes; a response body may contain any character. */
function quoteUnprintable(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && node.value.search(UNPRINTABLE) !== -1) node.type = "QUOTE_DOUBLE";
    },
  });
}

/** A key as a step of a JSON pointer (RFC 6901 section 3). */
function step(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function isNoted(value: object): value is Noted {
  return VALUE in value;
}

function explain(document: Document, pointer: string, reason: string | undefined): void {
  const found = find(document, pointer);
  if (found === undefined || reason === undefined) return;
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
  const inlineWidth = isScalar(value)
    ? depth * INDENT + key.value.length + String(value.value).length + reason.length + 6
    : Number.POSITIVE_INFINITY;
  if (isScalar(value) && inlineWidth <= WIDTH) value.comment = ` ${oneLine(reason)}`;
  else key.commentBefore = commented(reason, depth);
}

/** Of a value that spans several lines, each has its origin, unless a value within has another. */
function originsIn(content: string, whole: Place, notes: ReadonlyMap<string, Note>): EmittedFile["origins"] {
  const lines = content.split("\n");
  const origins = new Map(whole === undefined ? [] : lines.map((_, index) => [index + 1, whole]));
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
  for (const [pointer, { reason, carried = [] }] of notes) {
    const { at } = explained(reason);
    const { from, to } = linesOf(pointer);
    if (at !== undefined) {
      for (let line = from; line <= to; line++) origins.set(line, at);
      for (let line = from - 1; /^ *#/.test(lines[line - 1] ?? ""); line--) origins.set(line, at);
    }
    for (const [line, of] of carried) if (from + line <= to) origins.set(from + line, of);
  }
  return origins;
}

/** Lines of a comment without their sign, each with the space behind it. */
function commented(text: string, depth: number): string {
  return comment(text, WIDTH - depth * INDENT - 2, " ").join("\n");
}

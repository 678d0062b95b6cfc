// Reads any YAML with the yaml library, and says in a person's words what is wrong with one that is none.
import { Composer, type Document, Lexer, Parser } from "yaml";
import type { Finding, Outcome } from "../../findings/finding.ts";
import { MAX_DEPTH } from "../../findings/limits.ts";
import type { Locate } from "../../findings/positions.ts";
import type { SourceNode } from "./tree.ts";
import { yamlMistake } from "./yaml-mistakes.ts";
import { treeOfDocument } from "./yaml-tree.ts";

/** The tree of a YAML text with one document, or the first thing that is wrong with it. */
export function readFullYaml(text: string, locate: Locate): Outcome<SourceNode> {
  const composed = compose(text);
  if ("tooDeepAt" in composed) return failed(tooDeep(locate(composed.tooDeepAt)));
  const [document, second] = composed.documents;
  if (document === undefined) throw new Error("the yaml composer gave no document");
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) return failed(yamlMistake(problem, text, locate));
  if (second !== undefined) return failed(severalDocuments(locate(startOf(second))));
  return treeOfDocument(document, text, locate);
}

/** Drives the parser token by token, so that a hundred thousand brackets end it early instead of the stack. */
function compose(
  text: string,
): { readonly documents: readonly Document.Parsed[] } | { readonly tooDeepAt: number } {
  const parser = new Parser();
  // Keys are the text they are written as. Uniqueness is checked in the tree: the library's way is quadratic.
  const composer = new Composer({
    stringKeys: true,
    uniqueKeys: false,
    merge: true,
    resolveKnownTags: false,
  });
  const documents: Document.Parsed[] = [];
  const take = (tokens: ReturnType<Parser["next"]>): void => {
    for (const token of tokens)
      for (const document of composer.next(token)) documents.push(document as Document.Parsed);
  };
  for (const lexeme of new Lexer().lex(text)) {
    take(parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return { tooDeepAt: parser.offset - 1 };
  }
  take(parser.end());
  for (const document of composer.end(true, text.length)) documents.push(document as Document.Parsed);
  return { documents };
}

function startOf(document: Document.Parsed): number {
  return document.contents?.range[0] ?? document.range[0];
}

function failed(finding: Finding): Outcome<SourceNode> {
  return { findings: [finding] };
}

function tooDeep(at: Finding["at"][number]): Finding {
  return {
    code: "yaml-too-deep",
    severity: "error",
    what: `the file has more than ${MAX_DEPTH} nested levels`,
    why: "A description needs only a few levels: the file is not a description, or a bracket is not closed.",
    remedy: "Close all brackets.",
    at: [at],
  };
}

function severalDocuments(at: Finding["at"][number]): Finding {
  return {
    code: "yaml-multiple-documents",
    severity: "error",
    what: "a second YAML document starts here",
    why: "A file describes one edge, and Portico would ignore everything after `---`.",
    remedy: "Move the second document to a file of its own.",
    at: [at],
  };
}

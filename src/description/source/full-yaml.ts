// Reads any YAML with the yaml library, and says in a person's words what is wrong with one that is none.
import { Composer, type Document, Lexer, Parser, type YAMLError } from "yaml";
import type { Finding, Outcome } from "../../findings/finding.ts";
import type { DescriptionCode } from "../codes.ts";
import type { Locate } from "./positions.ts";
import type { SourceNode } from "./tree.ts";
import { treeOfDocument } from "./yaml-tree.ts";

/** Deeper than any description can be, far above what the stack holds. */
const MAX_DEPTH = 100;

/** The tree of a YAML text with one document, or the first thing that is wrong with it. */
export function readFullYaml(text: string, locate: Locate): Outcome<SourceNode> {
  const composed = compose(text);
  if ("tooDeepAt" in composed) return failed(tooDeep(locate(composed.tooDeepAt)));
  const [document, second] = composed.documents;
  if (document === undefined) throw new Error("the yaml composer gave no document");
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) return failed(findingOf(problem, text, locate));
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
    code: "yaml-too-deep" satisfies DescriptionCode,
    severity: "error",
    what: `more than ${MAX_DEPTH} levels within each other`,
    why: "No description is nested so deep; this is no description, or a bracket was never closed.",
    remedy: "Close the brackets where they belong.",
    at: [at],
  };
}

function severalDocuments(at: Finding["at"][number]): Finding {
  return {
    code: "yaml-several-documents" satisfies DescriptionCode,
    severity: "error",
    what: "a second document begins here",
    why: "A file describes one edge; what follows `---` would never be read.",
    remedy: "Move it to a file of its own.",
    at: [at],
  };
}

const SYNTAX = "The text is no YAML, so nothing in it can be read.";

function findingOf(problem: YAMLError, text: string, locate: Locate): Finding {
  const [start, end] = problem.pos;
  const at = [locate(start, end)];
  const syntax = (what: string, remedy: string): Finding => ({
    code: "yaml-syntax",
    severity: "error",
    what,
    why: SYNTAX,
    remedy,
    at,
  });
  switch (problem.code) {
    case "TAB_AS_INDENT":
      return {
        ...syntax(
          "a tab indents this line",
          "Indent with spaces; YAML allows no tabs there (YAML 1.2.2, 6.1).",
        ),
        code: "yaml-tab",
      };
    case "NON_STRING_KEY":
      return {
        ...syntax("a key is text, not a list, a map or an alias", "Write the key as text."),
        code: "yaml-key",
        why: "Every key of a description is a name.",
      };
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return {
        ...syntax(
          `the tag ${text.slice(start, end)} means nothing in a description`,
          "Remove the tag; write text in quotes.",
        ),
        code: "yaml-tag",
        why: "A description is plain data: text, numbers, true, false, lists and maps.",
      };
    case "BAD_ALIAS":
      return {
        ...syntax(lower(problem.message), "Write the name of an anchor that stands before this place."),
        code: "yaml-alias",
      };
    case "BAD_SCALAR_START":
      return syntax(
        `a value cannot begin with ${text[start] ?? "this"} unless it is in quotes`,
        'Put the whole value in quotes: "…".',
      );
    case "BLOCK_AS_IMPLICIT_KEY":
      return syntax(
        "a second `: ` within one value",
        "Put the value in quotes; or, if it is a map, write it on lines of its own, indented.",
      );
    case "MULTILINE_IMPLICIT_KEY":
      return syntax(
        "a key without a `:` behind it on the same line",
        "Write `key: value`; or indent the line as part of the value above it.",
      );
    case "BAD_DQ_ESCAPE":
      return syntax(
        `${lower(problem.message)} within double quotes`,
        "Write \\\\ for a backslash, or use single quotes, where it needs no escape.",
      );
    case "BAD_INDENT":
    case "MISSING_CHAR":
      return syntax(missing(problem.message), "Close it, or indent what belongs to it.");
    default:
      return syntax(
        unexpected(problem.message, text, start),
        "Look at the quotes, brackets and indentation of this line and the one above.",
      );
  }
}

function missing(message: string): string {
  if (/^Flow (map|sequence)/.test(message))
    return message.includes("map")
      ? "a { is never closed by }, or what is in it is not indented"
      : "a [ is never closed by ], or what is in it is not indented";
  if (/^Missing closing/.test(message))
    return message.includes('"')
      ? 'a " is never closed'
      : message.includes("'quote")
        ? "a ' is never closed"
        : "a quote is never closed";
  return lower(message);
}

function unexpected(message: string, text: string, start: number): string {
  if (!/^Unexpected/.test(message)) return lower(message);
  const found = /^[^\s]{1,20}/.exec(text.slice(start))?.[0];
  return found === undefined ? "the text ends too early" : `${JSON.stringify(found)} cannot stand here`;
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");
}

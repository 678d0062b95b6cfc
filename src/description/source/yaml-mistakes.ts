// Findings for a text that is not valid YAML, or valid but not accepted, from the errors of the YAML package and its reader.
import type { YAMLError } from "yaml";
import type { FindingCode } from "../../findings/codes.ts";
import type { Finding } from "../../findings/finding.ts";
import { MAX_DEPTH, MAX_DESCRIPTION_ALIASED, shownLimit } from "../../source/limits.ts";
import type { Locate } from "../../source/locate.ts";
import type { YamlFault } from "../../source/yaml.ts";
import { indentationMistake } from "./yaml-indentation.ts";

interface Wording {
  readonly code?: FindingCode;
  readonly what: string;
  readonly why?: string;
  readonly remedy: string;
  /** Where to point, if not where the package does: an offset. */
  readonly from?: number;
}

/** The finding for a violation of the grammar. */
export function yamlMistake(problem: YAMLError, text: string, locate: Locate): Finding {
  const [start, end] = problem.pos;
  const { from, ...wording } = wordingOf(problem, text);
  return {
    code: "yaml-syntax",
    severity: "error",
    why: "The file is not valid YAML, and Portico reads none of it.",
    ...wording,
    at: [from === undefined ? locate(start, end) : locate(from)],
  };
}

/** The finding for valid YAML that a description does not allow. */
export function yamlFault(fault: YamlFault, locate: Locate): Finding {
  const at = [locate(...fault.at)];
  if (fault.kind === "duplicate-key") at.push({ ...locate(...fault.first), note: "the first one" });
  return {
    code: "yaml-alias-undefined",
    severity: "error",
    why: ALIAS_OF_NOTHING,
    ...wordingOfFault(fault),
    at,
  };
}

const ALIAS_OF_NOTHING = "The alias has no value.";

function wordingOfFault(fault: YamlFault): Wording {
  switch (fault.kind) {
    case "duplicate-key":
      return {
        code: "yaml-duplicate-key",
        what: `the key \`${fault.key}\` is written twice in the same map`,
        why: "Only one of the two values can apply, and which one depends on the parser.",
        remedy: "Remove one of them, or merge their values.",
      };
    case "alias-without-anchor":
      // Anchors do not begin with a dot; wildcard hosts do.
      return fault.name.startsWith(".")
        ? unquotedStar(`*${fault.name}`)
        : { what: `no anchor \`&${fault.name}\` before this alias`, remedy: NAME_AN_ANCHOR };
    case "alias-within-its-anchor":
      return { what: `\`*${fault.name}\` is inside the value that it repeats`, remedy: NAME_AN_ANCHOR };
    case "too-many-aliased":
      return {
        code: "yaml-alias-bomb",
        what: `the aliases of the file expand to more than ${shownLimit(MAX_DESCRIPTION_ALIASED)} values`,
        why: "Aliases of aliases multiply: a few lines can use all memory.",
        remedy: "Write the values without aliases, or generate them in `portico.config.ts`.",
      };
    case "aliased-too-deep":
      return {
        code: "yaml-too-deep",
        what: `the aliases of the file nest more than ${MAX_DEPTH} levels`,
        why: "A description needs only a few levels.",
        remedy: "Write the values without aliases.",
      };
    case "merged-not-map":
      return {
        what: "`<<` needs a map or a list of maps",
        why: "Only the entries of a map can be merged into another.",
        remedy: "Write `<<: *anchor` with the anchor of a map.",
      };
    case "key-not-text":
      return KEY_NOT_TEXT;
  }
}

const NAME_AN_ANCHOR = "Name an anchor that ends before this place.";

const KEY_NOT_TEXT: Wording = {
  code: "yaml-key-not-text",
  what: "the key is a list, a map or an alias",
  why: "Every key of a description is a name.",
  remedy: "Write the key as text.",
};

/** A value that begins with `*`, as a wildcard host does, is an alias to YAML. */
function unquotedStar(alias: string): Wording {
  return {
    code: "yaml-alias-undefined",
    what: `\`${alias}\` without quotes is an alias, and no anchor has that name`,
    why: "In YAML, a value that starts with `*` refers to another value.",
    remedy: `Put it in quotes: "${alias}".`,
  };
}

function wordingOf(problem: YAMLError, text: string): Wording {
  const [start, end] = problem.pos;
  const message = lower(problem.message);
  switch (problem.code) {
    case "TAB_AS_INDENT":
      return {
        code: "yaml-tab",
        what: "the line is indented with a tab",
        remedy: "Indent with spaces: YAML allows no tabs for indentation (YAML 1.2.2, 6.1).",
      };
    case "NON_STRING_KEY":
      return KEY_NOT_TEXT;
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return {
        code: "yaml-tag",
        what: `the tag ${text.slice(start, end)} is not supported in a description`,
        why: "A description is plain data: text, numbers, true, false, lists and maps.",
        remedy: "Remove the tag, and write text in quotes.",
      };
    case "BAD_ALIAS":
      return text[start] === "*"
        ? unquotedStar("*")
        : { code: "yaml-alias-undefined", what: message, remedy: "Give the anchor a name, as in &defaults." };
    case "BAD_SCALAR_START":
      return {
        what: `a value cannot begin with ${text[start] ?? "this"} unless it is in quotes`,
        remedy: 'Put the whole value in quotes: "…".',
      };
    case "BLOCK_AS_IMPLICIT_KEY":
      return beginsLine(text, start)
        ? indentationMistake(text, start)
        : (continuedBelow(text, start) ?? {
            what: "the value contains a second `: `",
            remedy: "Put the value in quotes. If it is a map, write it on indented lines of its own.",
          });
    case "MULTILINE_IMPLICIT_KEY":
      return (
        colonWithoutSpace(text, start) ?? {
          what: "the key has no `:` after it on the same line",
          remedy: "Write `key: value`, or indent the line as part of the value above it.",
        }
      );
    case "BAD_DQ_ESCAPE":
      return {
        what: `${message} in double quotes`,
        remedy: "Write \\\\ for a backslash, or use single quotes, which need no escape.",
      };
    case "BAD_INDENT":
      return /same column/.test(message) ? indentationMistake(text, start) : unclosed(message);
    case "MISSING_CHAR":
      return /without - indicator/.test(message) ? indentationMistake(text, start) : unclosed(message);
    default:
      return {
        what: unexpected(message, text, start),
        remedy: "Check the quotes, brackets and indentation of this line and the one above.",
      };
  }
}

/** A value that the next line continues because it is indented more: the key in that line is the mistake. */
function continuedBelow(text: string, start: number): Wording | undefined {
  const end = text.indexOf("\n", start);
  if (end < 0 || /: /.test(text.slice(start, end))) return undefined;
  const next = /\S/.exec(text.slice(end));
  return next === null ? undefined : indentationMistake(text, end + next.index);
}

/** `edge:app` is one text to YAML: a `:` ends a key only before a space (YAML 1.2.2, 7.3.3). */
function colonWithoutSpace(text: string, start: number): Wording | undefined {
  const [, key, value] = /^([\w-]+):(?!\/\/)([^\s:][^\n]*)/.exec(text.slice(start)) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return {
    what: `no space after the \`:\` of \`${key}:\``,
    remedy: `Write \`${key}: ${value.trim()}\`.`,
  };
}

/** Names the unclosed construct; the place is where the package detected it. */
function unclosed(message: string): Wording {
  const [, opened, closed] = BRACKETS.find(([error]) => error.test(message)) ?? [];
  if (opened === undefined) return { what: message, remedy: "Complete it, or indent its content." };
  return {
    what: `an earlier ${opened} is not closed by ${closed} before this place, or its content is not indented`,
    remedy: `Write ${closed} at its end, and indent its content.`,
  };
}

const BRACKETS: readonly (readonly [error: RegExp, opened: string, closed: string])[] = [
  [/^flow map/, "{", "}"],
  [/^flow sequence/, "[", "]"],
  [/^missing closing "/, '"', '"'],
  [/^missing closing/, "'", "'"],
];

function unexpected(message: string, text: string, start: number): string {
  if (!message.startsWith("unexpected")) return message;
  const found = /^\S{1,20}/.exec(text.slice(start, start + 20))?.[0];
  return found === undefined ? "the file ends too early" : `${JSON.stringify(found)} is not allowed here`;
}

function beginsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");
}

// The scalars that the quick YAML reader reads: quoted and plain ones on one line.
import type { ScalarNode } from "./tree.ts";

/** A place in a text that is read forward. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** Thrown where a text is more than the quick reader reads; never seen outside it. */
export const GIVE_UP = Symbol("not plain");

const DOUBLE_QUOTED = /"((?:[^"\\\n]|\\["\\/ntbrf])*)"/y;
const SINGLE_QUOTED = /'((?:[^'\n]|'')*)'(?!')/y;
const PLAIN_START = /[A-Za-z0-9_/.$^(~+;\\)\u00a0-\uffff]/;
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const OTHER_NUMBER =
  /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$|^0o[0-7]+$|^0x[0-9a-fA-F]+$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;
const OTHER_KEYWORD = /^(?:Null|NULL|True|TRUE|False|FALSE)$/;

/** Reads the scalar at the cursor and stands behind it then. Throws {@link GIVE_UP} for all but the plain ones. */
export function readScalar(reader: Cursor, inFlow: boolean): ScalarNode {
  const { text, at: start } = reader;
  const first = text[start];
  if (first === '"' || first === "'") {
    const shape = first === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED;
    shape.lastIndex = start;
    const content = shape.exec(text)?.[1];
    if (content === undefined) throw GIVE_UP;
    const value =
      first === "'"
        ? content.replaceAll("''", "'")
        : content.includes("\\")
          ? String(JSON.parse(`"${content}"`))
          : content;
    reader.at = shape.lastIndex;
    return { kind: "scalar", start, end: reader.at, value };
  }
  const end = endOfPlainScalar(text, start, inFlow);
  reader.at = end;
  return { kind: "scalar", start, end, value: resolvePlain(text.slice(start, end)) };
}

/** YAML 1.2.2 section 7.3.3: up to `: `, ` #` or the end of the line; in flow collections also up to one of `,[]{}`. */
function endOfPlainScalar(text: string, start: number, inFlow: boolean): number {
  const first = text[start];
  const startsPlain =
    first === "-"
      ? /[A-Za-z0-9]/.test(text[start + 1] ?? "")
      : first !== undefined && PLAIN_START.test(first);
  if (!startsPlain) throw GIVE_UP;
  let end = start;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) break;
    if (code === 32) continue;
    if (code === 58 && endsKey(text, at, inFlow)) break;
    if (code === 35 && text.charCodeAt(at - 1) === 32) break;
    if (inFlow && (code === 44 || code === 91 || code === 93 || code === 123 || code === 125)) break;
    end = at + 1;
  }
  return end;
}

/** Whether the colon at this offset ends a key: what follows it is white space or, in flow collections, an indicator. */
export function endsKey(text: string, colon: number, inFlow: boolean): boolean {
  const next = text[colon + 1];
  return next === undefined || next === " " || next === "\n" || (inFlow && ",[]{}".includes(next));
}

/** YAML 1.2.2 section 10.3.2, the core schema; what is rare there is left to the full reader. */
function resolvePlain(text: string): string | number | boolean | null {
  if (text === "true") return true;
  if (text === "false") return false;
  if (text === "null" || text === "~") return null;
  if (INTEGER.test(text)) return Number(text);
  if (OTHER_NUMBER.test(text) || OTHER_KEYWORD.test(text)) throw GIVE_UP;
  return text;
}

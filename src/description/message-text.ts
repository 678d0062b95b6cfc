// Header values that contain values of the request: `{client.ip}`, `{header.NAME}`; `{{` is a literal `{`.
import { nearest } from "../findings/nearest.ts";

export const REQUEST_VALUES = [
  "client.ip",
  "request.host",
  "request.path",
  "request.query",
  "scheme",
  "listener.port",
] as const;

export type RequestValue =
  | { readonly from: (typeof REQUEST_VALUES)[number] }
  /** The last line of a header, whole. The name is in lower case. */
  | { readonly from: "header"; readonly name: string };

/** A fixed text, or parts that are joined. */
export type MessageText = string | readonly (string | RequestValue)[];

/** Headers that HAProxy writes itself, or changes before routes are matched. */
const NO_VALUES =
  /^(connection|content-length|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

export function parseMessageText(
  text: string,
): { readonly text: MessageText } | { readonly problem: string } {
  const parts: (string | RequestValue)[] = [];
  for (const [piece, name] of text.matchAll(/\{\{|\{([^{}]*)\}|[^{]+|\{/g)) {
    const part = name === undefined ? literalPart(piece) : requestValue(name);
    if (part === undefined) return { problem: problemOf(name) };
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts.splice(-1, 1, last + part);
    else parts.push(part);
  }
  const [only = "", another] = parts;
  return { text: another === undefined && typeof only === "string" ? only : parts };
}

function literalPart(piece: string): string | undefined {
  if (piece === "{") return undefined;
  return piece === "{{" ? "{" : piece;
}

function requestValue(name: string): RequestValue | undefined {
  const header = /^header\.([A-Za-z0-9_-]{1,128})$/.exec(name)?.[1]?.toLowerCase();
  if (header !== undefined) return NO_VALUES.test(header) ? undefined : { from: "header", name: header };
  const known = REQUEST_VALUES.find((one) => one === name);
  return known && { from: known };
}

function problemOf(name: string | undefined): string {
  if (name === undefined) return "`{` without `}`: write `{{` for a literal `{`";
  const header = /^header\.(.*)$/s.exec(name)?.[1];
  if (header !== undefined && NO_VALUES.test(header.toLowerCase()))
    return `the header ${header} frames the message or the connection, and its value is not available${header.toLowerCase() === "host" ? "; write {request.host}" : ""}`;
  const near = nearest(name, [...REQUEST_VALUES, "header.NAME"]);
  const names = [...REQUEST_VALUES, "header.NAME"].map((one) => `{${one}}`).join(", ");
  const hint = near === undefined ? `the values are ${names}` : `did you mean {${near}}?`;
  return `there is no value {${name}}: ${hint} (\`{{\` is a literal \`{\`)`;
}

/** The fixed parts, with a blank in place of each value. */
export function literalText(text: MessageText): string {
  if (typeof text === "string") return text;
  return text.map((part) => (typeof part === "string" ? part : " ")).join("");
}

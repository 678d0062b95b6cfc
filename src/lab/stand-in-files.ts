// Texts for files that a configuration names and no layer has.
import { STATUS_CODES } from "node:http";
import { directiveOf, type HaproxyConfig } from "../wiring/haproxy/config.ts";
import type { FileReference } from "../wiring/haproxy/files.ts";
import type { LeftOutLine } from "../wiring/haproxy/untrusted/left-out.ts";

/** undefined: HAProxy can run without the line, but not with another text of the file. */
export function standInFor(
  { role, path, token }: Pick<FileReference, "role" | "path" | "token">,
  config: HaproxyConfig,
): { readonly text: string; readonly reason: LeftOutLine["reason"] } | undefined {
  const note = `${path} is not here\n`;
  switch (role) {
    case "map":
    case "patterns":
      return { text: "", reason: "missing-list" };
    case "body":
      return { text: note, reason: "missing-page" };
    case "error-page":
      return { text: pageText(statusOf(config, token.line), note), reason: "missing-page" };
    default:
      return undefined;
  }
}

/** `errorfile 503 PATH`, or `status 503` of a rule. */
function statusOf({ lines }: HaproxyConfig, number: number): number {
  const line = lines[number - 1];
  const words = line === undefined ? [] : directiveOf(line).words.map(({ value }) => value);
  const status = Number(words[0] === "errorfile" ? words[1] : words[words.indexOf("status") + 1]);
  return Number.isInteger(status) ? status : 503;
}

/** The whole response (manual 3.2, section 4.2, errorfile). */
function pageText(status: number, body: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-cache",
    "Content-Type: text/plain",
    "",
    body,
  ].join("\r\n");
}

// HTTP/1.1 messages byte by byte: what the lab sends and reads, without normalisation.
//
// Node's own parser refuses unknown methods, joins repeated headers and discards their case. The lab must report what
// was really sent, so it parses messages itself (RFC 9112). Text is latin1: one character per byte.

/** A header line: name and value as sent, without the white space around the value. Repeated lines stay separate. */
export type Header = readonly [name: string, value: string];

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** As sent, such as `HTTP/1.1`. */
  readonly httpVersion: string;
  readonly headers: readonly Header[];
}

export interface ResponseHead {
  readonly httpVersion: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
}

/** How the end of a body is determined (RFC 9112 section 6.3). */
export type Framing = "none" | "length" | "chunked" | "until-close";

/** All values of a header, in order; names are case-insensitive. */
function headerValues(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (const [each, value] of headers) {
    if (each.length === wanted.length && each.toLowerCase() === wanted) values.push(value);
  }
  return values;
}

/** The first value of a header. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headerValues(headers, name)[0];
}

/** Whether a list header (Connection, Upgrade, Transfer-Encoding …) contains the token; case-insensitive. */
export function headerHasToken(headers: readonly Header[], name: string, token: string): boolean {
  for (const value of headerValues(headers, name)) {
    for (const each of value.split(",")) if (each.trim().toLowerCase() === token) return true;
  }
  return false;
}

/** Start line, header lines and the empty line as latin1 text. Nothing is checked or escaped. */
export function formatHead(startLine: string, headers: readonly Header[]): string {
  let text = `${startLine}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** Whether the connection persists after this message (RFC 9112 section 9.3). */
export function staysOpen(head: { httpVersion: string; headers: readonly Header[] }): boolean {
  if (head.httpVersion === "HTTP/1.1") return !headerHasToken(head.headers, "connection", "close");
  return headerHasToken(head.headers, "connection", "keep-alive");
}

/** Parses request headers, without the empty line. Returns the reason when they are malformed. */
export function parseRequestHead(text: string): RequestHead | string {
  const lineEnd = endOfFirstLine(text);
  const line = text.slice(0, lineEnd);
  // The target of a malformed request may contain spaces: the first and the last space of the line separate its parts.
  const first = line.indexOf(" ");
  const last = line.lastIndexOf(" ");
  if (first <= 0 || last === first) return `not a request line: ${quote(line)}`;
  const httpVersion = line.slice(last + 1);
  if (!httpVersion.startsWith("HTTP/")) return `not a request line: ${quote(line)}`;
  const headers = parseHeaders(text, lineEnd + 2);
  if (typeof headers === "string") return headers;
  return { method: line.slice(0, first), target: line.slice(first + 1, last), httpVersion, headers };
}

/** Parses response headers, without the empty line. Returns the reason when they are malformed. */
export function parseResponseHead(text: string): ResponseHead | string {
  const lineEnd = endOfFirstLine(text);
  const line = text.slice(0, lineEnd);
  const match = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/s.exec(line);
  if (match === null) return `not a status line: ${quote(line)}`;
  const headers = parseHeaders(text, lineEnd + 2);
  if (typeof headers === "string") return headers;
  const [, httpVersion = "", status, reason = ""] = match;
  return { httpVersion, status: Number(status), reason, headers };
}

/** How the body of this request ends, with its length where that is known; or why that cannot be determined. */
export function requestFraming(head: RequestHead): { framing: Framing; length: number } | string {
  return declaredFraming(head.headers) ?? { framing: "none", length: 0 };
}

/** How the body of this final response ends. `method` is the request's: a response to HEAD has no body. */
export function responseFraming(
  head: ResponseHead,
  method: string,
): { framing: Framing; length: number } | string {
  const { status } = head;
  const bodiless = method === "HEAD" || status === 204 || status === 304 || status < 200;
  if (bodiless || (method === "CONNECT" && status < 300)) return { framing: "none", length: 0 };
  return declaredFraming(head.headers) ?? { framing: "until-close", length: 0 };
}

/** Header lines from `at` on, each ended by CRLF or by the end of the text. */
export function parseHeaders(text: string, at: number): Header[] | string {
  const headers: Header[] = [];
  let from = at;
  while (from < text.length) {
    let end = text.indexOf("\r\n", from);
    if (end === -1) end = text.length;
    const colon = text.indexOf(":", from);
    if (colon <= from || colon >= end) return `not a header line: ${quote(text.slice(from, end))}`;
    headers.push([text.slice(from, colon), trimSpace(text, colon + 1, end)]);
    from = end + 2;
  }
  return headers;
}

function declaredFraming(
  headers: readonly Header[],
): { framing: Framing; length: number } | string | undefined {
  let length: string | undefined;
  let encoding: string | undefined;
  for (const [name, value] of headers) {
    // Comparing lengths first avoids most conversions to lower case.
    if (name.length === 14 && name.toLowerCase() === "content-length") {
      if (length !== undefined && length !== value) return `two content lengths: ${length} and ${value}`;
      length = value;
    } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      encoding = encoding === undefined ? value : `${encoding},${value}`;
    }
  }
  if (encoding !== undefined) {
    const last = encoding.slice(encoding.lastIndexOf(",") + 1);
    if (last.trim().toLowerCase() === "chunked") return { framing: "chunked", length: 0 };
    return `transfer coding that does not end in chunked: ${quote(encoding)}`;
  }
  if (length === undefined) return undefined;
  if (!/^\d{1,15}$/.test(length)) return `not a content length: ${quote(length)}`;
  return { framing: length === "0" ? "none" : "length", length: Number(length) };
}

function endOfFirstLine(text: string): number {
  const end = text.indexOf("\r\n");
  return end === -1 ? text.length : end;
}

function trimSpace(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

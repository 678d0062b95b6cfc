// Reads the options of a command that describe requests and their outcome.
import { isHostQuery, isToken, readNetworks, readStatus } from "../description/query-text.ts";
import type { AnswerQuery, Query, RequestQuery } from "../plan/query.ts";
import type { Given } from "./command.ts";

export interface AskedQuery extends Query {
  /** Requests that the rule at this place decides. */
  readonly line: { readonly file: string; readonly line: number } | undefined;
}

/** `problem`: a sentence. */
export function readQuery(given: Given): AskedQuery | { readonly problem: string } {
  try {
    const line = readLine(given.text("reachesLine"));
    const query = { request: readRequest(given), answer: readAnswer(given), line };
    const isEmpty = Object.keys(query.request).length === 0 && Object.keys(query.answer).length === 0;
    if (isEmpty && line === undefined)
      return { problem: "Name what you look for: --backend, --status, --redirect, --no-route, --path …" };
    return query;
  } catch (error) {
    if (error instanceof InvalidOption) return { problem: error.message };
    throw error;
  }
}

class InvalidOption extends Error {}

function readLine(text: string | undefined): AskedQuery["line"] {
  if (text === undefined) return undefined;
  const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (file === undefined)
    throw new InvalidOption(`\`${text}\` is not a place. Write FILE:LINE, haproxy.cfg:41.`);
  return { file, line: Number(line) };
}

function readAnswer(given: Given): AnswerQuery {
  const [backend, status, redirect] = [given.text("backend"), given.text("status"), given.text("redirect")];
  return {
    ...(backend !== undefined && { backend }),
    ...(status !== undefined && { status: read(status, readStatus, "a status. Write 403 or 2xx") }),
    ...(redirect !== undefined && { redirect }),
    ...(!given.flag("route") && { noRoute: true }),
  };
}

function readRequest(given: Given): RequestQuery {
  const [host, scheme, from, listener] = ["host", "scheme", "from", "listener"].map(given.text);
  const methods = given.list("method").map((one) => checked(one, isToken, "a method"));
  const headers = given.list("header").map(readHeader);
  return {
    ...pathOf(given),
    ...(host !== undefined && {
      host: checked(host, isHostQuery, "a host. Write app.example.com or *.example.com"),
    }),
    ...(methods.length > 0 && { methods }),
    ...(scheme !== undefined && { scheme: scheme === "https" ? "https" : "http" }),
    ...(from !== undefined && {
      from: read(from, readNetworks, "a list of networks. Write 198.51.100.0/24 or 'not 198.51.100.0/24'"),
    }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(listener !== undefined && { listener }),
  };
}

function pathOf(given: Given): Pick<RequestQuery, "path"> {
  const paths = [
    ...[given.text("path")].flatMap((path) => path ?? []),
    ...[given.text("exactPath")].flatMap((exact) => (exact === undefined ? [] : [{ exact }])),
    ...[given.text("pathRegex")].flatMap((regex) => (regex === undefined ? [] : [{ regex }])),
  ];
  const [path] = paths;
  if (paths.length > 1) throw new InvalidOption("Write one of --path, --exact-path and --path-regex.");
  if (path === undefined) return {};
  if (typeof path === "object" && "regex" in path) return { path: checkedRegex(path) };
  const text = typeof path === "string" ? path : path.exact;
  if (!text.startsWith("/")) throw new InvalidOption(`\`${text}\` is not a path. It begins with \`/\`.`);
  return { path };
}

function checkedRegex(path: { readonly regex: string }) {
  try {
    new RegExp(path.regex);
    return path;
  } catch {
    throw new InvalidOption(`\`${path.regex}\` is not a regular expression.`);
  }
}

function readHeader(line: string): readonly [string, string] {
  const [, name = "", value] = /^([^:]+):[ \t]*(.*)$/.exec(line) ?? [];
  if (value === undefined || !isToken(name))
    throw new InvalidOption(`\`${line}\` is not a header. Write 'name: value'.`);
  return [name.toLowerCase(), value.trimEnd()];
}

function checked(text: string, holds: (text: string) => boolean, wanted: string): string {
  if (holds(text)) return text;
  throw new InvalidOption(`\`${text}\` is not ${wanted}.`);
}

function read<T>(text: string, reading: (text: string) => T | undefined, wanted: string): T {
  const value = reading(text);
  if (value !== undefined) return value;
  throw new InvalidOption(`\`${text}\` is not ${wanted}.`);
}

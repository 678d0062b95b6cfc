// Responses that an Application Load Balancer sends itself: a redirect, or a fixed response.
import { STATUS_CODES } from "node:http";
import type { ListenerAnswer } from "../../wiring/cloud.ts";
import { formatHead, type Header, type RequestHead } from "../http/message.ts";

/** `port`: the listener's own. `Location` always contains the port, even the default port, as with an ALB. */
export function answerText(
  head: Pick<RequestHead, "target" | "headers" | "method">,
  { is, port }: { readonly is: ListenerAnswer; readonly port: number },
  scheme: "http" | "https",
): string {
  const own = is.kind === "redirect" ? ([["Location", locationOf(head, is, port, scheme)]] as const) : [];
  const body = is.kind === "redirect" ? "" : is.body;
  const headers: readonly Header[] = [
    ["Server", "awselb/2.0"],
    ...(is.kind === "redirect" ? [] : ([["Content-Type", is.contentType]] as const)),
    ...own,
    ["Content-Length", String(Buffer.byteLength(body))],
    ["Connection", "close"],
  ];
  const line = `HTTP/1.1 ${is.status} ${STATUS_CODES[is.status] ?? ""}`;
  return formatHead(line, headers) + (head.method === "HEAD" ? "" : Buffer.from(body).toString("latin1"));
}

function locationOf(
  { target, headers }: Pick<RequestHead, "target" | "headers">,
  is: ListenerAnswer & { readonly kind: "redirect" },
  port: number,
  scheme: "http" | "https",
): string {
  const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  const values: Readonly<Record<string, string>> = {
    protocol: scheme,
    host: host.replace(/:\d+$/, ""),
    port: String(port),
    path: path.replace(/^\//, ""),
    query,
  };
  const filled = (text: string): string =>
    text.replace(/#\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const rest = filled(is.query);
  return `${filled(is.protocol).toLowerCase()}://${filled(is.host)}:${filled(is.port)}${filled(is.path)}${rest === "" ? "" : `?${rest}`}`;
}

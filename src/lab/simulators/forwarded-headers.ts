// The headers that a load balancer adds to requests.
import type { Header } from "../http/message.ts";

export interface Forwarded {
  readonly client: string;
  readonly scheme: "http" | "https";
  /** The load balancer's own. */
  readonly port: number;
}

/**
 * As an ALB does by default: appends the client address to X-Forwarded-For, and replaces scheme and port (AWS, "HTTP
 * headers and Application Load Balancers"). X-Amzn-Trace-Id is left out: nothing here reads it.
 */
export function forwardedHeaders(
  headers: readonly Header[],
  { client, scheme, port }: Forwarded,
): readonly Header[] {
  const passed = headers.filter(([name]) => !/^x-forwarded-(proto|port)$/i.test(name));
  const at = passed.findLastIndex(([name]) => name.toLowerCase() === "x-forwarded-for");
  const [name, value] = passed[at] ?? ["X-Forwarded-For", ""];
  const appended: Header = [name, value.trim() === "" ? client : `${value}, ${client}`];
  return [
    ...(at === -1 ? [...passed, appended] : passed.with(at, appended)),
    ["X-Forwarded-Proto", scheme],
    ["X-Forwarded-Port", String(port)],
  ];
}

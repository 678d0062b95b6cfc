// Whether a proxy denies some clients of its stats page, by address or password.
import { type AclTest, readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { REFUSALS } from "./actions.ts";
import { type PlacedTest, testsOf } from "./conditions.ts";
import { lineageOf, linesFor, pathsTo } from "./haproxy-view.ts";
import { sendsRequests } from "./idle.ts";

/**
 * `matches` selects the tests. A test of `src` counts only where `src` is the client: `tcp-request connection` is evaluated before
 * the PROXY header is read, and without a header and without the client's address, the load balancer is the source.
 */
export function limitsClients(
  wiring: Wiring,
  proxy: HaproxyProxy,
  matches: (test: AclTest) => boolean,
): boolean {
  const isReplaced = sourceIsLoadBalancer(wiring, proxy);
  const setsSource = linesFor(proxy, "http-request", "set-src").length > 0;
  const readsHeader =
    proxy.binds.some(({ acceptProxy }) => acceptProxy) ||
    lineageOf(proxy).some(({ expectProxy }) => expectProxy.length > 0);
  const seesClient = ({ tokens: [rules, kind] }: HaproxyLine) =>
    rules?.value === "http-request"
      ? setsSource || !isReplaced
      : !isReplaced && !(readsHeader && kind?.value === "connection");
  return RULES.flatMap((words) => linesFor(proxy, ...words)).some((line) => {
    const condition = readCondition(line);
    if (condition === undefined) return true;
    const tests = testsOf(proxy, condition);
    return (
      tests.some(({ test }) => matches(test) && (seesClient(line) || !/^src\b/.test(test.fetch.value))) &&
      !tests.some((one) => isOfOtherPath(one, proxy.stats?.uri.value ?? ""))
    );
  });
}

const RULES: readonly (readonly string[])[] = [
  ["http-request"],
  ["tcp-request", "connection"],
  ["tcp-request", "content"],
].flatMap((rules) => REFUSALS.map((action) => [...rules, action]));

function sourceIsLoadBalancer(wiring: Wiring, proxy: HaproxyProxy): boolean {
  return pathsTo(wiring, proxy.binds).some(
    ({ listener }) =>
      listener !== undefined &&
      (sendsRequests(listener) === true ||
        (knownValue(listener.proxyProtocol) === "none" && knownValue(listener.keepsClientAddress) === false)),
  );
}

/** `{ path_beg /admin }` does not restrict a page at `/haproxy`. */
function isOfOtherPath(
  { test: { fetch, method = "beg", patterns }, negated }: PlacedTest,
  uri: string,
): boolean {
  if (!/^path(_beg)?(,lower)?$/.test(fetch.value) || (method !== "beg" && method !== "str")) return false;
  return patterns.some(({ value }) => uri.startsWith(value)) === negated;
}

// What the rules of a configuration do with the request of an explanation; undefined where it did not reach HAProxy.
import type { LabAnswer } from "../lab/send.ts";
import type { Stream } from "../lab/stream-log.ts";
import type { RulesExplanation } from "../space/haproxy/explain-rules.ts";
import type { SentRequest } from "../space/haproxy/locate-request.ts";
import type { HaproxyBind, HaproxyProxy } from "../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { knownValue } from "../wiring/written.ts";
import type { ExplainedRequest } from "./commands/explain.ts";

export interface Explained {
  readonly wiring: Wiring;
  readonly layer: HaproxyLayer;
  readonly request: Pick<ExplainedRequest, "url" | "options">;
  readonly answer: LabAnswer;
  readonly streams: readonly Stream[] | undefined;
}

export async function explainRulesFor(explained: Explained): Promise<RulesExplanation | undefined> {
  const { layer, streams } = explained;
  const { explainRules } = await import("../space/haproxy/explain-rules.ts");
  const entered = await requestAtBind(explained);
  if (entered === undefined) return undefined;
  const { request, proxy } = entered;
  const own = streams?.find(({ frontend }) => frontend === proxy.name);
  return explainRules(
    { config: layer.config, wiring: layer.wiring, files: (name) => layer.maps.get(name)?.text },
    request,
    proxy,
    own?.backend,
  );
}

/** The request as it enters the configuration; undefined where it did not reach HAProxy, or HAProxy read none. */
export async function requestAtBind(
  explained: Omit<Explained, "streams">,
): Promise<{ readonly request: SentRequest; readonly proxy: HaproxyProxy } | undefined> {
  const { layer, request, answer } = explained;
  const { sentRequest, splitUrl } = await import("../lab/send.ts");
  const { expectsProxy } = await import("../lab/bind-entrances.ts");
  const { listenerNames } = await import("../space/haproxy/evaluate-haproxy.ts");
  const { isIP } = await import("node:net");
  const entered = enteredAt(explained);
  if (entered === undefined) return undefined;
  const { bind, proxy, path } = entered;
  const url = splitUrl(request.url);
  if (!isUnderstood(entered, url.scheme)) return undefined;
  const sent = sentRequest(url, request.options);
  const listeners = listenerNames(layer.wiring);
  const isDirect = path.start === "bind" && !expectsProxy(bind, proxy);
  const located: SentRequest = {
    listener: listeners.get(bind),
    method: sent.method,
    target: sent.target,
    headers: sent.headers,
    client: answer.client,
    connectedClient: isDirect ? answer.client : undefined,
    destinationPort: path.start === "bind" ? (bind.address.ports?.from ?? url.port) : undefined,
    serverName:
      url.scheme === "https" && !endsTls(path) && isIP(url.hostname) === 0 ? url.hostname : undefined,
    unknownHeaders: readsRequests(path) ? FORWARDED : NONE,
  };
  return { request: located, proxy };
}

/** HAProxy reads no request where only one side speaks TLS; in `mode tcp` it passes TLS on. */
function isUnderstood({ path, bind, proxy }: Entered, scheme: "http" | "https"): boolean {
  const toTargets = path.listener && knownValue(path.listener.targetProtocol);
  const speaksTls = endsTls(path) ? toTargets === "tls" || toTargets === "https" : scheme === "https";
  // The lab sends HTTP/1.1.
  const onlyH2 = bind.options.some(
    ({ keyword, values }) => keyword.value === "proto" && values[0]?.value === "h2",
  );
  if (onlyH2) return false;
  return bind.ssl === speaksTls || (speaksTls && proxy.mode.value === "tcp");
}

/** A load balancer that reads requests sets them. */
const FORWARDED: ReadonlySet<string> = new Set(["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"]);
const NONE: ReadonlySet<string> = new Set();

function readsRequests({ listener }: TrafficPath): boolean {
  const protocol = listener && knownValue(listener.protocol);
  return protocol === "http" || protocol === "https";
}

/** Whether the load balancer terminates TLS. */
function endsTls({ listener }: TrafficPath): boolean {
  const protocol = listener && knownValue(listener.protocol);
  return protocol === "tls" || protocol === "https";
}

interface Entered {
  readonly path: TrafficPath;
  readonly bind: HaproxyBind;
  readonly proxy: HaproxyProxy;
}

/** The bind that the path of the answer ends at. */
function enteredAt({ wiring, layer, answer }: Omit<Explained, "streams">): Entered | undefined {
  const hop = /bind (\S+)[^→]*$/.exec(answer.path ?? "")?.[1];
  const paths = wiring.trafficPaths.flatMap((path) => {
    const { bind, proxy, haproxy } = path;
    return bind !== undefined && proxy !== undefined && haproxy === layer ? [{ path, bind, proxy }] : [];
  });
  const own = paths.filter(({ proxy }) => proxy.name === answer.listener);
  return own.find(({ bind }) => bind.address.text === hop) ?? own[0];
}

// WebSockets: which requests are handshakes, which routes forward them; no other request becomes a tunnel.
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { deny, type HaproxyContext, oneOf, routeWord } from "./context.ts";
import { type Group, group, line } from "./writing.ts";

const UPGRADED = "{ var(txn.upgrade) -m found }";

/**
 * Before Connection and Upgrade are removed. HTTP/2 does not count in Upgrade: HAProxy 2.6 keeps `h2c`, later versions take it out. Without
 * Connection: Upgrade, 2.6 and 3.0 keep Upgrade, and with a body 3.2 and 3.4 do (RFC 9110 section 7.8).
 */
export function handshakeGroup(plan: Plan): Group {
  const handshake = [
    "{ req.hdr(upgrade) -i websocket }",
    "!{ req.hdr(upgrade) -m reg -i '^(?!(?:websocket|h2c?)$).' }",
    "{ req.hdr(connection) -i upgrade }",
    "{ method GET }",
    "!{ req.hdr(content-length),add(0) gt 0 }",
    "!{ req.fhdr(transfer-encoding) -m found }",
  ];
  const recognized = matchesHandshake(plan);
  const about = recognized
    ? "recognizes WebSocket handshakes (RFC 6455, 4.1; RFC 8441)"
    : "WebSocket over HTTP/2 is an extended CONNECT (RFC 8441); no route accepts it";
  return group(about, [
    ...(recognized
      ? [line(`http-request set-var(txn.upgrade) str(websocket) if ${handshake.join(" ")}`)]
      : []),
    ...extendedConnect(plan),
  ]);
}

/**
 * HAProxy takes an extended CONNECT of HTTP/2 (RFC 8441) for a GET with Upgrade. Its client takes any 2xx for an open tunnel, so no plain request is made of it:
 * 501 is for a protocol that is not supported (RFC 9220 section 3).
 */
function extendedConnect(plan: Plan) {
  if (!offersHttp2(plan)) return [];
  const extended = "{ fc_http_major 2 } { req.fhdr(upgrade) -m found }";
  const act =
    webSocketRoutes(plan).length === 0 ? "deny deny_status 501" : "set-var(txn.extended) bool(true)";
  return [line(`http-request ${act} if ${extended}`, partOf(plan, "public.tls"))];
}

/** After the route is known. */
export function upgradeGroup(context: HaproxyContext): Group {
  const { plan } = context;
  const routes = webSocketRoutes(plan);
  if (routes.length === 0) return [];
  const ids = routes.map(({ id }) => id);
  const other = `!${oneOf(context, routeWord(context, "id"), ids, "websocket-routes")}`;
  const because = "routes with `websocket: true` forward handshakes; for others they are plain requests";
  return group({ because, at: routes[0]?.at }, [
    line(`http-request unset-var(txn.upgrade) if ${UPGRADED} ${other}`),
    ...(offersHttp2(plan) ? [deny(501, [`{ var(txn.extended) -m found } !${UPGRADED}`])] : []),
    line(`http-request set-header Upgrade websocket if ${UPGRADED}`),
    line(`http-request set-header Connection upgrade if ${UPGRADED}`),
  ]);
}

/**
 * HAProxy answers 502 to a 101 when the client did not request an upgrade. When it did, HAProxy opens a tunnel even where Upgrade did not reach the server
 * (tested on 2.6, 3.0, 3.2 and 3.4, with Sec-WebSocket-Accept in the response).
 */
export function unaskedTunnel(plan: Plan): Group {
  const but = webSocketRoutes(plan).length === 0 ? "" : ` !${UPGRADED}`;
  return [
    line(
      `http-response deny deny_status 502 if { status 101 }${but}`,
      "response to an upgrade that was not requested",
    ),
  ];
}

/** After a condition on another status than 101: or the response to a handshake. */
export function upgradedResponse(plan: Plan): string {
  return webSocketRoutes(plan).length === 0 ? "" : ` || ${UPGRADED}`;
}

/** A condition sees the handshake, and no other Upgrade. */
function matchesHandshake({ sites }: Plan): boolean {
  return sites.some(({ routes }) =>
    routes.some(({ match, webSocket }) => webSocket || match.headers.some(({ name }) => name === "upgrade")),
  );
}

function webSocketRoutes({ sites }: Plan): readonly RoutePlan[] {
  return sites.flatMap(({ routes }) => routes.filter(({ webSocket }) => webSocket));
}

function offersHttp2({ listeners }: Plan): boolean {
  return listeners.some(({ tls }) => tls?.alpn.includes("h2") === true);
}

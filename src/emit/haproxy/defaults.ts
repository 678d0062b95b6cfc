// The two defaults sections: settings of every proxy, and the route lookup of every frontend.
import { formatDurationMs } from "../../plan/durations.ts";
import { LONGEST_BODY_BYTES } from "../../plan/limits.ts";
import { partOf } from "../../plan/places.ts";
import type { Decided, Plan } from "../../plan/plan.ts";
import { deny, forwardedFrontends, type HaproxyContext, onlyIf } from "./context.ts";
import { logFormat } from "./log-format.ts";
import { removedHeaders } from "./removed-headers.ts";
import { connectGroup, targetGroup } from "./request-target.ts";
import { routeLines } from "./route-lines.ts";
import { handshakeGroup, unaskedTunnel, upgradeGroup } from "./upgrades.ts";
import { type Group, group, haproxySection, line, type SectionText, word } from "./writing.ts";

export function baseDefaults(plan: Plan): SectionText {
  const { timeouts } = plan;
  const shared = plan.backends.find(({ keepAlive }) => keepAlive.value);
  const timed = (name: string, time: Decided<number>) =>
    line(`timeout ${name.padEnd(15)} ${formatDurationMs(time.value)}`, time);
  return haproxySection("defaults base", undefined, [
    [
      line("mode http"),
      ...(plan.logs.format === "off" ? [] : [line("log global")]),
      ...(plan.logs.format === "off"
        ? []
        : [line("option dontlognull", "connect-only health checks are not logged")]),
      line("option idle-close-on-response", "on reload, idle connections close after their next response"),
      // Written out: the default is off up to HAProxy 3.2, and on since 3.3 (manual section 4.2, option abortonclose).
      line("option abortonclose", "drops queued requests of clients that disconnected"),
      // New in HAProxy 3.2 (manual section 4.2); older versions forward them.
      line(".if version_atleast(3.2)"),
      line("option http-drop-request-trailers", "rules do not see trailers; some servers merge them"),
      line(".endif"),
      line("option redispatch 1", "retries go to another server, if there is one"),
      ...(shared === undefined
        ? []
        : [
            line("http-reuse always", shared.keepAlive),
            line(
              "retry-on conn-failure empty-response",
              "the server may just have closed a reused connection",
            ),
          ]),
    ],
    [
      timed("client", timeouts.client),
      // The directive is new in HAProxy 3.0; the preprocessor reads versions from 2.5 on (manual section 2.4).
      ...(timeouts.handshake === null
        ? []
        : [line(".if version_atleast(3.0)"), timed("client-hs", timeouts.handshake), line(".endif")]),
      timed("server", timeouts.server),
      timed("connect", timeouts.connect),
      timed("http-request", timeouts.request),
      timed("http-keep-alive", timeouts.keepAlive),
      timed("queue", timeouts.queue),
      timed("check", timeouts.check),
    ],
    ...(plan.resolvers !== null
      ? [
          group("an unresolvable name takes only its own server down", [
            line("default-server init-addr none resolvers cluster resolve-prefer ipv4"),
          ]),
        ]
      : []),
  ]);
}

/** The rules of every frontend that come before its own. */
export function edgeDefaults(context: HaproxyContext, keepsId: boolean): readonly SectionText[] {
  const { plan } = context;
  return [
    haproxySection("defaults edge from base", "Route lookup, the same for every frontend.", [
      group(partOf(plan, "logs"), logFormat(context)),
      group(
        partOf(plan, "errorPages"),
        plan.errorPages.map(({ status, html }) =>
          line(
            `http-error status ${status} content-type 'text/html; charset=utf-8' file ${word(context.file(`error-${status}`, "html", html, partOf(plan, "errorPages").at))}`,
          ),
        ),
      ),
      ...(plan.compression.length === 0
        ? []
        : [
            group(partOf(plan, "compression"), [
              line("compression algo gzip"),
              line(`compression type ${plan.compression.join(" ")}`),
            ]),
          ]),
      [
        deny(
          400,
          [`{ req.hdr(content-length),add(0) gt ${LONGEST_BODY_BYTES} }`],
          "HAProxy 2.6 and 3.0 read a length of 2^64 as 0: request smuggling",
        ),
      ],
      ...forwardedClient(plan),
      targetGroup(plan),
      handshakeGroup(plan),
      removedHeaders(plan),
      group(
        "only safe methods (RFC 9110, 9.2.1) are retried after the request was sent",
        plan.backends.some(({ keepAlive }) => keepAlive.value)
          ? [line("http-request disable-l7-retry if !{ method GET HEAD OPTIONS }")]
          : [],
      ),
      ...routeLines(context, keepsId),
      upgradeGroup(context),
      unaskedTunnel(plan),
      connectGroup(context),
    ]),
  ];
}

/**
 * Manual section 4.2, http-request set-src: from there on `src`, access lists and the log have the client's address, for this request alone
 * (verified on 2.6, 3.0 and 3.2: the next request on the connection starts without it). Section 7.3.6, req.hdr_ip: an address, for IPv4 also with a
 * port; it does not read an IPv6 address in brackets with a port.
 */
function forwardedClient(plan: Plan): readonly Group[] {
  const names = forwardedFrontends(plan);
  if (names.length === 0) return [];
  const here = names.length === plan.listeners.length ? [] : [`{ fe_name ${names.join(" ")} }`];
  const last = "req.hdr(x-forwarded-for,-1)";
  return [
    group("client address: the last entry, from the load balancer; clients can forge the entries before it", [
      line(`http-request set-var(txn.from) req.hdr_ip(x-forwarded-for,-1)${onlyIf(...here)}`),
      line(
        `http-request set-var(txn.from) ${last},field(2,[),field(1,]),ipmask(32,128)${onlyIf(...here, `{ ${last} -m beg [ }`)}`,
        "[2001:db8::1]:443",
      ),
      line("http-request set-src var(txn.from) if { var(txn.from) -m found }"),
      line("http-request set-var-fmt(txn.client) %[src]"),
      deny(400, [...here, "!{ var(txn.from) -m found }"], "no client address from the load balancer"),
    ]),
  ];
}

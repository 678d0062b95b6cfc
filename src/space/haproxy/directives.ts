// Which directives of a proxy decide about requests, and which do not: what is in neither list is named as not examined.

/** Rules that are evaluated. */
export const RULES: ReadonlySet<string> = new Set(
  (
    "acl bind default_backend http-after-response http-request http-response monitor monitor-uri redirect server " +
    "server-template stats tcp-request unique-id-header use-server use_backend"
  ).split(" "),
);

/** Limits, times, logs, checks and connections to servers: a request that is answered gets the same answer from the same place. */
export const WITHOUT_EFFECT: ReadonlySet<string> = new Set(
  (
    "backlog balance bind-process capture clitcpka-cnt clitcpka-idle clitcpka-intvl compression cookie crt-ignore-err " +
    "default-server declare dynamic-cookie-key description disabled email-alert enabled errorfile errorfiles errorloc errorloc302 errorloc303 " +
    "error-log-format external-check force-be-switch fullconn guid hash-balance-factor hash-preserve-affinity hash-type http-check " +
    "http-error http-reuse id ignore-persist force-persist load-server-state-from-file log log-format log-format-sd log-steps " +
    "log-tag max-keep-alive-queue max-session-srv-conns maxconn mode option persist quic-initial rate-limit retries " +
    "retry-on server-state-file-name source srvtcpka-cnt srvtcpka-idle srvtcpka-intvl stick stick-table tcp-check " +
    "timeout transparent unique-id-format user group uid gid nbproc contimeout clitimeout srvtimeout"
  ).split(" "),
);

/** Actions of `http-request` that change neither the answer nor what the server gets. */
export const ACTIONS_WITHOUT_EFFECT =
  /^(?:capture|set-log-level|set-nice|set-tos|set-mark|set-(?:fc|bc)-(?:tos|mark)|set-priority-(?:class|offset)|track-sc\d*|sc-(?:inc|add|set)-gp[ct]\d*|(?:add|del)-acl|(?:set|del)-map|wait-for-handshake|wait-for-body|disable-l7-retry|set-timeout|strict-mode|early-hint|do-log|pause|set-retries|set-bandwidth-limit|set-src-port|set-fc-(?:sndbuf|rcvbuf)|set-bc-(?:sndbuf|rcvbuf)|cache-store|expect-proxy|expect-netscaler-cip|set-sndbuf)$/;

/** Options that change what the server gets, or who answers. */
export const OPTIONS_WITH_EFFECT: ReadonlySet<string> = new Set([
  "forwardfor",
  "forwarded",
  "originalto",
  "http_proxy",
]);

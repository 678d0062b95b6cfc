// Which directives of a proxy change nothing about requests, or are no rules: any other line that the evaluation does not run is named.

/** Read by the wiring or by the evaluation of another line. */
export const NO_RULES: ReadonlySet<string> = new Set(
  "acl bind default_backend monitor monitor-uri server server-template stats".split(" "),
);

/** Limits, times, logs, checks and connections to servers: a request that is answered gets the same answer from the same place. */
export const WITHOUT_EFFECT: ReadonlySet<string> = new Set(
  (
    "backlog balance bind-process capture clitcpka-cnt clitcpka-idle clitcpka-intvl compression cookie crt-ignore-err " +
    "default-server declare dynamic-cookie-key description email-alert enabled errorfile errorloc errorloc302 errorloc303 " +
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

/** Rules and what they refer to: the evaluation names those that it does not run. */
export const EVALUATED: ReadonlySet<string> = new Set(
  (
    "acl http-request http-response http-after-response tcp-request redirect use_backend use-server default_backend monitor-uri " +
    "monitor frontend backend listen"
  ).split(" "),
);

/** Whether an action of a rule does something that the outcome of a request does not show. */
export function hasOtherEffect(action: string): boolean {
  const name = action.replace(/\(.*/s, "");
  return name === "set-src" || ACTIONS_WITHOUT_EFFECT.test(name);
}

/** Options that change what the server receives or whether it answers, and that the evaluation does not follow. */
export const OPTIONS_NOT_FOLLOWED: ReadonlySet<string> = new Set([
  "http-restrict-req-hdr-names",
  "http_proxy",
]);

/** Lines of one keyword that only sometimes are rules, by their second word. */
export const SECOND_WORDS_WITHOUT_EFFECT: Readonly<Record<string, ReadonlySet<string>>> = {
  "tcp-request": new Set(["inspect-delay"]),
  "tcp-response": new Set(["inspect-delay"]),
};

/** Actions of `http-response` and `http-after-response` that leave the status and Location. */
export const RESPONSE_HEADER_ACTIONS =
  /^(?:allow|(?:add|set|del|replace)-(?:header|value|headers-bin)|(?:set|unset)-var(?:-fmt)?|capture|cache-store|set-(?:log-level|nice|tos|mark|fc-tos|fc-mark|timeout)|track-sc\d*|sc-(?:inc|add|set)-gp[ct]\d*|(?:add|del)-acl|(?:set|del)-map|strict-mode|do-log|pause|set-bandwidth-limit|wait-for-body)$/;

// The directives that HAProxy may get from an untrusted file, and those that it may not. Directives in neither list are unknown.

import { LIBRARIES_READ } from "../../environment.ts";
import { bindOptionArity, serverOptionArity } from "../options.ts";

/** Why a line, or an option of a line, is left out of what HAProxy gets. */
export type LeftOutReason =
  | "code"
  | "program"
  | "file"
  | "network"
  | "process"
  | "first-word"
  | "variable"
  | "condition"
  | "unknown"
  | "depends"
  | "missing-list"
  | "missing-page";

/** Sections whose lines HAProxy reads with one parser. */
type Parser =
  | "global"
  | "proxy"
  | "peers"
  | "resolvers"
  | "mailers"
  | "userlist"
  | "cache"
  | "ring"
  | "log-forward"
  | "log-profile"
  | "http-errors"
  | "fcgi-app"
  | "crt-store"
  | "healthcheck";

const PARSERS: Readonly<Record<string, Parser>> = {
  global: "global",
  defaults: "proxy",
  frontend: "proxy",
  backend: "proxy",
  listen: "proxy",
  peers: "peers",
  resolvers: "resolvers",
  mailers: "mailers",
  userlist: "userlist",
  cache: "cache",
  ring: "ring",
  "log-forward": "log-forward",
  "log-profile": "log-profile",
  "http-errors": "http-errors",
  "fcgi-app": "fcgi-app",
  "crt-store": "crt-store",
  healthcheck: "healthcheck",
};

/** Sections that are left out with all their lines. */
const REFUSED_SECTIONS: Readonly<Record<string, LeftOutReason>> = {
  acme: "network",
  namespace_list: "process",
  program: "program",
  traces: "process",
};

// Checked against `haproxy -dKcfg` of 2.6, 3.0, 3.2 and 3.4 by a test; what the parsers compare by hand is of
// src/cfgparse-global.c, src/cfgparse-listen.c and the manual's sections 3 to 12.
const ALLOWED: Readonly<Record<Parser, ReadonlySet<string>>> = {
  global: words(`
    anonkey busy-polling ca-base chroot close-spread-time cluster-secret cpu-affinity cpu-map cpu-policy cpu-set crt-base daemon
    default-path description dns-accept-family expose-deprecated-directives expose-experimental-directives
    fd-hard-limit gid grace group h1-accept-payload-with-any-method h1-case-adjust h1-case-adjust-file
    h1-do-not-close-on-insecure-transfer-encoding h2-workaround-bogus-websocket-clients hard-stop-after
    harden.reject-privileged-ports.quic harden.reject-privileged-ports.tcp http-err-codes http-fail-codes
    httpclient.retries httpclient.ssl.verify httpclient.timeout.connect jwt.allow_none_alg jwt.decrypt_alg_list
    jwt.decrypt_enc_list key-base limited-quic localpeer log log-send-hostname log-tag master-worker
    max-spread-checks max-threads-per-group maxcompcpuusage maxcomprate maxconn maxconnrate maxpipes maxsessrate
    maxsslconn maxsslrate maxzlibmem mworker-max-reloads nbproc nbthread no-memory-trimming no-quic node noepoll
    noevports nogetaddrinfo nokqueue noktls nopoll noreuseport nosplice numa-cpu-mapping pidfile
    pp2-never-send-local prealloc-fd presetenv profiling.memory profiling.tasks resetenv server-state-base
    server-state-file set-dumpable set-var set-var-fmt setenv shards spread-checks ssl-default-bind-ciphers
    ssl-default-bind-ciphersuites ssl-default-bind-client-sigalgs ssl-default-bind-curves
    ssl-default-bind-options ssl-default-bind-sigalgs ssl-default-server-ciphers
    ssl-default-server-ciphersuites ssl-default-server-client-sigalgs ssl-default-server-curves
    ssl-default-server-options ssl-default-server-sigalgs ssl-dh-param-file ssl-load-extra-del-ext
    ssl-load-extra-files ssl-mode-async ssl-security-level ssl-server-verify ssl-skip-self-issued-ca stats
    stats-file strict-limits thread-group thread-groups thread-hard-limit uid ulimit-n unix-bind unsetenv user
    warn-blocked-traffic-after zero-warning`),
  proxy: words(`
    acl backlog balance be-unpublished bind bind-process capture clitcpka-cnt clitcpka-idle clitcpka-intvl
    clitimeout compression contimeout cookie declare default-server default_backend description disabled
    dispatch dynamic-cookie-key email-alert enabled error-log-format errorfile errorfiles errorloc errorloc302 errorloc303 filter
    force-be-switch force-persist fullconn grace guid hash-balance-factor hash-preserve-affinity hash-type
    http-after-response http-check http-error http-request http-response http-reuse http-send-name-header id
    ignore-persist load-server-state-from-file log log-format log-format-sd log-steps log-tag
    max-keep-alive-queue max-session-srv-conns maxconn mode monitor monitor-uri option persist quic-initial
    rate-limit redirect retries retry-on server server-state-file-name server-template source srvtcpka-cnt
    srvtcpka-idle srvtcpka-intvl srvtimeout ssl-f-use stats stick stick-table tcp-check tcp-request
    tcp-response timeout unique-id-format unique-id-header use-fcgi-app use-server use_backend`),
  peers: words("bind default-bind default-server disabled enabled log peer server shards table"),
  resolvers: words("accepted_payload_size hold nameserver parse-resolv-conf resolve_retries timeout"),
  mailers: words("mailer timeout"),
  userlist: words("group user"),
  cache: words("max-age max-object-size max-secondary-entries process-vary total-max-size"),
  ring: words("description format maxlen server size timeout"),
  "log-forward": words("backlog bind dgram-bind guid log maxconn option timeout"),
  "log-profile": words("log-tag on"),
  "http-errors": words("errorfile"),
  "fcgi-app": words(`
    acl docroot index log-stderr option pass-header path-info set-param`),
  "crt-store": words("crt-base key-base load"),
  healthcheck: words("http-check tcp-check type"),
};

/** Words of the global section that only change numbers: buffers, limits, times. */
const ALLOWED_PREFIXES: Readonly<Partial<Record<Parser, RegExp>>> = {
  global: /^tune\.(?!fail-alloc$|renice\.|ssl\.ocsp-update\.|lua\.openlibs$)[a-z0-9._-]+$/,
};

const REFUSED = reasons({
  code: `lua-load lua-load-per-thread lua-prepend-path module-load module-path ssl-engine ssl-propquery ssl-provider
    ssl-provider-path tune.lua.openlibs`,
  program: "external-check insecure-fork-wanted ssl-passphrase-cmd",
  file: "backing-file issuers-chain-path shm-stats-file shm-stats-file-max-objects",
  network: `acme.scheduler httpclient.resolvers.disabled httpclient.resolvers.id httpclient.resolvers.prefer
    httpclient.ssl.ca-file ocsp-update.disable ocsp-update.httpproxy ocsp-update.maxdelay ocsp-update.mindelay
    ocsp-update.mode transparent tune.ssl.ocsp-update.maxdelay tune.ssl.ocsp-update.mindelay`,
  process: `force-cfg-parser-pause insecure-setuid-wanted preserve-env quick-exit quiet setcap stress-level
    trace tune.fail-alloc tune.renice.runtime tune.renice.startup`,
});

/** Device detection: third-party libraries that read their own files. */
const DEVICE_DETECTION = /^(?:51degrees|deviceatlas|wurfl)-/;

/** `option …` of proxies, log forwarders and FastCGI applications. */
const OPTIONS = words(`
  abortonclose accept-invalid-http-request accept-invalid-http-response accept-unsafe-violations-in-http-request
  accept-unsafe-violations-in-http-response allbackups assume-rfc6587-ntf checkcache clitcpka contstats
  disable-h2-upgrade dont-parse-log dontlog-normal dontlognull forwarded forwardfor get-values
  h1-case-adjust-bogus-client h1-case-adjust-bogus-server host http-buffer-request http-drop-request-trailers
  http-drop-response-trailers http-ignore-probes http-keep-alive http-no-delay http-pretend-keepalive
  http-restrict-req-hdr-names http-server-close http-tunnel http-use-htx http-use-proxy-header httpchk
  httpclose httplog httpslog idle-close-on-response independant-streams independent-streams keep-conn
  ldap-check log-health-checks log-separate-errors logasap max-reqs mpxs-conns mysql-check nolinger originalto
  persist pgsql-check prefer-last-server redis-check redispatch relaxed-tcp-check smtpchk socket-stats
  splice-auto splice-request splice-response spop-check srvtcpka ssl-hello-chk tcp-check tcp-smart-accept
  tcp-smart-connect tcpka tcplog`);

const REFUSED_OPTIONS = reasons({ program: "external-check", network: "transparent" });

const FILTERS = words("bwlim-in bwlim-out cache comp-req comp-res compression fcgi-app");

const REFUSED_FILTERS = reasons({ code: "opentracing spoe", process: "trace" });

/** Actions of rules, by name without arguments; those of `tcp-request` also without their point in time. */
const ACTIONS = words(`
  accept add-acl add-header add-headers-bin allow attach-srv auth cache-store cache-use capture close del-acl
  del-header del-headers-bin del-map deny disable-l7-retry do-log do-resolve early-hint expect-netscaler-cip
  expect-proxy inspect-delay normalize-uri pause redirect reject replace-header replace-path replace-pathq
  replace-uri replace-value return sc-add-gpc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt sc-set-gpt0
  set-bandwidth-limit set-bc-mark set-bc-tos set-dst set-dst-port set-fc-mark set-fc-tos set-header
  set-headers-bin set-log-level set-map set-mark set-method set-nice set-path set-pathq set-priority-class
  set-priority-offset set-query set-retries set-src set-src-port set-status set-timeout set-tos set-uri
  set-var set-var-fmt silent-drop strict-mode switch-mode tarpit unset-var wait-for-body wait-for-handshake`);

const TRACK = /^track-sc\d*$/;

const REFUSED_ACTIONS = reasons({
  code: "ot-group send-spoe-group use-service",
});

/** Options without a value; those with one are in options.ts. */
const BIND_FLAGS = words(`
  accept-proxy allow-0rtt defer-accept force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13
  generate-certificates no-alpn no-ca-names no-sslv3 no-strict-sni no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12
  no-tlsv13 prefer-client-ciphers quic-force-retry ssl strict-sni tfo tls-tickets transparent v4v6 v6only`);

const SERVER_FLAGS = words(`
  agent-check allow-0rtt backup check check-reuse-pool check-send-proxy check-sni-auto check-ssl
  check-via-socks4 disabled enabled force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13
  no-agent-check no-backup no-check no-check-reuse-pool no-check-send-proxy no-check-sni-auto no-check-ssl
  no-renegotiate no-send-proxy no-send-proxy-v2 no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-sni-auto no-ssl
  no-ssl-reuse no-sslv3 no-tfo no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-verifyhost non-stick
  renegotiate send-proxy send-proxy-v2 send-proxy-v2-ssl send-proxy-v2-ssl-cn sni-auto ssl ssl-reuse stick
  strict-maxconn tfo tls-tickets`);

const CERTIFICATE_OPTIONS = words("alias crt issuer key ocsp sctl");

const REFUSED_OPTIONS_OF = reasons({
  network: "acme domains ocsp-update resolve-net socks4 usesrc",
  process: "namespace",
});

/** Of the options that a line of a certificate list has, those without a file and without a request of HAProxy's own. */
const CERTIFICATE_LIST_OPTIONS = words(`
  allow-0rtt alpn ciphers ciphersuites client-sigalgs curves ecdhe ktls no-alpn no-ca-names npn sigalgs
  ssl-max-ver ssl-min-ver verify`);

/** `unknown`: a word that is in no list, which HAProxy refuses or which is newer than the lists. */
export type Verdict = "allowed" | LeftOutReason;

/** The verdict on a section with all its lines. */
export function sectionVerdict(kind: string): Verdict {
  if (Object.hasOwn(PARSERS, kind)) return "allowed";
  return own(REFUSED_SECTIONS, kind) ?? "unknown";
}

export interface LineVerdict {
  readonly verdict: Verdict;
  /** The word that decides. */
  readonly word: string;
}

/** The verdict on a line by its words, without a leading `no` or `default`. */
export function lineVerdict(kind: string, line: readonly string[]): LineVerdict {
  const [first = "", second = ""] = line;
  const parser = own(PARSERS, kind);
  // After `no` or `default`, where HAProxy starts a section nevertheless.
  if (Object.hasOwn(PARSERS, first) || Object.hasOwn(REFUSED_SECTIONS, first))
    return { verdict: own(REFUSED_SECTIONS, first) ?? "first-word", word: first };
  if (DOTTED.has(first)) return { verdict: "allowed", word: first };
  const refused = DEVICE_DETECTION.test(first) ? "code" : own(REFUSED, first);
  const known =
    parser !== undefined && (ALLOWED[parser].has(first) || ALLOWED_PREFIXES[parser]?.test(first) === true);
  if (refused !== undefined || !known) return { verdict: refused ?? "unknown", word: first };
  if (/^(?:pre)?setenv$/.test(first) && LIBRARIES_READ.test(second)) return { verdict: "code", word: second };
  if (first === "option") return { verdict: oneOf(second, OPTIONS, REFUSED_OPTIONS), word: second };
  if (first === "filter" && !second.startsWith("lua."))
    return { verdict: oneOf(second, FILTERS, REFUSED_FILTERS), word: second };
  if (!RULES.has(first)) return { verdict: "allowed", word: first };
  return actionVerdict(first.startsWith("tcp-") ? line.slice(1) : line);
}

const RULES: ReadonlySet<string> = new Set([
  "http-request",
  "http-response",
  "http-after-response",
  "tcp-request",
  "tcp-response",
  "quic-initial",
]);

/** Conditions and messages of the file itself (manual 3.2, section 2.4). */
const DOTTED: ReadonlySet<string> = new Set([
  ".if",
  ".elif",
  ".else",
  ".endif",
  ".diag",
  ".notice",
  ".warning",
  ".alert",
]);

function actionVerdict([first = "", action = "", service = ""]: readonly string[]): LineVerdict {
  const word = (first === "inspect-delay" ? first : action).replace(/\(.*$/s, "");
  const free =
    word.startsWith("lua.") ||
    TRACK.test(word) ||
    (word === "use-service" && (service === "prometheus-exporter" || service.startsWith("lua.")));
  return { verdict: free ? "allowed" : oneOf(word, ACTIONS, REFUSED_ACTIONS), word };
}

/** The verdict on an option of a `bind`, `server` or similar line that starts with `first`. */
export function optionVerdict(first: string, option: string): Verdict {
  const refused = own(REFUSED_OPTIONS_OF, option);
  if (refused !== undefined) return refused;
  if (first === "load" || first === "ssl-f-use")
    return CERTIFICATE_OPTIONS.has(option) || isBindOption(option) ? "allowed" : "unknown";
  const server = /^(?:server|server-template|default-server|source|peer|mailer)$/.test(first);
  const known = server
    ? SERVER_FLAGS.has(option) || Object.hasOwn(serverOptionArity, option)
    : isBindOption(option) || option === "prefix";
  return known ? "allowed" : "unknown";
}

export function isCertificateListOption(option: string): boolean {
  return CERTIFICATE_LIST_OPTIONS.has(option);
}

function isBindOption(option: string): boolean {
  return BIND_FLAGS.has(option) || Object.hasOwn(bindOptionArity, option);
}

function oneOf(
  word: string,
  allowed: ReadonlySet<string>,
  refused: Readonly<Record<string, LeftOutReason>>,
): Verdict {
  return own(refused, word) ?? (allowed.has(word) ? "allowed" : "unknown");
}

function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

function reasons(
  listed: Readonly<Partial<Record<LeftOutReason, string>>>,
): Readonly<Record<string, LeftOutReason>> {
  const pairs = Object.entries(listed) as [LeftOutReason, string][];
  return Object.fromEntries(
    pairs.flatMap(([reason, text]) => [...words(text)].map((word) => [word, reason])),
  );
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

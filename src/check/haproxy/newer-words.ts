// Directives and keywords that only newer HAProxy versions support: an older version refuses them, but they are not misspelled.
import type { HaproxyVersion } from "../layers/haproxy-versions.ts";

/** Keyed by the first tested version that supports them; from `haproxy -dKall` of 2.6, 3.0, 3.2 and 3.4, and their manuals. */
const NEW_WORDS: readonly (readonly [version: HaproxyVersion, words: string])[] = [
  [
    "3.0",
    `accept_date act_conn aes_gcm_enc attach-srv bc.timer.connect bc_be_queue bc_err_name bc_glitches
bc_nb_streams bc_rtt bc_rttvar bc_setting_streams_limit bc_srv_queue bs.aborted bs.debug_str
bs.id bs.rst_code bwlim-in bwlim-out bytes_in bytes_out client-sigalgs cur_client_timeout
deadlock default-crt dump fc.timer.handshake fc.timer.total fc_err_name fc_glitches
fc_nb_streams fc_pp_tlv fc_settings_streams_limit forwarded fs.aborted fs.debug_str fs.id
fs.rst_code global-key guid guid-prefix h1-do-not-close-on-insecure-transfer-encoding
hard-reload harden.reject-privileged-ports.quic harden.reject-privileged-ports.tcp hash-key
http-err-codes http-fail-codes httpclient.resolvers.disabled httpclient.retries
httpclient.timeout.connect key-base loadstatus log-bufsize map_beg_key map_dir_key map_dom_key
map_end_key map_int_key map_ip_key map_reg_key map_str_key map_sub_key ms_ltime ms_utime nbconn
no-alpn ocsp-update.disable ocsp-update.httpproxy ocsp-update.maxdelay ocsp-update.mindelay
ocsp-update.mode ocsp-updates off param pool-conn-name prealloc-fd quic quic-cc-algo
quic-force-retry quic-socket quic_enabled req.cook_names req.timer.hdr req.timer.idle
req.timer.queue req.timer.tq request_date res.cook_names res.timer.data res.timer.hdr
rfc7239_field rfc7239_is_valid rfc7239_n2nn rfc7239_n2np sc-add-gpc sc0_glitch_cnt
sc0_glitch_rate sc1_glitch_cnt sc1_glitch_rate sc2_glitch_cnt sc2_glitch_rate sc_glitch_cnt
sc_glitch_rate server_status set-bandwidth-limit set-bc-mark set-bc-tos set-fc-mark set-fc-tos
set-proxy-v2-tlv-fmt setcap shard sigalgs src_glitch_cnt src_glitch_rate
ssl-default-bind-client-sigalgs ssl-default-bind-sigalgs ssl-default-server-client-sigalgs
ssl-default-server-curves ssl-default-server-sigalgs ssl-security-level
ssl_bc_client_early_traffic_secret ssl_bc_client_handshake_traffic_secret
ssl_bc_client_traffic_secret_0 ssl_bc_curve ssl_bc_early_exporter_secret ssl_bc_exporter_secret
ssl_bc_server_handshake_traffic_secret ssl_bc_server_traffic_secret_0 ssl_c_r_dn ssl_fc_curve
stats-file table_glitch_cnt table_glitch_rate task thread-hard-limit
tune.applet.zero-copy-forwarding tune.buffers.limit tune.buffers.reserve tune.epoll.mask-events
tune.events.max-events-at-once tune.h1.zero-copy-fwd-recv tune.h1.zero-copy-fwd-send
tune.h2.be.glitches-threshold tune.h2.be.initial-window-size tune.h2.be.max-concurrent-streams
tune.h2.fe.glitches-threshold tune.h2.fe.initial-window-size tune.h2.fe.max-concurrent-streams
tune.h2.fe.max-total-streams tune.h2.zero-copy-fwd-send tune.listener.default-shards
tune.lua.burst-timeout tune.lua.log.loggers tune.lua.log.stderr tune.max-checks-per-thread
tune.memory.hot-size tune.pt.zero-copy-forwarding tune.quic.backend.max-idle-timeou
tune.quic.cc-hystart tune.quic.frontend.conn-tx-buffers.limit
tune.quic.frontend.glitches-threshold tune.quic.frontend.max-idle-timeout
tune.quic.frontend.max-streams-bidi tune.quic.max-frame-loss tune.quic.reorder-ratio
tune.quic.retry-threshold tune.quic.socket-owner tune.quic.zero-copy-fwd-send
tune.rcvbuf.backend tune.rcvbuf.frontend tune.ring.queues tune.sndbuf.backend
tune.sndbuf.frontend tune.ssl.ocsp-update.maxdelay tune.ssl.ocsp-update.mindelay
tune.stick-counters txn.conn_retries txn.id32 txn.redispatched txn.sess_term_state txn.status
txn.timer.total txn.timer.user update uptime us_ltime us_utime wait warn-blocked-traffic-after
when x509_v_err_str`,
  ],
  [
    "3.2",
    `accept-unsafe-violations-in-http-request accept-unsafe-violations-in-http-response account-key
acme acme-vars acme.scheduler base2 bc_reused bc_settings_streams_limit bits challenge
challenge_ready check-pool-conn-name check-reuse-pool contact cpu-policy cpu-set crt-store
directory dns-accept-family do-log echo expose-deprecated-directives
expose-experimental-directives force-cfg-parser-pause has_ctl hash-preserve-affinity
http-drop-request-trailers http-drop-response-trailers idle-ping init-state keytype label
last_entity le2dec load log-steps master-worker no-check-reuse-pool no-strict-sni pause pidfile
presetenv provider-name quic-initial quiet renew req.ssl_cipherlist req.ssl_keyshare_groups
req.ssl_sigalgs req.ssl_supported_groups resetenv reuse-key rfc7239_nn rfc7239_np sc0_key
sc1_key sc2_key sc_key send_status set-retries setenv spoe.engine-id ssl-f-use ssl_bc_sni
ssl_c_san ssl_fc_early_rcvd ssl_fc_sigalgs_bin ssl_fc_supported_versions_bin stress-level
strict-maxconn table_clr_gpc table_clr_gpc0 table_clr_gpc1 table_inc_gpc table_inc_gpc0
table_inc_gpc1 term_events traces tune.bufsize tune.bufsize.small tune.chksize
tune.comp.maxlevel tune.disable-fast-forward tune.disable-zero-copy-forwarding
tune.glitches.kill.cpu-usage tune.h2.be.max-frames-at-once tune.h2.be.rxbuf
tune.h2.fe.max-frames-at-once tune.h2.fe.max-rst-at-once tune.h2.fe.rxbuf tune.h2.log-errors
tune.http.cookielen tune.http.logurilen tune.http.maxhdr tune.idletimer
tune.lua.bool-sample-conversion tune.max-rules-at-once tune.maxaccept tune.maxpollevents
tune.maxrewrite tune.notsent-lowat.client tune.notsent-lowat.server tune.pattern.cache-size
tune.pipesize tune.quic.cc.cubic.min-losses tune.quic.disable-tx-pacing
tune.quic.disable-udp-gso tune.quic.frontend.default-max-window-size
tune.quic.frontend.max-data-size tune.quic.frontend.max-tx-mem
tune.quic.frontend.stream-data-ratio tune.rcvbuf.client tune.rcvbuf.server tune.recv_enough
tune.renice.runtime tune.renice.startup tune.runqueue-depth tune.sndbuf.client
tune.sndbuf.server tune.ssl.certificate-compression tune.takeover-other-tg-connections unsetenv
waiting_entity zero-warning`,
  ],
  [
    "3.4",
    `add-headers-bin aes_cbc_dec aes_cbc_enc be-unpublished be_connect_timeout be_queue_timeout
be_tarpit_timeout challenge-ready check-sni-auto comp-req comp-res cpu-affinity cpu_usage_grp
cpu_usage_proc cpu_usage_thr cur_connect_timeout cur_queue_timeout cur_tarpit_timeout
del-headers-bin dns-delay dns-timeout dump_all_vars eab-key-id eab-mac-alg eab-mac-key eth.data
eth.dst eth.hdr eth.proto eth.src eth.vlan fc_saved_syn fe_exists fe_tarpit_timeout
force-be-switch healthcheck ip.data ip.df ip.dst ip.fp ip.hdr ip.proto ip.src ip.tos ip.ttl
ip.ver jwt jwt.allow_none_alg jwt.decrypt_alg_list jwt.decrypt_enc_list jwt_decrypt_cert
jwt_decrypt_jwk jwt_decrypt_secret jwt_verify_cert ktls max-threads-per-group no-check-sni-auto
no-renegotiate no-sni-auto noktls profile publish renegotiate req.bytes_in req.bytes_out
res.bytes_in res.bytes_out reverse reverse_dom set-headers-bin shm-stats-file
shm-stats-file-max-objects sni-auto ssl-engine ssl-passphrase-cmd ssl_fc_crtname tcp-md5sig
tcp-ss tcp.dst tcp.flags tcp.options.mss tcp.options.sack tcp.options.tsopt tcp.options.tsval
tcp.options.wscale tcp.options.wsopt tcp.options_list tcp.seq tcp.src tcp.win tgroup
tune.bufsize.large tune.cli.max-payload-size tune.defaults.purge tune.h1.be.glitches-threshold
tune.h1.fe.glitches-threshold tune.lua.openlibs tune.quic.be.cc.cubic-min-losses
tune.quic.be.cc.hystart tune.quic.be.cc.max-frame-loss tune.quic.be.cc.max-win-size
tune.quic.be.cc.reorder-ratio tune.quic.be.max-idle-timeout tune.quic.be.sec.glitches-threshold
tune.quic.be.stream.data-ratio tune.quic.be.stream.max-concurrent tune.quic.be.stream.rxbuf
tune.quic.be.tx.pacing tune.quic.be.tx.udp-gso tune.quic.fe.cc.cubic-min-losses
tune.quic.fe.cc.hystart tune.quic.fe.cc.max-frame-loss tune.quic.fe.cc.max-win-size
tune.quic.fe.cc.reorder-ratio tune.quic.fe.max-idle-timeout tune.quic.fe.sec.glitches-threshold
tune.quic.fe.sec.retry-threshold tune.quic.fe.sock-per-conn tune.quic.fe.stream.data-ratio
tune.quic.fe.stream.max-concurrent tune.quic.fe.stream.max-total tune.quic.fe.stream.rxbuf
tune.quic.fe.tx.pacing tune.quic.fe.tx.udp-gso tune.quic.listen tune.quic.mem.tx-max
tune.ssl.keyupdate-rate-limit tune.streams-elasticity unpublish`,
  ],
];

const FIRST_VERSION: ReadonlyMap<string, HaproxyVersion> = new Map(
  NEW_WORDS.toReversed().flatMap(([version, words]) =>
    words.split(/\s+/).map((word) => [word, version] as const),
  ),
);

/** The first version that supports a word of a message, if there is one. */
export function knownFrom(message: string): HaproxyVersion | undefined {
  const word = /unknown (?:option|keyword|fetch method|converter|sample fetch keyword) '([^'(]+)/.exec(
    message,
  )?.[1];
  // As a sample fetch: the directive is older.
  if (word === "acl") return "3.0";
  if (word === "log-profile") return "3.2";
  return word === undefined ? undefined : FIRST_VERSION.get(word);
}

/** Sections and directives of HAProxy Enterprise (its documentation, "Bot management", "CAPTCHA", "WAF"). */
export function isOfEnterprise(message: string): boolean {
  return /unknown (?:keyword|proxy mode) '(?:botmgmt|captcha|recaptcha|waf)[\w-]*'/.test(message);
}

// Faults of a single haproxy.cfg: spellings of each that are found, and similar lines that are correct.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { unsetIn } from "../../../src/wiring/haproxy/unset-variables.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const TLS = "frontend web\n  bind :443 ssl crt a.pem\n  default_backend app\n";
const PLAIN = "frontend plain\n  bind :80\n  default_backend app\n";
const ONE = "backend app\n  server a 10.0.0.7:80 check\n";
const TWO = "backend app\n  server a 10.0.0.7:80 check cookie a\n  server b 10.0.0.8:80 check cookie b\n";
const POOL = "backend app\n  server a 10.0.0.7:80 check\n  server b 10.0.0.8:80 check\n";
const STATS = "listen stats\n  bind :8404\n  stats enable\n  stats auth ops:kEq9vT2m\n";

const CHECKED = "backend app\n  server a 10.0.0.7:443 check ssl verify none";
const QUEUE = "  timeout queue 5s\n";

/** By code, then by what is different about the lines. */
const FOUND: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "health-check-without-sni": {
    "the Host": `${CHECKED} sni req.hdr(host)\n`,
    "the client's own name": `${CHECKED} sni ssl_fc_sni\n`,
    "default-server": `backend app\n  default-server check ssl verify none sni req.hdr(host)\n  server a 10.0.0.7:443\n`,
  },
  "check-timeout-outlasts-interval": {
    "the default interval": `${ONE}  timeout check 3s\n`,
    "its own interval": "backend app\n  timeout check 3s\n  server a 10.0.0.7:80 check inter 1s\n",
    "of defaults": `defaults slow\n  mode http\n  timeout check 10s\n${ONE}`,
    "mode tcp": `listen db\n  mode tcp\n  bind :5432\n  timeout check 10s\n  server a db-1:5432 check\n`,
  },
  "request-timeout-outlasts-client": {
    "of defaults": `defaults web\n  mode http\n  timeout client 5s\n  timeout http-request 10s\n${PLAIN}${ONE}`,
    "of the frontend": `${PLAIN}  timeout client 5s\n  timeout http-request 6s\n${ONE}`,
  },
  "queue-timeout-without-limit": {
    "no limit": `${ONE}${QUEUE}`,
    "a limit of 0": `backend app\n  default-server maxconn 0\n  server a 10.0.0.7:80 check\n${QUEUE}`,
  },
  "all-server-weights-zero": {
    "each line": "backend app\n  server a 10.0.0.7:80 weight 0\n  server b 10.0.0.8:80 weight 0 backup\n",
    "default-server": "backend app\n  default-server weight 0\n  server-template a 3 app:80\n",
  },
  "secure-cookie-over-http": {
    "both ports": `${TLS}${PLAIN}${TWO}  cookie S insert secure httponly\n`,
    "the cookie of defaults": `defaults sticky\n  mode http\n  cookie S insert secure\n${TLS}${PLAIN}${TWO}`,
  },
  "affinity-over-one-address": {
    "a cookie": "backend app\n  cookie S insert\n  server a app:80 cookie a\n",
    "stick on": "backend app\n  stick-table type ip size 1m\n  stick on src\n  server a app.web.svc:80\n",
    source: "backend app\n  balance source\n  server a app:80\n",
    "a header": "backend app\n  balance hdr(x-user)\n  server a 10.0.0.7:80\n",
  },
  "server-without-cookie": {
    "no server has a value": `${POOL}  cookie S insert indirect nocache\n`,
    "one of two": "backend app\n  cookie S insert\n  server a 10.0.0.7:80 cookie a\n  server b 10.0.0.8:80\n",
    "the same value twice": `${TWO}  cookie S insert\n  server c 10.0.0.9:80 cookie a\n`,
    "the value of default-server": `backend app\n  default-server cookie x\n${POOL.slice(12)}  cookie S insert\n`,
    "a template": "backend app\n  cookie S insert\n  server-template a 3 app:80\n",
    "a template with one value": "backend app\n  cookie S insert\n  server-template a 3 app:80 cookie a\n",
    "a cookie of defaults": `defaults sticky\n  mode http\n  cookie S insert\n${POOL}`,
    "the server's own cookie": `${POOL}  cookie JSESSIONID prefix\n`,
    "dynamic without a key": `${POOL}  cookie S insert dynamic\n`,
    "in a listen":
      "listen web\n  bind :80\n  cookie S insert\n  server a 10.0.0.7:80\n  server b 10.0.0.8:80\n",
  },
  "duplicate-server": {
    "two lines": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.7:80\n",
    "in a listen of mode tcp":
      "listen db\n  mode tcp\n  bind :5432\n  server a 10.0.0.7:5432\n  server b 10.0.0.7:5432\n",
    "an environment variable": 'backend app\n  server a "${APP}:80"\n  server b "${APP}:80"\n',
    "a name that is resolved at start": "backend app\n  server a app:80 check\n  server b app:80 check\n",
    "two backup servers": "backend app\n  server a 10.0.0.7:80 backup\n  server b 10.0.0.7:80 backup\n",
  },
  "no-health-check": {
    "two lines": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.8:80\n",
    "no-check after default-server":
      "backend app\n  default-server check\n  server a 10.0.0.7:80 no-check\n  server b 10.0.0.8:80 no-check\n",
    "a backup that is never used": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.8:80 backup\n",
    "mode tcp": "listen db\n  mode tcp\n  bind :5432\n  server a db-1:5432\n  server b db-2:5432\n",
  },
  "insecure-cookie": {
    "neither flag": `${TLS}${TWO}  cookie S insert indirect nocache\n`,
    "one of two": `${TLS}${TWO}  cookie S insert secure\n`,
    "from defaults": `defaults sticky\n  mode http\n  cookie S insert\n${TLS}${TWO}`,
    "only httponly where plain HTTP is served": `${TLS}${PLAIN}${TWO}  cookie S insert\n`,
    "a flag that http-response adds too early": `${TLS}${TWO}  cookie S insert httponly\n  http-response replace-header Set-Cookie (.*) "\\1; Secure"\n`,
    "TLS that is terminated in front": `frontend web\n  bind :80\n  http-request set-header X-Forwarded-Proto https\n  default_backend app\n${TWO}  cookie S insert\n`,
    dynamic: `${TLS}backend app\n  cookie S insert dynamic\n  dynamic-cookie-key k\n  server a 10.0.0.7:80 check\n`,
  },
  "server-certificate-unverified": {
    "a server line": "backend app\n  server a 10.0.0.7:443 ssl verify none\n",
    "default-server": "backend app\n  default-server ssl verify none\n  server a 10.0.0.7:443\n",
    "default-server of defaults":
      "defaults tls\n  mode http\n  default-server ssl verify none\nbackend app\n  server a 10.0.0.7:443\n",
    "the global default": "global\n  ssl-server-verify none\nbackend app\n  server a 10.0.0.7:443 ssl\n",
  },
  "guessable-password": {
    "the user's name": "listen stats\n  bind :8404\n  stats auth admin:admin\n",
    "a well-known one": "listen stats\n  bind :8404\n  stats auth ops:P@ssw0rd\n",
    digits: "listen stats\n  bind :8404\n  stats auth ops:123456\n",
    "from defaults": "defaults stats\n  mode http\n  stats auth admin:changeme\nlisten stats\n  bind :8404\n",
    "a user of a list":
      "userlist ops\n  user kim insecure-password kim\nfrontend web\n  bind :80\n  http-request auth unless { http_auth(ops) }\n",
  },
  "stats-admin-unrestricted": {
    "if TRUE": `${STATS}  stats admin if TRUE\n`,
    "unless FALSE": `${STATS}  stats admin unless FALSE\n`,
    "an anonymous ACL": `${STATS}  stats admin if { always_true }\n`,
  },
  "path-rule-bypassed": {
    path_beg: `${TLS}  http-request deny if { path_beg /admin }\n${ONE}`,
    "a named ACL": `${TLS}  acl admin path_beg -i /admin\n  http-request deny if admin !{ src 10.0.0.0/8 }\n${ONE}`,
    "-m beg": `${TLS}  http-request auth if { path -m beg /admin }\n${ONE}`,
    path_reg: `${TLS}  http-request deny if { path_reg ^/admin(/|$) }\n${ONE}`,
    path_end: `${TLS}  http-request deny if { path_end .php }\n${ONE}`,
    path_dir: `${TLS}  http-request deny if { path_dir admin }\n${ONE}`,
    "a return with 403": `${TLS}  http-request return status 403 if { path /admin }\n${ONE}`,
    "in the backend": `${TLS}${ONE}  http-request deny if { path_beg /admin }\n`,
    "in a backend for a path": `frontend web\n  bind :80\n  use_backend app if { path_beg /api/ }\n${ONE}  http-request deny if { path_beg /api/admin }\n`,
    "everything but a path": `${TLS}  http-request auth unless { path_beg /public }\n${ONE}`,
    "slashes for which url_dec is not sufficient": `${TLS}  http-request deny if { path,url_dec -m beg /admin }\n${ONE}`,
    "a normalizer that comes later": `${TLS}  http-request deny if { path_beg /admin }\n  http-request normalize-uri path-merge-slashes\n${ONE}`,
  },
  "plain-http-with-hsts": {
    "a plain frontend": `${TLS}${PLAIN}  http-response set-header Strict-Transport-Security max-age=1\n${ONE}`,
    "a listener of both": `${TLS}  bind :80\n  http-response set-header strict-transport-security max-age=1\n${ONE}`,
    "a scheme that the frontend states itself": `${PLAIN}  http-request set-header X-Forwarded-Proto http\n  http-after-response add-header Strict-Transport-Security max-age=1\n${ONE}`,
    "only redirects, and no TLS": `${TLS}${PLAIN}  http-request redirect scheme https\n  http-after-response set-header Strict-Transport-Security max-age=1\n${ONE}`,
  },
  "counter-not-tracked": {
    "sc_ with a number": `${PLAIN}  http-request deny if { sc_http_req_rate(0) gt 9 }\n${ONE}`,
    sc0_: `${PLAIN}  http-request deny if { sc0_conn_cur gt 9 }\n${ONE}`,
    "another counter": `${PLAIN}  http-request track-sc0 src\n  acl fast sc_http_req_rate(1) gt 9\n  http-request deny if fast\n${ONE}`,
    "too late": `${PLAIN}  http-request deny if { sc_http_req_rate(0) gt 9 }\n  http-request track-sc0 src\n${ONE}`,
    use_backend: `${PLAIN}  use_backend slow if { sc0_http_req_rate gt 9 }\n${ONE}`,
    "the second argument": `${PLAIN}  http-request track-sc0 src\n  http-request deny if { sc_get_gpc(0,1) gt 9 }\n${ONE}`,
  },
  "retry-repeats-requests": {
    "all-retryable-errors": "backend app\n  retry-on all-retryable-errors\n  server a 10.0.0.7:80\n",
    "empty-response": "backend app\n  retry-on conn-failure empty-response\n  server a 10.0.0.7:80\n",
    "a status": "backend app\n  retry-on 503\n  server a 10.0.0.7:80\n",
    "from defaults":
      "defaults again\n  mode http\n  retry-on response-timeout\nbackend app\n  server a 10.0.0.7:80\n",
  },
  "forwarded-headers-passed": {
    "everything but a path of the application is redirected": `${PLAIN}  http-request redirect scheme https unless { path_beg /api }\n${ONE}`,
  },
  "hsts-not-sent": {
    "a listener with TLS mentions it": `frontend web\n  # HSTS\n  bind :443 ssl crt a.pem\n  default_backend app\n${ONE}`,
    "a plain one, and no listener sends it": `${TLS}frontend plain\n  # HSTS\n  bind :80\n  default_backend app\n${ONE}`,
  },
};

const RIGHT: typeof FOUND = {
  "health-check-without-sni": {
    "a name for checks": `${CHECKED} sni req.hdr(host) check-sni app.example.com\n`,
    "a fixed name": `${CHECKED} sni str(app.example.com)\n`,
    "a name of http-check connect": `${CHECKED} sni req.hdr(host)\n  option httpchk\n  http-check connect ssl sni app.example.com\n`,
    "requests have none either": `${CHECKED}\n`,
    "no check": "backend app\n  server a 10.0.0.7:443 ssl verify none sni req.hdr(host)\n",
    "no TLS": "backend app\n  server a 10.0.0.7:80 check sni req.hdr(host)\n",
  },
  "check-timeout-outlasts-interval": {
    "a longer interval": "backend app\n  timeout check 3s\n  server a 10.0.0.7:80 check inter 3s\n",
    "no timeout": ONE,
    "no check": "backend app\n  timeout check 10s\n  server a 10.0.0.7:80\n",
    "from the environment": 'backend app\n  timeout check "${CHECK}"\n  server a 10.0.0.7:80 check\n',
  },
  "request-timeout-outlasts-client": {
    equal: `${PLAIN}  timeout client 5s\n  timeout http-request 5s\n${ONE}`,
    "no client timeout": `${PLAIN}  timeout http-request 5s\n${ONE}`,
    "mode tcp":
      "listen db\n  mode tcp\n  bind :5432\n  timeout client 5s\n  timeout http-request 6s\n  server a db-1:5432\n",
  },
  "queue-timeout-without-limit": {
    "one server has a limit": `backend app\n  server a 10.0.0.7:80 maxconn 5\n  server b 10.0.0.8:80\n${QUEUE}`,
    "of defaults, for other backends": `defaults queue\n  mode http\n${QUEUE}${ONE}`,
  },
  "all-server-weights-zero": {
    "one has a weight": "backend app\n  server a 10.0.0.7:80 weight 0\n  server b 10.0.0.8:80\n",
    "no server": "backend app\n  http-request deny\n",
    "an agent sets it":
      "backend app\n  server a 10.0.0.7:80 weight 0 agent-check agent-port 9\n  server b 10.0.0.8:80 weight 0 agent-check agent-port 9\n",
  },
  "secure-cookie-over-http": {
    "TLS alone": `${TLS}${TWO}  cookie S insert secure\n`,
    "plain HTTP is redirected": `${TLS}${PLAIN}  http-request redirect scheme https\n${TWO}  cookie S insert secure\n`,
    "not Secure": `${TLS}${PLAIN}${TWO}  cookie S insert httponly\n`,
    "the server's own cookie": `${TLS}${PLAIN}${TWO}  cookie S prefix secure\n`,
    "the machine itself": `${TLS}frontend own\n  bind 127.0.0.1:80\n  default_backend app\n${TWO}  cookie S insert secure\n`,
  },
  "affinity-over-one-address": {
    "two servers": `${TWO}  cookie S insert\n`,
    "a template": "backend app\n  balance source\n  server-template a 3 app:80\n",
    "balance that is no affinity": "backend app\n  balance leastconn\n  server a app:80\n",
    "of defaults, for other backends":
      "defaults hash\n  mode http\n  balance source\nbackend app\n  server a app:80\n",
    "stick store alone":
      "backend app\n  stick-table type ip size 1m\n  stick store-request src\n  server a app:80\n",
  },
  "server-without-cookie": {
    "a value for each": `${TWO}  cookie S insert\n`,
    "no cookie": POOL,
    "one server": `${ONE}  cookie S insert\n`,
    "a template of one": "backend app\n  cookie S insert\n  server-template a 1 app:80\n",
    "a backup without": `${TWO}  cookie S insert\n  server c 10.0.0.9:80 backup\n`,
    "servers that get no new clients": `${TWO}  cookie S insert\n  server c 10.0.0.9:80 disabled\n  server d 10.0.0.6:80 weight 0\n`,
    "dynamic with a key": `${POOL}  cookie S insert dynamic\n  dynamic-cookie-key k\n`,
    "dynamic with the key of defaults": `defaults sticky\n  mode http\n  dynamic-cookie-key k\n${POOL}  cookie S insert dynamic\n`,
    "dynamic, and a value for each": `${TWO}  cookie S insert dynamic\n`,
    "mode tcp": `${POOL}  mode tcp\n  cookie S insert\n`,
    "values from the environment":
      'backend app\n  cookie S insert\n  server a 10.0.0.7:80 cookie "${A}"\n  server b 10.0.0.8:80 cookie "${B}"\n',
    "a server under a condition": `${POOL}  cookie S insert\n  .if defined(X)\n  server c 10.0.0.9:80 cookie c\n  .endif\n`,
  },
  "forwarded-headers-passed": {
    "everything but ACME challenges is redirected": `${PLAIN}  acl acme path_beg /.well-known/acme-challenge/\n  redirect scheme https if !acme\n${ONE}`,
  },
  "hsts-not-sent": {
    "the listener with TLS sends it": `${TLS}  http-response set-header Strict-Transport-Security max-age=1\nfrontend plain\n  # HSTS: redirect\n  bind :80\n  http-request redirect scheme https\n${ONE}`,
  },
  "duplicate-server": {
    "another port": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.7:81\n",
    "one of them disabled": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.7:80 disabled\n",
    "another backend": "backend x\n  server a 10.0.0.7:80\nbackend y\n  server a 10.0.0.7:80\n",
    "another SNI":
      "backend app\n  server a 10.0.0.7:443 ssl verify required sni str(a)\n  server b 10.0.0.7:443 ssl verify required sni str(b)\n",
    "its own backup": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.7:80 backup\n",
    "a name whose addresses resolvers spread":
      "backend app\n  default-server resolvers dns\n  server a app:80\n  server b app:80\n",
    "the client's own destination": "backend app\n  server a 0.0.0.0:0\n  server b 0.0.0.0:0\n",
  },
  "no-health-check": {
    one: "backend app\n  server a 10.0.0.7:80\n",
    "some are checked": "backend app\n  server a 10.0.0.7:80 check\n  server b 10.0.0.8:80\n",
    "default-server of defaults":
      "defaults checked\n  mode http\n  default-server check\nbackend app\n  server a 10.0.0.7:80\n  server b 10.0.0.8:80\n",
    tracked: "backend app\n  server a 10.0.0.7:80 track x/a\n  server b 10.0.0.8:80 track x/b\n",
    "the second is disabled": "backend app\n  server a 10.0.0.7:80\n  server b 10.0.0.8:80 disabled\n",
    "a template that DNS fills": "backend app\n  server-template a 3 app:80 resolvers dns\n",
    "what httpchk-without-check says":
      "backend app\n  option httpchk\n  server a 10.0.0.7:80\n  server b 10.0.0.8:80\n",
    agents:
      "backend app\n  server a 10.0.0.7:80 agent-check agent-port 9\n  server b 10.0.0.8:80 agent-check agent-port 9\n",
  },
  "insecure-cookie": {
    "both flags": `${TLS}${TWO}  cookie S insert secure httponly\n`,
    "as attributes": `${TLS}${TWO}  cookie S insert attr Secure attr HttpOnly\n`,
    "plain HTTP alone": `${PLAIN}${TWO}  cookie S insert\n`,
    "the server's own cookie": `${TLS}${TWO}  cookie JSESSIONID prefix\n`,
    "no server has a value": `${TLS}${ONE}  cookie S insert\n`,
    "flags added afterwards": `${TLS}${TWO}  cookie S insert\n  http-after-response replace-header Set-Cookie (.*) "\\1; Secure; HttpOnly"\n`,
    "plain HTTP is served too": `${TLS}${PLAIN}${TWO}  cookie S insert httponly\n`,
  },
  "server-certificate-unverified": {
    verified: "backend app\n  server a 10.0.0.7:443 ssl verify required ca-file a.pem\n",
    "on the machine itself": "backend app\n  server a 127.0.0.1:443 ssl verify none\n",
    "no TLS": "backend app\n  server a 10.0.0.7:80 verify none\n",
    "set again":
      "global\n  ssl-server-verify none\nbackend app\n  server a 10.0.0.7:443 ssl verify required ca-file a.pem\n",
  },
  "guessable-password": {
    long: STATS,
    "from the environment": 'listen stats\n  bind :8404\n  stats auth admin:"${ADMIN}"\n',
    "the machine itself": "listen stats\n  bind 127.0.0.1:8404\n  stats auth admin:admin\n",
    "a list without a use": "userlist ops\n  user kim insecure-password kim\n",
    "a hash": `userlist ops\n  user kim password $5$x$y\n${TLS}  http-request auth unless { http_auth(ops) }\n`,
  },
  "stats-admin-unrestricted": {
    LOCALHOST: `${STATS}  stats admin if LOCALHOST\n`,
    "an address": `${STATS}  stats admin if { src 10.0.0.0/8 }\n`,
    "the page for some addresses": `${STATS}  stats admin if TRUE\n  http-request deny unless { src 10.0.0.0/8 }\n`,
    "the machine itself":
      "listen stats\n  bind 127.0.0.1:8404\n  stats auth ops:kEq9vT2m\n  stats admin if TRUE\n",
    never: `${STATS}  stats admin if FALSE\n`,
  },
  "path-rule-bypassed": {
    "normalized before": `${TLS}  http-request normalize-uri percent-decode-unreserved\n  http-request normalize-uri path-merge-slashes\n  http-request normalize-uri path-strip-dot\n  http-request normalize-uri path-strip-dotdot full\n  http-request deny if { path_beg /admin }\n${ONE}`,
    "another backend has the path": `${TLS}  use_backend admin if { path_beg /admin }\n  http-request deny if { path_beg /admin }\n${ONE}backend admin\n  server a 10.0.0.9:80\n`,
    "HAProxy answers the path itself": `${TLS}  http-request deny if { path /metrics } !{ src 10.0.0.0/8 }\n  http-request use-service prometheus-exporter if { path /metrics }\n${ONE}`,
    "no server behind": "frontend web\n  bind :80\n  http-request deny if { path_beg /admin }\n",
    "everything but one exact path": `${TLS}  http-request deny unless { path /health }\n${ONE}`,
    "a redirect": `${TLS}  http-request redirect location / if { path_beg /admin }\n${ONE}`,
    "patterns in a file": `${TLS}  http-request deny if { path_beg -f paths.lst }\n${ONE}`,
    "no path": `${TLS}  http-request deny if { src 192.0.2.0/24 }\n${ONE}`,
  },
  "plain-http-with-hsts": {
    "over TLS": `${TLS}  http-response set-header Strict-Transport-Security max-age=1\n${ONE}`,
    "both, for TLS alone": `${TLS}  bind :80\n  http-response set-header Strict-Transport-Security max-age=1 if { ssl_fc }\n${ONE}`,
    "both, and plain HTTP is redirected": `${TLS}  bind :80\n  http-request redirect scheme https unless { ssl_fc }\n  http-response set-header Strict-Transport-Security max-age=1\n${ONE}`,
    "perhaps behind a load balancer that terminates TLS": `${PLAIN}  http-response set-header Strict-Transport-Security max-age=1\n${ONE}`,
    "a PROXY protocol sender in front": `${TLS}listen lb\n  bind :8080 accept-proxy\n  http-response set-header Strict-Transport-Security max-age=1\n  server a 10.0.0.7:80\n${ONE}`,
    "switched off": `${TLS}${PLAIN}  http-response set-header Strict-Transport-Security max-age=0\n${ONE}`,
  },
  "counter-not-tracked": {
    "tracked before": `${PLAIN}  http-request track-sc0 src\n  http-request deny if { sc_http_req_rate(0) gt 9 }\n${ONE}`,
    "tracked with the connection, below": `${PLAIN}  http-request deny if { sc_http_req_rate(0) gt 9 }\n  tcp-request connection track-sc0 src\n${ONE}`,
    "tracked in the frontend": `${PLAIN}  http-request track-sc0 src\n${ONE}  http-request deny if { sc0_http_req_rate gt 9 }\n`,
    "tracked in defaults": `defaults rates\n  mode http\n  tcp-request connection track-sc0 src\n${PLAIN}  http-request deny if { sc0_http_req_rate gt 9 }\n${ONE}`,
    "whether it is tracked": `${PLAIN}  http-request deny if { sc_tracked(0) }\n${ONE}`,
    "by the address itself": `${PLAIN}  http-request deny if { src_http_req_rate gt 9 }\n${ONE}`,
    "the first argument is an index": `${PLAIN}  http-request track-sc0 src\n  http-request deny if { sc_get_gpt(1,0) gt 9 }\n${ONE}`,
  },
  "retry-repeats-requests": {
    "not for POST": `backend app\n  retry-on all-retryable-errors\n  http-request disable-l7-retry if METH_POST\n  server a 10.0.0.7:80\n`,
    "switched off in the frontend": `${PLAIN}  http-request disable-l7-retry unless METH_GET\n${ONE}  retry-on empty-response\n`,
    "only GET is allowed": `${PLAIN}  http-request deny unless METH_GET\n${ONE}  retry-on empty-response\n`,
    "the request was not sent":
      "backend app\n  retry-on conn-failure 0rtt-rejected\n  server a 10.0.0.7:80\n",
    "no retries": "backend app\n  retries 0\n  retry-on all-retryable-errors\n  server a 10.0.0.7:80\n",
    "mode tcp": "backend app\n  mode tcp\n  retry-on all-retryable-errors\n  server a 10.0.0.7:80\n",
    "replaced by its own":
      "defaults again\n  mode http\n  retry-on 503\nbackend app\n  retry-on conn-failure\n  server a 10.0.0.7:80\n",
  },
};

describe.each(Object.entries(FOUND))("%s is found", (code, cases) => {
  test.each(Object.entries(cases))("%s", async (_, text) => {
    expect(await codesOf(text)).toContain(code);
  });
});

describe.each(Object.entries(RIGHT))("%s is not found", (code, cases) => {
  test.each(Object.entries(cases))("%s", async (_, text) => {
    expect(await codesOf(text)).not.toContain(code);
  });
});

test.each([
  ["/dev/log", "the log goes to /dev/log, which a syslog daemon must read"],
  ["/dev/stdout", "HAProxy reads `/dev/stdout` as the path of a UNIX socket"],
])("the finding about `log %s` when no container is known", async (path, what) => {
  const found = await findingsOf(`${PLAIN}  log ${path} local0\n${ONE}`);
  expect(found.map((finding) => finding.what)).toContain(what);
});

test("names the spellings that bypass the condition as written", async () => {
  const slipped = async (condition: string) => {
    const text = `${TLS}  http-request deny if { ${condition} }\n${ONE}`;
    return (await findingsOf(text)).find(({ code }) => code === "path-rule-bypassed")?.what;
  };
  expect(await slipped("path_beg /admin")).toMatch(/^`\/\/admin` and `\/%61dmin` bypass/);
  expect(await slipped("path_dir admin")).toMatch(/^`\/%61dmin` bypasses/);
  expect(await slipped("path,url_dec -m beg /admin")).toMatch(/^`\/\/admin` bypasses/);
});

async function codesOf(text: string): Promise<readonly string[]> {
  return (await findingsOf(text)).map(({ code }) => code);
}

async function findingsOf(text: string) {
  return checkLayers(await readWiring([{ file: "haproxy.cfg", text: `defaults\n  mode http\n${text}` }]));
}

test.each([
  ["bind :$PORT", ["PORT"]],
  ["bind :${PORT} ssl crt a.pem", ["PORT"]],
  ["server a $APP:80 check", ["APP"]],
  ["server a 10.0.0.7:80 cookie $APP", []],
])("unset variables of `%s`: in an address they need no quotes", (line, names) => {
  const config = parseHaproxyConfig(`listen web\n  ${line}\n`, "haproxy.cfg");
  expect(config.lines.flatMap((one) => unsetIn(config, one, {}))).toEqual(names);
});

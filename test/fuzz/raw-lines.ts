// Random raw lines: some change the outcome of a request, some have no visible effect.
import fc from "fast-check";

/** Of a frontend or a backend. */
const anywhere = [
  "http-request set-header X-Real-IP %[src]",
  "http-request set-header x-a raw",
  "http-request add-header X-Forwarded-For 6.6.6.6",
  "http-request del-header accept",
  "http-request deny deny_status 403 if { path_beg /b }",
  "http-request deny deny_status 429 if { rand(2) 0 }",
  "http-request return status 200 content-type text/plain string raw if METH_POST",
  "http-request redirect location /raw if { path_end x }",
  "http-request set-path /raw%[path] if { query -m found }",
  "http-request set-query raw=1 unless { query -m found }",
  "http-request set-var(txn.raw) path",
  "http-response set-header Vary raw",
  "http-response del-header server",
  "http-response add-header X-Raw %[uuid]",
  "http-after-response set-header Cache-Control raw",
] as const;
const frontend = [
  ...anywhere,
  "http-request set-header Host raw.test",
  "http-request set-var(txn.host) str(raw.test)",
  "option httpclose",
  "maxconn 500",
];
const backend = [...anywhere, "fullconn 500", "retries 1", "option http-server-close"];
const global = ["tune.bufsize 32768", "tune.maxaccept 50", "tune.http.maxhdr 60", "spread-checks 5"];

const some = (lines: readonly string[]) => fc.shuffledSubarray([...lines], { minLength: 1, maxLength: 2 });

export const frontendLines = some(frontend);
export const backendLines = some(backend);
export const globalLines = some(global);

// The hostile files, by kind.
import { looksNamesUp, opensConnections } from "./hostile-connections.ts";
import { described, type HostileFile, layers } from "./hostile-file.ts";

const LUA = "lua-load @OUT@/x.lua";

const hiddenWords: readonly HostileFile[] = (
  [
    ["a word in double quotes", ['"lua-load" @OUT@/x.lua'], '"lua-load"'],
    ["a word in single quotes", ["'lua-load' @OUT@/x.lua"], "'lua-load'"],
    ["quotes in a word", ['"l"ua-load @OUT@/x.lua'], '"l"ua-load'],
    ["empty quotes before a word", ["''lua-load @OUT@/x.lua"], "''lua-load"],
    ["an escape in a word", ["lua\\-load @OUT@/x.lua"], undefined],
    ["a byte of a word in hexadecimal", ["lu\\x61-load @OUT@/x.lua"], "lu\\x61-load"],
    ["a variable as word", ["setenv KW lua-load", '"$KW" @OUT@/x.lua'], '"$KW"'],
    ["a variable in a word", ["setenv KW load", '"lua-$KW" @OUT@/x.lua'], '"lua-$KW"'],
    ["a default as word", ['"${NOT_SET-lua-load}" @OUT@/x.lua'], '"${NOT_SET-lua-load}"'],
    ["words of one variable", ["setenv KW 'lua-load @OUT@/x.lua'", '"${KW[*]}"'], '"${KW[*]}"'],
    ["no before the word", ["no lua-load @OUT@/x.lua"], "lua-load"],
    ["default before the word", ["default lua-load @OUT@/x.lua"], "lua-load"],
    ["a tab, a vertical tab and a form feed", ["\t\v\flua-load\t@OUT@/x.lua"], "lua-load"],
    ["a carriage return in the line", ["node x\rlua-load @OUT@/x.lua"], undefined],
    ["under a condition", [".if feature(LUA)", LUA, ".endif"], "lua-load"],
  ] as const
).map(([name, global, named]) => layers("hidden words", name, { global }, named));

const outsideSections: readonly HostileFile[] = [
  {
    kind: "hidden words",
    name: "a section that begins behind no",
    input: "layers",
    text: "no global\n  lua-load @OUT@/x.lua\nlisten a\n  bind :8080\n",
    named: "global",
  },
  {
    kind: "hidden words",
    name: "a section that begins behind default",
    input: "layers",
    text: "default global\n  lua-load @OUT@/x.lua\nlisten a\n  bind :8080\n",
    named: "global",
  },
];

const loadsCode: readonly HostileFile[] = [
  layers("loads code", "lua-load", { global: [LUA] }, "lua-load"),
  layers(
    "loads code",
    "lua-load-per-thread",
    { global: ["lua-load-per-thread @OUT@/x.lua"] },
    "lua-load-per-thread",
  ),
  layers("loads code", "lua-prepend-path", { global: ["lua-prepend-path @OUT@/?.lua"] }, "lua-prepend-path"),
  layers(
    "loads code",
    "a Lua file and its action",
    { global: [LUA], frontend: ["http-request lua.act"] },
    "lua-load",
  ),
  layers("loads code", "ssl-provider", { global: ["ssl-provider @OUT@/x.so"] }, "ssl-provider"),
  layers(
    "loads code",
    "ssl-provider-path",
    { global: ["ssl-provider-path @OUT@", "ssl-provider x"] },
    "ssl-provider-path",
  ),
  layers("loads code", "ssl-engine", { global: ["ssl-engine @OUT@/x.so"] }, "ssl-engine"),
  layers("loads code", "ssl-propquery", { global: ["ssl-propquery provider=x"] }, "ssl-propquery"),
  layers("loads code", "module-load", { global: ["module-load @OUT@/x.so"] }, "module-load"),
  layers("loads code", "device detection", { global: ["wurfl-data-file @OUT@/x.so"] }, "wurfl-data-file"),
  layers(
    "loads code",
    "the loader's variable",
    { global: ["setenv LD_PRELOAD @OUT@/x.so", "master-worker"] },
    "setenv",
  ),
  layers(
    "loads code",
    "the variable of OpenSSL",
    { global: ["presetenv OPENSSL_CONF @OUT@/x.cnf"] },
    "presetenv",
  ),
  layers(
    "loads code",
    "a filter with a file of its own",
    { frontend: ["filter spoe engine e config @OUT@/x.conf"] },
    "filter spoe",
  ),
  layers(
    "loads code",
    "tracing",
    { frontend: ["filter opentracing id x config @OUT@/x.conf"] },
    "filter opentracing",
  ),
];

const SCRIPT = "@OUT@/x.sh";
const runsPrograms: readonly HostileFile[] = [
  layers(
    "runs programs",
    "a program section",
    { sections: `program evil\n  command ${SCRIPT}\n` },
    "program evil",
  ),
  layers(
    "runs programs",
    "a program section that is no plain word",
    { sections: `"program" evil\n  command ${SCRIPT}\n` },
    '"program"',
  ),
  layers(
    "runs programs",
    "a section by a variable",
    { global: ["setenv S program"], sections: `"$S" evil\n  command ${SCRIPT}\n` },
    '"$S"',
  ),
  layers(
    "runs programs",
    "external-check",
    { global: ["external-check"], backend: ["option external-check", `external-check command ${SCRIPT}`] },
    "external-check",
  ),
  layers(
    "runs programs",
    "external-check with insecure-fork-wanted",
    {
      global: ["external-check", "insecure-fork-wanted"],
      backend: ["option external-check", "external-check path @OUT@", `external-check command ${SCRIPT}`],
    },
    "external-check",
  ),
  layers(
    "runs programs",
    "external-check that keeps the environment",
    {
      global: ["external-check preserve-env"],
      defaults: ["option external-check", `external-check command ${SCRIPT}`],
    },
    "external-check",
  ),
  layers(
    "runs programs",
    "a command for passphrases",
    { global: [`ssl-passphrase-cmd ${SCRIPT}`] },
    "ssl-passphrase-cmd",
  ),
  layers(
    "runs programs",
    "no program, then a program",
    { sections: `no program evil\n  command ${SCRIPT}\n` },
    "program",
  ),
];

const writesFiles: readonly HostileFile[] = [
  layers("writes files", "a stats socket over a file", { global: ["stats socket @OUT@/kept level admin"] }),
  layers(
    "writes files",
    "a stats socket by a variable",
    { global: ["setenv W 'stats'", '"$W" socket @OUT@/kept'] },
    '"$W"',
  ),
  layers("writes files", "a stats socket at a path of a variable", {
    global: ["setenv P @OUT@/kept", 'stats socket "$P"'],
  }),
  layers("writes files", "a stats socket at a bare variable", {
    global: ["setenv P unix@@OUT@/kept", "stats socket $P"],
  }),
  layers("writes files", "pidfile", { global: ["pidfile @OUT@/kept"] }),
  layers("writes files", "pidfile by a variable", { global: ["setenv P @OUT@/kept", 'pidfile "$P"'] }),
  layers("writes files", "a bind over a file", { frontend: ["bind @OUT@/kept"] }),
  layers("writes files", "a bind at a variable", {
    global: ["setenv P @OUT@/kept"],
    frontend: ['bind "$P"', "bind $P"],
  }),
  layers("writes files", "a bind with a prefix", {
    global: ["unix-bind prefix @OUT@/ mode 777"],
    frontend: ["bind /kept"],
  }),
  layers(
    "writes files",
    "a ring in a file",
    { sections: "ring r\n  format rfc5424\n  size 32764\n  backing-file @OUT@/kept\n" },
    "backing-file",
  ),
  layers(
    "writes files",
    "statistics in shared memory",
    { global: ["expose-experimental-directives", "shm-stats-file @OUT@/kept"] },
    "shm-stats-file",
  ),
  layers("writes files", "a log socket", { global: ["log @OUT@/kept local0"] }),
  layers("writes files", "peers at a socket", { sections: "peers p\n  bind @OUT@/kept\n  server local\n" }),
  layers("writes files", "a log forwarder at a socket", {
    sections: "log-forward f\n  dgram-bind @OUT@/kept\n  log global\n",
  }),
];

const readsFiles: readonly HostileFile[] = [
  layers("reads files", "an error page", { defaults: ["errorfile 503 @OUT@/secret"] }),
  layers("reads files", "a body", {
    frontend: ["http-request return status 200 content-type text/plain file @OUT@/secret"],
  }),
  layers("reads files", "a body with log format", {
    frontend: ["http-request return status 200 content-type text/plain lf-file @OUT@/secret"],
  }),
  layers("reads files", "a body by a relative path", {
    frontend: [
      "http-request return status 200 content-type text/plain file ../../../../../../../../../@OUT@/secret",
    ],
  }),
  layers("reads files", "a map", { frontend: ["http-request set-header x %[path,map(@OUT@/secret)]"] }),
  layers("reads files", "a list of patterns", {
    frontend: ["http-request deny if { path -f @OUT@/secret }"],
  }),
  layers("reads files", "a certificate list", { frontend: ["bind :8443 ssl crt-list @OUT@/secret"] }),
  layers("reads files", "a certificate", { frontend: ["bind :8443 ssl crt @OUT@/secret"] }),
  layers("reads files", "keys of TLS tickets", {
    frontend: ["bind :8443 ssl crt a.pem tls-ticket-keys @OUT@/secret"],
  }),
  layers("reads files", "a revocation list", {
    frontend: ["bind :8443 ssl crt a.pem ca-file ca.pem crl-file @OUT@/secret"],
  }),
  layers("reads files", "parameters of Diffie-Hellman", { global: ["ssl-dh-param-file @OUT@/secret"] }),
  layers("reads files", "the state of servers", {
    global: ["server-state-file @OUT@/secret"],
    defaults: ["load-server-state-from-file global"],
  }),
  layers("reads files", "the key of tokens", {
    frontend: ['http-request deny unless { req.hdr(a),jwt_verify("RS256","@OUT@/secret") -m int 1 }'],
  }),
  layers("reads files", "another folder for paths", {
    global: ["default-path parent"],
    defaults: ["errorfile 503 @OUT@/secret"],
  }),
  layers(
    "reads files",
    "issuers of certificates",
    { global: ["issuers-chain-path @OUT@"] },
    "issuers-chain-path",
  ),
  layers("reads files", "names of headers", { global: ["h1-case-adjust-file @OUT@/secret"] }),
];

const environment: readonly HostileFile[] = [
  layers("environment", "a value in a warning", { global: ['.warning "@$PORTICO_SECRET@"'] }),
  layers("environment", "a value as a word", { global: ['node "$PORTICO_SECRET" x'] }),
  layers("environment", "a value in a response", {
    frontend: ['http-request return status 200 content-type text/plain lf-string "%[env(PORTICO_SECRET)]"'],
  }),
  layers("environment", "a value as address", { server: 'server a "$PORTICO_SECRET":80' }),
];

const descriptions: readonly HostileFile[] = [
  described("lua-load", { global: [LUA] }, "lua-load"),
  described("lua-load by a variable", { global: ["setenv KW lua-load", '"$KW" @OUT@/x.lua'] }),
  described("ssl-provider", { global: ["ssl-provider @OUT@/x.so"] }, "ssl-provider"),
  described("a stats socket", { global: ["stats socket @OUT@/kept"] }),
  described("pidfile", { global: ["pidfile @OUT@/kept"] }),
  described("a log", { global: ["log @FAR@:514 local0"] }),
  described(
    "external-check",
    { global: ["external-check"], backend: ["option external-check", `external-check command ${SCRIPT}`] },
    "external-check",
  ),
  described("a body", {
    entrance: ["http-request return status 200 content-type text/plain file @OUT@/secret"],
  }),
  described("a server", { backend: ["server far @NAME@:80 check socks4 @FAR@:1080"] }, "socks4"),
  described(
    "a destination",
    { entrance: ["http-request set-dst str(@FAR@)"], backend: ["option transparent"] },
    "option transparent",
  ),
  described(
    "a name",
    { entrance: ["http-request do-resolve(txn.a,default,ipv4) hdr(host)", "acl a dst @NAME@"] },
    "@NAME@",
  ),
];

export const HOSTILE_FILES: readonly HostileFile[] = [
  ...hiddenWords,
  ...outsideSections,
  ...loadsCode,
  ...runsPrograms,
  ...writesFiles,
  ...readsFiles,
  ...opensConnections,
  ...looksNamesUp,
  ...environment,
  ...descriptions,
];

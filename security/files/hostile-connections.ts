// Hostile files that make HAProxy open connections or look names up.
import { type HostileFile, layers } from "./hostile-file.ts";

export const opensConnections: readonly HostileFile[] = [
  layers(
    "opens connections",
    "socks4",
    { server: "server a @FAR@:80 check inter 50ms socks4 @FAR@:1080" },
    "socks4",
  ),
  layers(
    "opens connections",
    "socks4 for every server",
    { backend: ["default-server socks4 @FAR@:1080"] },
    "socks4",
  ),
  layers("opens connections", "a log", { global: ["log @FAR@:514 local0"] }),
  layers(
    "opens connections",
    "a log by a variable",
    { global: ["setenv L log", '"$L" @FAR@:514 local0'] },
    '"$L"',
  ),
  layers("opens connections", "a log to a variable", {
    global: ["setenv A @FAR@:514", 'log "$A" local0', "log $A local0"],
  }),
  layers(
    "opens connections",
    "a server by a variable",
    { global: ["setenv S server"], backend: ['"$S" far @FAR@:80 check inter 50ms'] },
    '"$S"',
  ),
  layers("opens connections", "a server at a variable", {
    global: ["setenv A @FAR@"],
    backend: ['server far "$A":80 check inter 50ms', "server far2 $A:80 check inter 50ms"],
  }),
  layers(
    "opens connections",
    "options of a server by a variable",
    {
      global: ["setenv O socks4", "setenv V @FAR@:1080"],
      server: 'server a @FAR@:80 check inter 50ms "$O" "$V"',
    },
    "socks4",
  ),
  layers("opens connections", "an address for checks", {
    server: "server a @FAR@:80 check inter 50ms addr @FAR@ port 81",
  }),
  layers("opens connections", "an address for checks in a variable", {
    global: ["setenv A @FAR@"],
    server: "server a @FAR@:80 check inter 50ms addr $A",
  }),
  layers("opens connections", "an agent", {
    server: "server a @FAR@:80 agent-check agent-inter 50ms agent-addr @FAR@ agent-port 82",
  }),
  layers("opens connections", "a check with a connection of its own", {
    backend: ["option httpchk", "http-check connect addr @FAR@ port 80"],
  }),
  layers("opens connections", "dispatch", { backend: ["dispatch @FAR@:80"] }),
  layers(
    "opens connections",
    "the client's destination",
    { frontend: ["http-request set-dst str(@FAR@)"], backend: ["option transparent"] },
    "option transparent",
  ),
  layers("opens connections", "a destination that a rule sets", {
    frontend: ["http-request set-dst str(@FAR@)"],
    server: "server a 0.0.0.0:0",
  }),
  layers("opens connections", "peers", {
    sections: "peers p\n  peer a 127.0.0.1:10000\n  peer b @FAR@:10000\n",
    backend: ["stick-table type ip size 1k expire 1m peers p"],
  }),
  layers("opens connections", "mailers", {
    sections: "mailers m\n  mailer a @FAR@:25\n",
    backend: [
      "email-alert mailers m",
      "email-alert from a@example.com",
      "email-alert to b@example.com",
      "email-alert level debug",
    ],
  }),
  layers("opens connections", "a ring with a server", {
    sections: "ring r\n  format rfc5424\n  size 32764\n  server a @FAR@:514 log-proto octet-count\n",
    frontend: ["log ring@r format rfc5424 local0"],
  }),
  layers("opens connections", "a name server", {
    sections: "resolvers r\n  nameserver a @FAR@:53\n",
    frontend: ["http-request do-resolve(txn.a,r,ipv4) hdr(host)"],
  }),
  layers("opens connections", "the name servers of this machine", {
    sections: "resolvers r\n  parse-resolv-conf\n",
    frontend: ["http-request do-resolve(txn.a,r,ipv4) hdr(host)"],
  }),
  layers("opens connections", "HAProxy's own name servers", {
    frontend: ["http-request do-resolve(txn.a,default,ipv4) hdr(host)"],
  }),
  layers("opens connections", "a socket of this machine", { server: "server a @OUT@/kept check inter 50ms" }),
  layers("opens connections", "an abstract socket of this machine", {
    server: "server a abns@portico-far check inter 50ms",
  }),
  layers(
    "opens connections",
    "updates of OCSP",
    { global: ["ocsp-update.mode on", "ocsp-update.httpproxy @FAR@:3128"] },
    "ocsp-update.mode",
  ),
  layers(
    "opens connections",
    "ACME",
    { sections: "acme a\n  directory https://@FAR@/directory\n  contact a@example.com\n" },
    "acme a",
  ),
  layers(
    "opens connections",
    "the log of a FastCGI application",
    { sections: "fcgi-app f\n  docroot /x\n  log-stderr @FAR@:514 local0\n", backend: ["use-fcgi-app f"] },
    "log-stderr",
  ),
  layers("opens connections", "a connection from inside out", {
    frontend: ["bind rhttp@app/a"],
    server: "server a @FAR@:80",
  }),
];

export const looksNamesUp: readonly HostileFile[] = [
  layers("looks names up", "a server", { server: "server a @NAME@:80 check" }),
  layers("looks names up", "a server with init-addr libc", {
    server: "server a @NAME@:80 check init-addr libc",
  }),
  layers("looks names up", "a template of servers", { server: "server-template a 1-3 @NAME@:80" }),
  layers("looks names up", "a log", { global: ["log @NAME@:514 local0"] }),
  layers("looks names up", "an ACL on the source", {
    frontend: ["acl a src @NAME@", "http-request deny if a"],
  }),
  layers(
    "looks names up",
    "an ACL on the destination",
    { frontend: ["acl a dst @NAME@", "http-request deny if a"] },
    "@NAME@",
  ),
  layers(
    "looks names up",
    "an address in a header",
    { frontend: ["http-request deny if { req.hdr_ip(x) @NAME@ }"] },
    "@NAME@",
  ),
  layers("looks names up", "a network that is excepted", { defaults: ["option forwardfor except @NAME@"] }),
  layers("looks names up", "the address of connections", { backend: ["source @NAME@"] }),
  layers("looks names up", "a peer", { sections: "peers p\n  peer a @NAME@:10000\n" }),
  layers("looks names up", "a mailer", { sections: "mailers m\n  mailer a @NAME@:25\n" }),
  layers("looks names up", "a bind", { frontend: ["bind @NAME@:8090"] }),
  layers(
    "looks names up",
    "a network that addresses are preferred from",
    { server: "server a @NAME@:80 resolve-net @NAME@" },
    "resolve-net",
  ),
  layers("looks names up", "an address for checks", { server: "server a 127.0.0.1:80 check addr @NAME@" }),
  layers(
    "looks names up",
    "after an option that is left out",
    { server: "server a @NAME@:80 socks4 @NAME@:1080" },
    "socks4",
  ),
];

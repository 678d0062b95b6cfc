// The options of bind and server lines and of HAProxy's own responses: which take values, and how many.

import type { HaproxyToken } from "./config.ts";

export interface HaproxyOption {
  readonly keyword: HaproxyToken;
  readonly values: readonly HaproxyToken[];
}

/** How many values follow a keyword; a keyword that is missing takes none. */
export type OptionArity = Readonly<Record<string, number>>;

/** Reads `keyword [value …]` to the end of the words. `set-proxy-v2-tlv-fmt(1)` is found as `set-proxy-v2-tlv-fmt`. */
export function readOptions(words: readonly HaproxyToken[], arity: OptionArity): readonly HaproxyOption[] {
  const options: HaproxyOption[] = [];
  for (let at = 0; at < words.length; ) {
    const keyword = words[at];
    if (!keyword) break;
    const name = optionName(keyword.value);
    // The names come from a file: `constructor` must not find an inherited property.
    const count = (Object.hasOwn(arity, name) && arity[name]) || 0;
    options.push({ keyword, values: words.slice(at + 1, at + 1 + count) });
    at += 1 + count;
  }
  return options;
}

export function optionName(word: string): string {
  return word.replace(/\(.*$/s, "");
}

// Taken from `haproxy -dKall` of 2.6, 3.0, 3.2 and 3.4, which lists keywords with the number of their values.
export const bindOptionArity: OptionArity = takingOne(
  "accept-netscaler-cip alpn backlog ca-file ca-ignore-err ca-sign-file ca-sign-pass ca-verify-file cc " +
    "ciphers ciphersuites client-sigalgs crl-file crt crt-ignore-err crt-list curves default-crt ecdhe " +
    "expose-fd gid group guid-prefix id idle-ping interface ktls label level maxconn mode mss name " +
    "namespace nbconn nice npn process proto quic-cc-algo quic-socket severity-output shards sigalgs " +
    "ssl-max-ver ssl-min-ver tcp-md5sig tcp-ss tcp-ut thread tls-ticket-keys uid user verify",
);

export const serverOptionArity: OptionArity = {
  ...takingOne(
    "addr agent-addr agent-inter agent-port agent-send alpn ca-file cc check-alpn check-pool-conn-name " +
      "check-proto check-sni ciphers ciphersuites client-sigalgs cookie crl-file crt curves downinter " +
      "error-limit fall fastinter guid hash-key healthcheck id idle-ping init-addr init-state inter ktls " +
      "log-bufsize log-proto max-reuse maxconn maxqueue minconn namespace npn observe on-error " +
      "on-marked-down on-marked-up pool-conn-name pool-low-conn pool-max-conn pool-purge-delay port proto " +
      "proxy-v2-options quic-cc-algo redir resolve-net resolve-opts resolve-prefer resolvers rise " +
      "set-proxy-v2-tlv-fmt shard sigalgs slowstart sni socks4 source ssl-max-ver ssl-min-ver tcp-md5sig " +
      "tcp-ut track usesrc verify verifyhost weight ws",
  ),
  // `source 10.0.0.1 interface eth1`
  interface: 1,
};

/** `http-request return`, `deny` and `tarpit`, `http-error` (manual section 4.2). */
export const replyOptionArity: OptionArity = {
  ...takingOne("status deny_status content-type errorfile errorfiles file lf-file string lf-string code"),
  hdr: 2,
};

function takingOne(words: string): OptionArity {
  return Object.fromEntries(words.split(" ").map((word) => [word, 1]));
}

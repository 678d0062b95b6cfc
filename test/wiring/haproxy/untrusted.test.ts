// Which lines of an untrusted configuration HAProxy gets, and which are left out.
import { describe, expect, test } from "vitest";
import { listed, mayKnowKeyword } from "../../../src/haproxy/known-keywords.ts";
import { SECTION_KINDS } from "../../../src/source/haproxy-sections.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import {
  lineVerdict,
  optionVerdict,
  sectionVerdict,
} from "../../../src/wiring/haproxy/untrusted/keywords.ts";
import { allowedConfig } from "../../../src/wiring/haproxy/untrusted/left-out.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

const FOLDER = "/tmp/portico-lab-test";

function given(
  text: string,
  use: "check" | "run" = "check",
  isKnownWord: (word: string) => boolean = () => true,
) {
  const { config, leftOut } = allowedConfig(parseHaproxyConfig(text, "haproxy.cfg"), {
    for: use,
    folder: FOLDER,
    env: { POD: "pod-1" },
    isKnownWord,
  });
  return {
    text: printHaproxyConfig(config),
    lines: config.lines.map((line) => line.text.trim()),
    leftOut: leftOut.map(({ line, words, reason }) => `${line} ${words}: ${reason}`),
  };
}

const inGlobal = (...lines: readonly string[]) => `global\n${lines.map((line) => `  ${line}\n`).join("")}`;
const inListen = (...lines: readonly string[]) => `listen a\n${lines.map((line) => `  ${line}\n`).join("")}`;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("every keyword that it registers is allowed or left out", async () => {
    const words = await listed(haproxy.path);
    expect(words.length).toBeGreaterThan(300);
    const unknown = words.filter(({ section, words }) => {
      const [first = "", last = ""] = [words[0], words.at(-1)];
      if (section === "crt-list" || NEEDS_A_WORD.has(words.join(" "))) return false;
      if (sectionVerdict(section) !== "allowed") return false;
      if (first === "bind" || first === "server") return optionVerdict(first, last) === "unknown";
      return lineVerdict(section, words).verdict === "unknown";
    });
    expect(unknown).toEqual([]);
  });

  test("registered keywords may be known, a typing error is not", async () => {
    const isKnownWord = await mayKnowKeyword(haproxy);
    expect(
      ["lua-load", "errorfile", "do-resolve", "set-var", "nothing-like-it"].map((word) => isKnownWord(word)),
    ).toEqual([true, true, true, true, false]);
  });
});

/** Rules and filters: the words after them decide. */
const NEEDS_A_WORD: ReadonlySet<string> = new Set(["filter", "tcp-request", "tcp-response", "quic-initial"]);

test("a newer version may know any keyword", async () => {
  const isKnownWord = await mayKnowKeyword({ path: "/does/not/exist", version: "3.5.0" });
  expect(isKnownWord("nothing-like-it")).toBe(true);
});

test("every kind of section is allowed or left out", () => {
  expect([...SECTION_KINDS].filter((kind) => sectionVerdict(kind) === "unknown")).toEqual([]);
});

describe("left out", () => {
  test.each([
    [
      "loads code",
      inGlobal("lua-load /x.lua", "no lua-load /x.lua", "ssl-provider /x.so", "wurfl-data-file /x"),
      ["2 lua-load: code", "3 lua-load: code", "4 ssl-provider: code", "5 wurfl-data-file: code"],
    ],
    [
      "a directive that is not a plain word",
      inGlobal(`"l"ua-load /x.lua`, `"$KW" /x.lua`, `no "lua-load" /x.lua`, `lu\\x61-load /x.lua`),
      [
        `2 "l"ua-load: first-word`,
        `3 "$KW": first-word`,
        `4 no "lua-load": first-word`,
        "5 lu\\x61-load: first-word",
      ],
    ],
    [
      "a section keyword that is not a plain word, with its lines",
      `${inGlobal("daemon")}"program" evil\n  command /bin/true\n`,
      [`3 "program": first-word`],
    ],
    [
      "a section after a word that disables it",
      inGlobal("no program evil", "default traces"),
      ["2 program: program", "3 traces: process"],
    ],
    [
      "a section that starts after a word that disables it",
      "no global\n  lua-load /x.lua\n",
      ["1 global: first-word", "2 lua-load: file"],
    ],
    [
      "a variable that grows exponentially",
      inGlobal(
        "setenv A aaaaaaaaaaaaaaaa",
        ...Array.from({ length: 40 }, () => 'setenv A "$A$A"'),
        'log-tag "$A"',
      ),
      [...Array.from({ length: 28 }, (_, at) => `${at + 15} setenv: variable`), "43 log-tag: variable"],
    ],
    [
      "a variable that depends on a condition",
      inGlobal(".if feature(LUA)", "setenv X a", ".endif", 'log-tag "$X"'),
      ["5 log-tag: variable"],
    ],
    ["words of one variable", inGlobal("setenv X 'a b'", 'log-tag "${X[*]}"'), ["3 log-tag: variable"]],
    [
      "variables that the loader reads",
      inGlobal("setenv LD_PRELOAD /x.so", "presetenv OPENSSL_CONF /x.cnf"),
      ["2 setenv: code", "3 presetenv: code"],
    ],
    [
      "options that send data",
      inListen("server s 127.0.0.1:80 socks4 1.2.3.4:1080 check"),
      ["2 socks4: network"],
    ],
    [
      "unknown options, with everything after them",
      inListen("server s 127.0.0.1:80 check brand-new 1 ssl"),
      ["2 brand-new: unknown"],
    ],
    [
      "files of the host",
      inListen("errorfile 503 /etc/shadow", "http-request return file ../../etc/passwd"),
      ["2 errorfile: file", "3 http-request return: file"],
    ],
    ["a file that HAProxy would create", "ring r\n  backing-file /tmp/x\n", ["2 backing-file: file"]],
    [
      "an address that is a variable of a variable",
      inListen("server s 127.0.0.1:80 addr $X"),
      ["2 server: network"],
    ],
  ])("%s", (_, text, leftOut) => {
    expect(given(text).leftOut).toEqual(leftOut);
  });

  test("lines that depend on a Lua file or an ACL that is left out", () => {
    const text = `${inGlobal("lua-load /x.lua")}${inListen(
      "acl evil lua.check -m bool",
      "acl both src 127.0.0.1",
      "http-request lua.act",
      "http-request deny if evil",
      "http-request deny if both",
      "http-request set-header x %[path,lua.conv]",
      "http-request use-service lua.serve",
      "http-request set-header host lua.example.com",
    )}`;
    expect(given(text).leftOut).toEqual([
      "2 lua-load: code",
      "4 acl lua.check: depends",
      "6 http-request lua.act: depends",
      "7 http-request deny: depends",
      "9 http-request lua.conv: depends",
      "10 http-request lua.serve: depends",
      "11 http-request lua.example.com: depends",
    ]);
  });

  test("no use of Lua if no Lua file is left out: HAProxy refuses it", () => {
    expect(given(inListen("http-request lua.act")).leftOut).toEqual([]);
  });

  test("in the lab, also every address outside the lab", () => {
    const text = inListen(
      "bind 10.0.0.1:80",
      "bind abns@x",
      "server s /var/run/docker.sock",
      "server t 1.2.3.4:80",
      "log evil.example:514 local0",
    );
    expect(given(text, "run").leftOut.map((one) => one.slice(2))).toEqual([
      "bind: network",
      "bind: network",
      "server: file",
      "server: network",
      "log: network",
    ]);
  });
});

describe("lines that HAProxy gets", () => {
  test("values of the file's own variables and of its container, but not of the user's environment", () => {
    const text = inGlobal(
      "setenv A evil.example",
      "presetenv A other",
      'log-tag "$A-${HOME}-${B-none}-$POD"',
      "unsetenv A",
      'node "x$A"',
    );
    expect(given(text).lines.slice(3, 6)).toEqual([
      "log-tag evil.example--none-pod-1",
      "unsetenv A",
      "node x",
    ]);
  });

  test("variables that HAProxy itself sets are not replaced", () => {
    expect(given(inListen('log-format "${HAPROXY_HTTP_LOG_FMT} %[src]"')).lines[1]).toBe(
      `log-format "\${HAPROXY_HTTP_LOG_FMT}"' %[src]'`,
    );
  });

  test("names are not resolved: servers, conditions, name servers", () => {
    const { lines } = given(
      `${inListen("server s evil.example:80 socks4 1.2.3.4:1", "acl a src evil.example", "acl b var(txn.x) -f names.lst")}resolvers r\n  parse-resolv-conf\n  nameserver x 8.8.8.8:53\n`,
    );
    expect(lines).toEqual([
      "listen a",
      "server s evil.example:80 init-addr none",
      "acl a src -n 192.0.2.255",
      "acl b var(txn.x) -n -f names.lst",
      "resolvers r",
      "nameserver resolv.conf 127.0.0.1:9",
      "nameserver x 127.0.0.1:9",
      "resolvers default",
      "nameserver none 127.0.0.1:9",
    ]);
  });

  test("words that HAProxy does not know either, so that it reports them", () => {
    const text = inListen("optin httplog", "option htplog", "server s 127.0.0.1:80 chek");
    expect(given(text, "check", () => false)).toMatchObject({
      leftOut: [],
      lines: [
        "listen a",
        "optin httplog",
        "option htplog",
        "server s 127.0.0.1:80 chek",
        "resolvers default",
        "nameserver none 127.0.0.1:9",
      ],
    });
    expect(given(text).leftOut).toEqual(["2 optin: unknown", "3 option htplog: unknown", "4 chek: unknown"]);
  });
});

test("variables that grow exponentially are left out if they are too long, with the lines that use them", () => {
  const doubling = Array.from({ length: 40 }, (_, level) => `setenv A${level + 1} "$A${level}$A${level}"`);
  const { leftOut, text } = given(
    inGlobal("setenv A0 xxxxxxxx", ...doubling, 'description "$A3"', 'node "$A40"'),
  );
  expect(leftOut.at(-1)).toBe("44 node: variable");
  expect(leftOut).toHaveLength(28);
  expect(text).toContain(`description ${"x".repeat(64)}\n`);
});

test("a variable set from one that depends on a condition is also unknown", () => {
  const { leftOut } = given(
    `global\n  .if defined(X)\n  setenv A a\n  .endif\n  setenv B "$A"\n  description "$B"\n`,
  );
  expect(leftOut).toContain("6 description: variable");
});

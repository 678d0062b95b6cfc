// HAProxy's messages about hand-written configurations: placed at their lines, without those that only concern this machine.
import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { checkWithHaproxy, withoutDuplicates } from "../../../src/check/haproxy/check-with-haproxy.ts";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

const DEFAULTS = "defaults\n  mode http\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n";
const WEB = "frontend web\n  bind 127.0.0.1:8080\n  default_backend app\n";
const APP = "backend app\n  server s 127.0.0.1:80\n";

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  const isOld = haproxy.branch === "2.6";

  async function run(text: string, env: Readonly<Record<string, string>> = {}) {
    const wiring = await readWiring([{ file: "haproxy.cfg", text }]);
    return checkWithHaproxy(wiring, haproxy, { env });
  }

  /** Code, line and HAProxy's message. */
  async function messagesOf(text: string, env: Readonly<Record<string, string>> = {}) {
    const findings = await run(text, env);
    return findings.map(
      ({ code, at, what }) => `${code} ${at[0]?.line}: ${what.replace(/^HAProxy [\d.]+: /, "")}`,
    );
  }

  describe("does not report", () => {
    test("names that only the cluster's DNS has: SRV records, templates, servers without a port", async () => {
      const text = `resolvers kube
  parse-resolv-conf
${DEFAULTS}${WEB}
backend app
  server-template www 3 _http._tcp.app.default.svc.cluster.local check resolvers kube init-addr none
backend ports
  server s app.default.svc.cluster.local check
backend cookies
  dynamic-cookie-key KEY
  cookie SRV insert dynamic
  server-template www 3 app.default.svc.cluster.local:80 check resolvers kube init-addr none
  server a a.default.svc.cluster.local:80 check # behind the words
  server b b.default.svc.cluster.local:80 check
`;
      expect(await messagesOf(text)).toEqual([]);
    });

    test("names in other places", async () => {
      const text = `global
  log logs.cluster.invalid:514 local0
${DEFAULTS}  source out.cluster.invalid
${WEB}  acl office src office.cluster.invalid
  http-request deny unless office
backend app
  option httpchk
  http-check connect addr checks.cluster.invalid port 80
  server s 127.0.0.1:80 check addr health.cluster.invalid agent-check agent-port 81 agent-addr agent.cluster.invalid
listen old
  bind 127.0.0.1:8081
  dispatch app.cluster.invalid:80
`;
      const found = await messagesOf(text);
      expect(found.filter((one) => !one.includes("deprecated"))).toEqual([]);
    });

    test("users of the container, the number of CPUs and the name of this host", async () => {
      const text = `global
  user nobody-here
  stats socket /run/haproxy.sock user nobody-here group none-here mode 600
  nbthread 16
  cpu-map auto:1/1-16 0-15
peers edge
  peer not-${hostname()} 127.0.0.1:1024
${DEFAULTS}${WEB}${APP}`;
      expect(await messagesOf(text)).toEqual([]);
    });
  });

  test("equal cookies of two servers with one address are reported once, at their backend", async () => {
    const text = `${DEFAULTS}${WEB}${APP}  dynamic-cookie-key KEY
  cookie SRV insert dynamic
  server a 127.0.0.1:81
  server b 127.0.0.1:81
  server c 127.0.0.1:81
`;
    const found = await messagesOf(text);
    expect(found).toEqual([expect.stringMatching(/^haproxy-warns 9: We generated two equal cookies/)]);
  });

  describe("a message without a line is at what it names:", () => {
    test.each([
      ["a missing backend", `${DEFAULTS}${WEB}`, 8, "unable to find required default_backend: 'app'"],
      [
        "missing peers",
        `${DEFAULTS}${WEB}${APP}  stick-table type ip size 1k peers none\n`,
        11,
        "sync peers 'none'",
      ],
      ["a server", `${DEFAULTS}${WEB}${APP}  server t 127.0.0.1 check\n`, 11, "server 't' has neither"],
      [
        "servers of a template, once",
        `${DEFAULTS}${WEB}${APP}  server-template t 3 127.0.0.1 check\n`,
        11,
        "server 't1' has neither",
      ],
      ["a duration", `${DEFAULTS.replace("30s", "15min")}${WEB}${APP}`, 4, "after the timer value '15min'"],
      [
        "a frontend",
        `${DEFAULTS}  log-format "%ci"\n${WEB}${APP}`,
        7,
        "log format ignored for frontend 'web'",
      ],
    ])("%s", async (_, text, line, words) => {
      const found = await messagesOf(text);
      expect(found).toEqual([expect.stringContaining(words)]);
      expect(found[0]).toMatch(new RegExp(`^haproxy-(refuses|warns) ${line}: `));
    });

    test("the same duration twice: both lines", async () => {
      const text = `${DEFAULTS.replaceAll("30s", "5sec")}${WEB}${APP}`;
      expect((await messagesOf(text)).map((one) => one.split(":")[0])).toEqual([
        "haproxy-warns 4",
        "haproxy-warns 5",
      ]);
    });
  });

  test("a file without a listener: HAProxy's verdict and not its version", async () => {
    expect(await messagesOf(`${DEFAULTS}${APP}`)).toEqual([
      "haproxy-refuses 1: Configuration file has no error but will not start (no listener) => exit(2)",
    ]);
  });

  describe("one cause is reported once:", () => {
    test.each([
      [
        "a section's header",
        `${DEFAULTS}frontend web 127.0.0.1:8080\n  default_backend app\n  maxconn 10\n${APP}`,
        6,
        2,
      ],
      [
        "a section that HAProxy does not know",
        `${DEFAULTS}${WEB}${APP}backnd other\n  sevrer t 127.0.0.1:81\n  balnce first\n`,
        11,
        2,
      ],
      [
        "lines before the first section",
        `worker_processes 1;\nevents {\n  worker_connections 512;\n}\n${DEFAULTS}${WEB}${APP}`,
        1,
        3,
      ],
      ["an ACL", `${DEFAULTS}${WEB}  acl a nonsense b\n  http-request deny if a\n${APP}`, 9, 1],
    ])("%s", async (_, text, line, more) => {
      const findings = await run(text);
      expect(findings.map(({ code, at }) => [code, at[0]?.line])).toEqual([["haproxy-refuses", line]]);
      expect(findings[0]?.why).toContain(`refuses ${more} line`);
    });

    test("a section header that HAProxy refuses for its name only: mistakes in the section are separate findings", async () => {
      const text = `${DEFAULTS}${WEB}${APP}backend app\n  server t 127.0.0.1:81\n  balnce first\n`;
      const found = (await messagesOf(text)).map((one) => one.split(":")[0]);
      // HAProxy 3.4 stops reading here.
      const reads = ["2.6", "3.0", "3.2"].includes(haproxy.branch);
      const refused = found.filter((one) => one?.startsWith("haproxy-refuses"));
      expect(refused.at(-1)).toBe(reads ? "haproxy-refuses 13" : "haproxy-refuses 11");
      expect(new Set(refused).size).toBe(reads ? 2 : 1);
    });

    test("two mistakes in one valid section are two findings", async () => {
      const found = await messagesOf(`${DEFAULTS}${WEB}  acl a nonsense b\n  maxcon 5\n${APP}`);
      expect(found.map((one) => one.split(":")[0])).toEqual(["haproxy-refuses 9", "haproxy-refuses 10"]);
    });
  });

  describe("the environment", () => {
    const guarded = `.if !defined(SCHEME)
.alert "SCHEME is not set"
.endif
${DEFAULTS}${WEB}${APP}`;

    test("an .alert that an unset variable decides about is a note", async () => {
      expect(await messagesOf(guarded)).toEqual([
        "layer-not-understood 1: the value of `SCHEME` is not known",
      ]);
    });

    test("the lines next to it are still checked", async () => {
      const found = await messagesOf(`${guarded}  sevrer t 127.0.0.1:81\n`);
      expect(found).toEqual([
        expect.stringMatching(/^haproxy-refuses 14: unknown keyword 'sevrer'/),
        "layer-not-understood 1: the value of `SCHEME` is not known",
      ]);
    });

    test("an .alert about HAProxy's version is HAProxy's", async () => {
      const text = guarded.replace("!defined(SCHEME)", "version_before(99.0)");
      expect(await messagesOf(text)).toEqual(["haproxy-refuses 2: 'SCHEME is not set'"]);
    });

    test("a variable in a name that another line needs", async () => {
      const text = `${DEFAULTS}frontend web\n  bind 127.0.0.1:8080\n  default_backend "$POOL"\n${APP}`;
      expect(await messagesOf(text)).toEqual(["layer-not-understood 8: the value of `POOL` is not known"]);
    });

    test("a section header with a variable: the whole section is left out", async () => {
      const text = `${DEFAULTS}frontend "$WEB"\n  bind 127.0.0.1:8080\n  default_backend app\n${APP}`;
      expect(await messagesOf(text)).toEqual(["layer-not-understood 6: the value of `WEB` is not known"]);
    });

    test("variables that the configuration sets itself, or gives a default", async () => {
      const text = `global\n  setenv PORT 8080\n${DEFAULTS}${WEB.replace("8080", '"$' + '{PORT}"').replace("127.0.0.1:", "127.0.0.1:")}${APP}`;
      expect(await messagesOf(text.replace('127.0.0.1:"${PORT}"', '"127.0.0.1:${PORT}"'))).toEqual([]);
      expect(await messagesOf(`${DEFAULTS}${WEB}  maxconn "\${MOST-10}"\n${APP}`)).toEqual([]);
    });
  });

  test("a key of a certificate store may be missing on this machine; HAProxy 2.6 does not know this section", async () => {
    const text = `crt-store shop
  crt-base /etc/certs
  load crt a.pem key b.pem
${DEFAULTS}frontend web
  bind 127.0.0.1:8443 ssl crt "@shop/a.pem"
  default_backend app
${APP}`;
    const findings = await run(text);
    expect(findings.map(({ code, at }) => [code, at[0]?.line])).toEqual(
      isOld ? [["layer-not-understood", 1]] : [],
    );
  });

  test("a missing file that HAProxy needs is a note: about its line, or with trust about the whole configuration", async () => {
    const text = `global\n  lua-load /etc/haproxy/auth.lua\n${DEFAULTS}${WEB}${APP}`;
    expect(await messagesOf(text)).toEqual([
      `line-not-validated 2: HAProxy ${haproxy.version} did not validate line 2 \`lua-load\``,
    ]);
    const wiring = await readWiring([{ file: "haproxy.cfg", text }]);
    expect(await checkWithHaproxy(wiring, haproxy, { trust: true })).toMatchObject([
      { code: "layer-not-understood", what: "HAProxy did not check `haproxy.cfg`" },
    ]);
  });

  test("a line that HAProxy did not validate is named in addition to a rule's finding about it", async () => {
    const wiring = await readWiring([
      { file: "haproxy.cfg", text: `${DEFAULTS}${WEB}backend app\n  option transparent\n` },
    ]);
    const together = withoutDuplicates(checkLayers(wiring), await checkWithHaproxy(wiring, haproxy));
    const codes = together.filter(({ at }) => at[0]?.line === 10).map(({ code }) => code);
    expect(codes).toContain("line-not-validated");
    expect(codes).toContain("haproxy-upgrade-refuses");
  });

  test("a feature that this HAProxy was built without is a note", async () => {
    const text = `${DEFAULTS}${WEB}  bind quic4@127.0.0.1:8443 ssl crt /x.pem alpn h3\n${APP}`;
    const found = await messagesOf(text);
    expect(found.filter((one) => one.startsWith("haproxy-"))).toEqual([]);
    if (!haproxy.features.includes("QUIC"))
      expect(found).toEqual([expect.stringMatching(/^layer-not-understood 9: this HAProxy/)]);
  });

  test("a port followed by other characters: HAProxy 2.6 takes the digits, later versions refuse it, the name is not resolved", async () => {
    const found = await messagesOf(
      `${DEFAULTS}${WEB}backend app\n  server s app.cluster.invalid:80/health check\n`,
    );
    expect(found).toEqual(
      isOld ? [] : [expect.stringMatching(/^haproxy-refuses 10: .*invalid character '\/'/)],
    );
  });

  test("an image that installs an older HAProxy", async () => {
    const wiring = await readWiring([
      { file: "haproxy.cfg", text: `crt-store shop\n  load crt a.pem key b.pem\n${DEFAULTS}${WEB}${APP}` },
      { file: "Dockerfile", text: "FROM haproxy:2.6\nCOPY haproxy.cfg /usr/local/etc/haproxy/haproxy.cfg\n" },
    ]);
    const together = withoutDuplicates(checkLayers(wiring), await checkWithHaproxy(wiring, haproxy));
    expect(
      together.filter(({ code }) => code.startsWith("haproxy-")).map(({ code, at }) => [code, at[0]?.line]),
    ).toEqual([["haproxy-version-refuses", 1]]);
  });
});

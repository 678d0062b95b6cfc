// The edge of 2018, written by hand, played as it lies there: its own load balancer, Service and haproxy.cfg.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findAllHaproxies, type Haproxy } from "../../src/haproxy/find.ts";
import { folderWith, portico } from "../cli/portico.ts";

const seed = fileURLToPath(new URL("../../../shared/seed", import.meta.url));
const expectations = fileURLToPath(new URL("./seed/expect.yaml", import.meta.url));
const names = ["Dockerfile", "elb.tf", "haproxy.cfg", "haproxy_deployment.yaml", "haproxy_service.yaml"];

const haproxies = await findAllHaproxies();
const old = present(haproxies.find(({ branch }) => branch === "2.6"));

describe("on HAProxy 2.6", () => {
  test("every expectation, by the ways that its files lead", async () => {
    const { status, stdout, stderr } = await play({}, old);
    expect(stdout).toContain(
      "load balancer 443 tls, PROXY v1 → node port 31001 → pod port 9000 → bind *:9000 accept-proxy\n",
    );
    expect(stdout).toMatch(
      /load balancer 26999 .* ✗ the security group aws_security_group\.app_elb has no rule/,
    );
    expect(stdout).toContain("health check of aws_elb.app TCP:31001 passes\n");
    expect(stdout).toContain("13 of 13 expectations as expected on HAProxy 2.6");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("as JSON, with the ways", async () => {
    const { status, stdout } = await play({}, old, ["--json"]);
    const { passed, ways, health } = JSON.parse(stdout) as {
      passed: number;
      ways: { way: string; refused: string | null }[];
      health: { healthy: boolean }[];
    };
    expect({ status, passed, ways: ways.length }).toEqual({ status: 0, passed: 13, ways: 6 });
    expect(ways.filter(({ refused }) => refused !== null)).toHaveLength(1);
    expect(health.every(({ healthy }) => healthy)).toBe(true);
  });

  const edits: Readonly<Record<string, readonly [file: string, from: string, to: string, says: RegExp]>> = {
    "node port": [
      "haproxy_service.yaml",
      "nodePort: 31001",
      "nodePort: 31009",
      /no Service has the node port 31001/,
    ],
    "instance port": [
      "elb.tf",
      "instance_port      = 31001",
      "instance_port      = 31003",
      /no Service has the node port 31003/,
    ],
    "PROXY policy": [
      "elb.tf",
      '["31001"]',
      '["31000"]',
      /bind \*:9000 accept-proxy, which waits for a PROXY header/,
    ],
    "health check": [
      "elb.tf",
      '"tcp:31001"',
      '"tcp:31007"',
      /finds no healthy node: TCP:31007 leads nowhere: no Service has the node port 31007/,
    ],
    bind: ["haproxy.cfg", "bind *:9000 ", "bind *:9001 ", /9000/],
    "accept-proxy": [
      "haproxy.cfg",
      " accept-proxy",
      "",
      /bind \*:9000, which takes a PROXY header for a request/,
    ],
    "readiness probe": [
      "haproxy_deployment.yaml",
      "            port: 26999",
      "            port: 26998",
      /the readiness probe TCP :26998 is refused/,
    ],
  };

  test.each(Object.entries(edits))(
    "another %s fails, and says at which hop",
    async (_, [file, from, to, says]) => {
      const { status, stdout } = await play({ [file]: (text) => text.replace(from, to) }, old);
      expect(stdout).toMatch(says);
      expect(status).toBe(1);
    },
  );
});

test.each(haproxies.filter(({ branch }) => branch !== "2.6"))(
  "HAProxy $version refuses the file in its own words, at its line",
  async (haproxy) => {
    const { status, stdout, stderr } = await play({}, haproxy);
    expect(stderr).toContain("'option httpchk' : hiding headers or body at the end of the version string");
    expect(stderr).toMatch(/haproxy\.cfg:12:3/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  },
);

describe("what cannot be played", () => {
  const wrong: readonly (readonly [what: string, expect: string, says: RegExp])[] = [
    ["a tab", "-\tget: http://a/\n", /yaml-tab[\s\S]*expect\.yaml:1:2/],
    ["an unknown key", '- { get: "http://a/", bakend: x }\n', /unknown-key[\s\S]*expect\.yaml:1:23/],
    [
      "a backend that HAProxy has not",
      '- { get: "http://a/", backend: app }\n',
      /unknown-backend[\s\S]*expect\.yaml:1:32/,
    ],
    ["an expectation of nothing", '- { get: "http://a/" }\n', /expectation-empty[\s\S]*expect\.yaml:1:3/],
    ["no list", "hello\n", /is no list of expectations[\s\S]*expect\.yaml:1:1/],
    ["an empty list", "[]\n", /the list in expect\.yaml is empty/],
    ["an empty file", "", /expect\.yaml expects nothing/],
  ];

  test.each(wrong)("%s", async (_, text, says) => {
    const cwd = folderWith({ "expect.yaml": text });
    const { status, stderr } = await portico(["test", "--layers", seed, "--expect", "expect.yaml"], { cwd });
    expect(stderr).toMatch(says);
    expect(status).toBe(2);
  });

  const commands: readonly (readonly [what: string, given: readonly string[], says: RegExp])[] = [
    ["no expectations", ["--layers", seed], /add --expect FILE/],
    ["no layers", ["--expect", expectations], /--expect is only with --layers/],
    ["no such file", ["--layers", seed, "--expect", "nowhere.yaml"], /there is no nowhere\.yaml/],
    [
      "no such folder",
      ["--layers", "nowhere", "--expect", expectations],
      /^nowhere:1: cannot be read: there is no such file/,
    ],
    [
      "a folder without HAProxy",
      ["--layers", ".", "--expect", expectations],
      /there is no HAProxy configuration in \./,
    ],
    [
      "a description as well",
      ["portico.yaml", "--layers", seed, "--expect", expectations],
      /without a description/,
    ],
  ];

  test.each(commands)("%s", async (_, given, says) => {
    const cwd = folderWith({ "service.yaml": read("haproxy_service.yaml") });
    const { status, stdout, stderr } = await portico(["test", ...given], { cwd });
    expect(stderr).toMatch(says);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});

/** With the files of the seed, some of them edited. */
function play(
  edits: Readonly<Record<string, (text: string) => string>>,
  haproxy: Haproxy,
  more: readonly string[] = [],
): ReturnType<typeof portico> {
  const texts = names.map((name) => {
    const text = read(name);
    const edited = edits[name]?.(text) ?? text;
    if (name in edits && edited === text) throw new Error(`the edit changes nothing in ${name}`);
    return [name, edited] as const;
  });
  const cwd = folderWith(Object.fromEntries(texts));
  return portico(["test", "--layers", ".", "--expect", expectations, "--haproxy", haproxy.path, ...more], {
    cwd,
  });
}

function read(name: string): string {
  return readFileSync(`${seed}/${name}`, "utf8");
}

function present(found: Haproxy | undefined): Haproxy {
  if (found === undefined) throw new Error("there is no HAProxy 2.6");
  return found;
}

// examples/hand-written is tested unchanged: its own load balancer, Services and haproxy.cfg, on every HAProxy.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { folderWith, portico } from "../cli/portico.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const layers = fileURLToPath(new URL("../../examples/hand-written", import.meta.url));
const expectations = `${layers}/expect.yaml`;
const texts: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(layers, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(layers.length + 1))
    .map((file) => [file, readFileSync(`${layers}/${file}`, "utf8")]),
);

const haproxies = await findAllHaproxies();
const [oldest] = haproxies;
if (oldest === undefined) throw new Error("there is no HAProxy");

describe.each(haproxies)("on HAProxy $version", (haproxy) => {
  test("every expectation passes, by the paths that the files describe", async () => {
    const { status, stdout, stderr } = await run({}, haproxy);
    expect(stdout).toContain(
      "load balancer 443 tls, PROXY v1 → node port 30143 → pod port 10443 → bind *:10443 accept-proxy\n",
    );
    expect(stdout).toMatch(
      /load balancer 8443 .* ✗ the security group aws_security_group\.tracking_lb has no rule/,
    );
    expect(stdout).toContain("readiness probe GET :plain/ping passes\n");
    expect(stdout).toContain("health check of aws_elb.tracking HTTP:30180/ping passes\n");
    expect(stdout).toContain(`18 of 18 expectations as expected on HAProxy ${haproxy.version}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("on one HAProxy", () => {
  test("as JSON, with the paths", async () => {
    const { status, stdout } = await run({}, oldest, ["--json"]);
    const { passed, trafficPaths, health } = JSON.parse(stdout) as {
      passed: number;
      trafficPaths: { path: string; refused: string | null }[];
      health: { healthy: boolean }[];
    };
    expect({ status, passed, trafficPaths: trafficPaths.length }).toEqual({
      status: 0,
      passed: 18,
      trafficPaths: 6,
    });
    expect(trafficPaths.filter(({ refused }) => refused !== null)).toHaveLength(1);
    expect(health.every(({ healthy }) => healthy)).toBe(true);
  });

  const edits: Readonly<Record<string, readonly [file: string, from: string, to: string, expected: RegExp]>> =
    {
      "node port": [
        "service.yaml",
        "nodePort: 30143",
        "nodePort: 30149",
        /no Service has the node port 30143/,
      ],
      "instance port": [
        "elb.tf",
        "instance_port      = 30143",
        "instance_port      = 30144",
        /no Service has the node port 30144/,
      ],
      "PROXY policy": [
        "elb.tf",
        '["30143"]',
        '["30180"]',
        /bind \*:10443 accept-proxy, which expects a PROXY header/,
      ],
      "health check": [
        "elb.tf",
        '"http:30180/ping"',
        '"http:30187/ping"',
        /has no healthy node: HTTP:30187\/ping reaches nothing: no Service has the node port 30187/,
      ],
      "health check path": ["elb.tf", "30180/ping", "30180/pong", /has no healthy node: HTTP:30180\/pong/],
      bind: ["haproxy.cfg", "bind *:10443 ", "bind *:10444 ", /10443/],
      "accept-proxy": [
        "haproxy.cfg",
        " accept-proxy",
        "",
        /bind \*:10443, which reads the PROXY header as a request/,
      ],
      "readiness probe": [
        "deployment.yaml",
        "port: plain",
        "port: tls",
        /the readiness probe GET :tls\/ping /,
      ],
      "map entry": ["moved.map", "/trackandtrace /parcels", "/trackandtrace /help", /expected \S*\/parcels/],
    };

  test.each(Object.entries(edits))(
    "another %s fails, and the output names the hop",
    async (_, [file, from, to, expected]) => {
      const { status, stdout } = await run({ [file]: (text) => text.replace(from, to) }, oldest);
      expect(stdout).toMatch(expected);
      expect(status).toBe(1);
    },
  );
});

test.each(haproxies)(
  "HAProxy $version loads an option httpchk with headers up to 2.6; later its message is shown at that line",
  async (haproxy) => {
    const old = "option httpchk GET /healthz HTTP/1.0\\r\\nHost:\\ track.brightquay.example";
    const { status, stdout, stderr } = await run(
      { "haproxy.cfg": (text) => text.replace("option httpchk GET /healthz", old) },
      haproxy,
    );
    if (haproxy.branch === "2.6") {
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return;
    }
    expect(stderr).toContain("'option httpchk' : hiding headers or body at the end of the version string");
    expect(stderr).toMatch(/haproxy\.cfg:65:5/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  },
);

describe("layers that cannot be run", () => {
  const wrong: readonly (readonly [what: string, expect: string, expected: RegExp])[] = [
    ["a tab", "-\tget: http://a/\n", /yaml-tab[\s\S]*expect\.yaml:1:2/],
    ["an unknown key", '- { get: "http://a/", bakend: x }\n', /unknown-key[\s\S]*expect\.yaml:1:23/],
    [
      "a backend that HAProxy does not have",
      '- { get: "http://a/", backend: app }\n',
      /unknown-backend[\s\S]*expect\.yaml:1:32/,
    ],
    [
      "an expectation without an expected result",
      '- { get: "http://a/" }\n',
      /invalid-expectation-outcome[\s\S]*expect\.yaml:1:3/,
    ],
    ["no list", "hello\n", /is not a list of expectations[\s\S]*expect\.yaml:1:1/],
    ["an empty list", "[]\n", /the list in expect\.yaml is empty/],
    ["an empty file", "", /expect\.yaml has no expectations/],
  ];

  test.each(wrong)("%s", async (_, text, expected) => {
    const cwd = folderWith({ "expect.yaml": text });
    const { status, stderr } = await portico(["test", "--layers", layers, "--expect", "expect.yaml"], {
      cwd,
    });
    expect(stderr).toMatch(expected);
    expect(status).toBe(2);
  });

  const commands: readonly (readonly [what: string, given: readonly string[], expected: RegExp])[] = [
    ["no expectations", ["--layers", layers], /add --expect FILE/],
    ["no layers", ["--expect", expectations], /--expect needs --layers/],
    ["no such file", ["--layers", layers, "--expect", "nowhere.yaml"], /nowhere\.yaml does not exist/],
    [
      "no such folder",
      ["--layers", "nowhere", "--expect", expectations],
      /^nowhere:1: cannot be read: there is no such file/,
    ],
    [
      "a folder without HAProxy",
      ["--layers", ".", "--expect", expectations],
      /\. has no HAProxy configuration/,
    ],
    [
      "a description as well",
      ["portico.yaml", "--layers", layers, "--expect", expectations],
      /without a description/,
    ],
  ];

  test.each(commands)("%s", async (_, given, expected) => {
    const cwd = folderWith({ "service.yaml": texts["service.yaml"] ?? "" });
    const { status, stdout, stderr } = await portico(["test", ...given], { cwd });
    expect(stderr).toMatch(expected);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});

/** With the files of the example, some of them edited. */
function run(
  edits: Readonly<Record<string, (text: string) => string>>,
  haproxy: Haproxy,
  more: readonly string[] = [],
): ReturnType<typeof portico> {
  const files = Object.entries(texts).map(([name, text]) => {
    const edited = edits[name]?.(text) ?? text;
    if (name in edits && edited === text) throw new Error(`the edit changes nothing in ${name}`);
    return [name, edited] as const;
  });
  const cwd = folderWith(Object.fromEntries(files));
  return portico(["test", "--layers", ".", "--expect", "expect.yaml", "--haproxy", haproxy.path, ...more], {
    cwd,
  });
}

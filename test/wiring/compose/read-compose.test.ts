// Fields of Compose files in their short and long syntax, and what is left out.
import { describe, expect, test } from "vitest";
import { readCompose } from "../../../src/wiring/compose/read-compose.ts";
import { wordsOf } from "../../../src/wiring/compose/values.ts";

function serviceOf(lines: string, files: Readonly<Record<string, string>> = {}) {
  const text = `services:\n  edge:\n${lines.replace(/^/gm, "    ")}\n`;
  const all = [
    { file: "deploy/compose.yaml", text },
    ...Object.entries(files).map(([file, text]) => ({ file, text })),
  ];
  const [project] = readCompose(all.slice(0, 1), all).projects;
  const [workload] = project?.services ?? [];
  const container = workload?.containers[0];
  if (workload?.compose === undefined || container === undefined) throw new Error("no service");
  return { workload, container, compose: workload.compose };
}

test.each<readonly [string, readonly (readonly [host: number | undefined, container: number])[]]>([
  ['"3000"', [[undefined, 3000]]],
  ['"80:8080"', [[80, 8080]]],
  ["80:8080", [[80, 8080]]],
  ['"127.0.0.1:8001:8002"', [[8001, 8002]]],
  ['"[::1]:6000:6001/tcp"', [[6000, 6001]]],
  ['"127.0.0.1::5000"', [[undefined, 5000]]],
  [
    '"8000-8001:9000-9001"',
    [
      [8000, 9000],
      [8001, 9001],
    ],
  ],
  ['"8000-8005:9000"', [[undefined, 9000]]],
  ['"53:53/udp"', []],
  ['"${PORT}:80"', []],
  ['"${PORT:-81}:80"', [[81, 80]]],
  ["{ target: 80, published: 8080 }", [[8080, 80]]],
  ["{ target: 80 }", [[undefined, 80]]],
])("the port %s", (written, ports) => {
  const { container } = serviceOf(`ports:\n  - ${written}`);
  expect(container.ports.map(({ hostPort, port }) => [hostPort?.value, port.value])).toEqual(ports);
});

describe("mounts", () => {
  const files = {
    "deploy/conf/haproxy.cfg": "global\n",
    "deploy/conf/maps/a.map": "a b\n",
    "shared.cfg": "global\n",
  };
  test.each<readonly [string, readonly string[]]>([
    ['volumes: ["./conf/haproxy.cfg:/etc/haproxy/haproxy.cfg:ro"]', ["/etc/haproxy/haproxy.cfg"]],
    ['volumes: ["./conf:/etc/haproxy"]', ["/etc/haproxy/haproxy.cfg", "/etc/haproxy/maps/a.map"]],
    ['volumes: ["${PWD}/conf/maps:/maps"]', ["/maps/a.map"]],
    ['volumes: ["../shared.cfg:/etc/haproxy.cfg"]', ["/etc/haproxy.cfg"]],
    ['volumes: ["conf:/etc/haproxy", "/srv/conf:/srv", "/data"]', []],
    [
      "volumes: [{ type: bind, source: ./conf, target: /c, read_only: true }]",
      ["/c/haproxy.cfg", "/c/maps/a.map"],
    ],
  ])("%s", (lines, paths) => {
    expect([...(serviceOf(lines, files).container.bound?.keys() ?? [])].sort()).toEqual(paths);
  });

  test("read-only, and in memory", () => {
    const { container, workload } = serviceOf(
      'volumes: ["./conf:/a:ro,z", "./conf:/b"]\ntmpfs: /run:size=1m',
    );
    expect(container.mounts.map(({ path, readOnly }) => [path, readOnly])).toEqual([
      ["/a", true],
      ["/b", false],
      ["/run", false],
    ]);
    expect(workload.object.data.volumes).toEqual([
      { name: "volume 0", hostPath: {} },
      { name: "volume 1", hostPath: {} },
      { name: "volume 2", emptyDir: {} },
    ]);
  });

  test("the text of a config", () => {
    const text = "services:\n  edge:\n    configs: [main]\nconfigs:\n  main:\n    content: |\n      global\n";
    const source = { file: "compose.yaml", text };
    const [container] = readCompose([source], [source]).projects[0]?.services[0]?.containers ?? [];
    expect(container?.bound?.get("/main")?.text).toBe("global\n");
  });
});

test("environment, user and command", () => {
  const { container } = serviceOf(
    'environment: ["A=1", B, "C=${C}", "D=$$x"]\nuser: "0:0"\nentrypoint: haproxy -f "/a b.cfg"\ncommand: [-W]',
  );
  expect([...container.env]).toEqual([
    ["A", { value: "1" }],
    ["B", undefined],
    ["C", undefined],
    ["D", undefined],
  ]);
  expect(container.runAsUser?.value).toBe(0);
  expect(container.command?.value).toEqual(["haproxy", "-f", "/a b.cfg"]);
  expect(container.args?.value).toEqual(["-W"]);
});

test("networks, and names on them", () => {
  const { compose } = serviceOf("container_name: Edge-1\nnetworks: { a: { aliases: [lb] }, b: }");
  expect(compose.networks.map(({ name, names }) => [name, [...names]])).toEqual([
    ["a", ["edge", "lb", "edge-1"]],
    ["b", ["edge", "edge-1"]],
  ]);
  expect(serviceOf("image: haproxy").compose.networks.map(({ name }) => name)).toEqual(["default"]);
  expect(serviceOf("network_mode: host").compose).toMatchObject({ networkMode: "host", networks: [] });
});

test.each([
  ["build: .", "deploy/Dockerfile"],
  ["build: { context: ../images, dockerfile: lb/Dockerfile }", "images/lb/Dockerfile"],
  ["build: https://git.example.com/edge.git", undefined],
])("%s", (lines, file) => {
  expect(serviceOf(lines).compose.dockerfile).toBe(file);
});

test("words of a command", () => {
  expect(wordsOf(`a 'b c' "d \\" e"f`)).toEqual(["a", "b c", 'd " ef']);
});

test("a file that does not parse is left out, with its place", () => {
  const source = { file: "compose.yaml", text: "services:\n  edge: [\n" };
  const { projects, leftOut } = readCompose([source], [source]);
  expect(projects).toEqual([]);
  expect(leftOut.map(({ severity }) => severity)).toEqual(["error"]);
});

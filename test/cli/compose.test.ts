// A Compose project as layers: check and test follow published ports to HAProxy, its files, and names of services on its networks.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { Files } from "../check/layers/clean-edge.ts";
import { COMPOSE_EXPECTATIONS, COMPOSE_FILES, composeWith } from "../check/layers/compose-edge.ts";
import { findingsOf, testOf } from "./edge-commands.ts";

const COMPOSE = "compose.yaml";
const CONFIG = "haproxy/haproxy.cfg";
/** HAProxy resolves names at start. */
const AT_START = [" init-addr none resolvers docker resolve-prefer ipv4", ""] as const;

test.each<readonly [string, Files]>([
  ["a project", COMPOSE_FILES],
  [
    "ports in the long syntax",
    composeWith(COMPOSE, ['- "443:8443"', '- { target: 8443, published: "443", protocol: tcp }']),
  ],
  [
    "a bind mount in the long syntax",
    composeWith(COMPOSE, [
      "- ./haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro",
      "- { type: bind, source: ./haproxy/haproxy.cfg, target: /usr/local/etc/haproxy/haproxy.cfg }",
    ]),
  ],
  [
    "a folder with the configuration",
    composeWith(
      COMPOSE,
      [
        "- ./haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro",
        "- ./haproxy:/usr/local/etc/haproxy:ro",
      ],
      ["      - ./haproxy/maps:/usr/local/etc/haproxy/maps:ro\n", ""],
    ),
  ],
  [
    "the configuration as a config, and a command that names it",
    composeWith(
      COMPOSE,
      ["      - ./haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro\n", ""],
      [
        "    networks: [front, back]",
        "    configs: [{ source: main, target: /edge/main.cfg }]\n    command: haproxy -f /edge/main.cfg\n    networks: [front, back]",
      ],
      [
        "volumes:\n  certificates",
        "configs:\n  main: { file: ./haproxy/haproxy.cfg }\nvolumes:\n  certificates",
      ],
    ),
  ],
  [
    "settings from a merged map",
    composeWith(
      COMPOSE,
      [
        "services:\n  edge:\n",
        "x-edge: &edge\n  networks: [front, back]\nservices:\n  edge:\n    <<: *edge\n",
      ],
      ["    networks: [front, back]\n    depends_on", "    depends_on"],
    ),
  ],
  [
    "the default network",
    composeWith(
      COMPOSE,
      ["    networks: [front, back]\n", ""],
      ["    networks: [back]\n", ""],
      ["    networks:\n      back: { aliases: [api-v1] }\n", "    container_name: api-v1\n"],
    ),
  ],
])("%s has no finding, and requests arrive", async (_, files) => {
  expect(await findingsOf(files)).toEqual([]);
  const { status, stdout } = await testOf(files, COMPOSE_EXPECTATIONS);
  expect(stdout).toContain("host port 443 → container port 8443 → bind *:8443 ssl");
  expect(stdout).toContain("server web/web → service web port 3000");
  expect(stdout).toContain("server api/api → service api port 8000");
  expect(stdout).toContain("3 of 3 expectations as expected");
  expect(status).toBe(0);
});

describe("a fault", () => {
  test.each<readonly [string, Files, string, RegExp]>([
    [
      "a name that no service has",
      composeWith(CONFIG, ["web:3000", "webs:3000"]),
      "error server-not-on-network `webs` does not resolve: no service on the networks front and back has the name or alias webs",
      /✗ the name does not resolve: no service on the networks front and back/,
    ],
    [
      "a service on another network",
      composeWith(CONFIG, ["web:3000", "store:3000"]),
      "error server-not-on-network `store` does not resolve: the service store is on the network data, and edge on the networks front and back",
      /✗ the name does not resolve: the service store is on the network data/,
    ],
    [
      "a name that HAProxy resolves at start",
      composeWith(CONFIG, AT_START, ["web:3000", "webs:3000"]),
      "error server-not-on-network `webs` does not resolve: no service on the networks front and back has the name or alias webs",
      /got HAProxy does not start: `webs` does not resolve: no service on the networks front and back/,
    ],
    [
      "a name in a variable",
      {
        ...composeWith(COMPOSE, ["    environment:\n", "    environment:\n      WEB: webs\n"]),
        [CONFIG]: (COMPOSE_FILES[CONFIG] ?? "").replace("web:3000", '"${WEB}:3000"'),
      },
      "error server-not-on-network `webs` does not resolve: no service on the networks front and back has the name or alias webs",
      /server web\/web ✗ the name does not resolve/,
    ],
    [
      "service names in the host network",
      composeWith(COMPOSE, ["    networks: [front, back]\n    dep", "    network_mode: host\n    dep"]),
      "error server-not-on-network `web` does not resolve: the service edge uses the host network, where service names do not resolve",
      /✗ the name does not resolve: the service edge uses the host network/,
    ],
    [
      "a published port that HAProxy does not bind",
      composeWith(COMPOSE, ["443:8443", "443:8444"]),
      "error port-mismatch no bind of HAProxy has the port 8444",
      /host port 443 → container port 8444 ✗ no bind of HAProxy has the port 8444 \(compose.yaml:6\)/,
    ],
    [
      "a configuration that the command does not read",
      composeWith(COMPOSE, ["haproxy.cfg:/usr/local/etc", "haproxy.cfg:/etc"]),
      "error configuration-not-mounted HAProxy reads `/usr/local/etc/haproxy/haproxy.cfg`, and the container has no configuration there",
      /got HAProxy does not start: HAProxy reads/,
    ],
    [
      "a certificate in no volume",
      composeWith(COMPOSE, ["      - certificates:/etc/certs:ro\n", ""]),
      "error file-not-in-container the container does not have `/etc/certs/site.pem`, which HAProxy opens at start",
      /got HAProxy does not start: the container does not have/,
    ],
    [
      "a user without the capability for chroot",
      composeWith(CONFIG, ["maxconn 1000", "maxconn 1000\n  chroot /var/empty"]),
      "error privilege-missing `chroot /var/empty` needs the capability SYS_CHROOT, which HAProxy does not have",
      /got HAProxy does not start: `chroot/,
    ],
    [
      "a variable that nothing sets",
      composeWith(COMPOSE, ["API_PORT: ", "OTHER: "]),
      "error variable-not-set nothing sets the environment variable API_PORT",
      /✗ connections are refused: nothing sets the environment variable API_PORT in its address/,
    ],
    [
      "the port of the host on the server line",
      composeWith(COMPOSE, ['    expose: ["3000"]\n', '    ports: ["3000:80"]\n']),
      "warning pod-port-undeclared Port 3000 of the service web is a host port, and its container lists 80",
      /\? not known: port 3000 of the service web is a host port/,
    ],
    [
      "a network that is not defined",
      composeWith(COMPOSE, ["  data: {}\n", ""]),
      "error compose-file-invalid service `store` is on the network `data`, which is not defined",
      /got HAProxy does not start: service `store` is on the network `data`/,
    ],
    [
      "a port that the service does not expose",
      composeWith(CONFIG, ["web:3000", "web:3001"]),
      "warning pod-port-undeclared The service web lists no container port 3001, only 3000",
      /\? not known: the service web lists no container port 3001, only 3000/,
    ],
  ])("%s", async (_, files, finding, shown) => {
    const found = await findingsOf(files);
    expect(found.filter((one) => !one.startsWith("note"))).toContain(finding);
    const { stdout } = await testOf(files, COMPOSE_EXPECTATIONS);
    expect(stdout).toMatch(shown);
  });
});

test.each<readonly [change: readonly [string, string], finding: string | undefined]>([
  [["depends_on: [api, web]", "depends_on: [api, webs]"], "service `edge` depends on the service `webs`"],
  [
    ["depends_on: [api, web]", "depends_on: { apis: { condition: service_started } }"],
    "service `edge` depends on the service `apis`",
  ],
  [["certificates: {}", "certs: {}"], "service `edge` mounts the volume `certificates`"],
  [
    ["    networks: [data]", "    networks: [data]\n    secrets: [key]"],
    "service `store` uses the secret `key`",
  ],
  [
    ["    networks: [data]", "    networks: [data]\n    configs: [{ source: main, target: /a }]"],
    "service `store` uses the config `main`",
  ],
  [['"80:8080"', '"80:808O"'], "service `edge` has the invalid port `80:808O`"],
  [['"80:8080"', '"80:80800"'], "service `edge` has the invalid port `80:80800`"],
  [['"80:8080"', '"${PORT}:8080"'], undefined],
  [['"80:8080"', '"[::1]:80:8080/tcp"'], undefined],
  [["    networks: [data]", "    networks: [data]\n    volumes: [/data, ./a:/a, ~/b:/b, $C:/c]"], undefined],
  [["    networks: [data]", "    networks: [default]"], undefined],
  [["  data: {}\n", "include: [other.yaml]\n"], undefined],
])("%j: what `docker compose` refuses", async (change, finding) => {
  const found = await findingsOf(composeWith(COMPOSE, change));
  const invalid = found.filter((one) => one.includes("compose-file-invalid"));
  if (finding === undefined) expect(invalid).toEqual([]);
  else expect(invalid).toEqual([expect.stringContaining(finding)]);
});

describe("names that are not reported", () => {
  test.each<readonly [string, Files]>([
    ["a network of other projects", composeWith(COMPOSE, ["back: {}", "back: { external: true }"])],
    [
      "an extra host",
      composeWith(COMPOSE, ["    depends_on: [api, web]", '    extra_hosts: ["webs=192.0.2.7"]']),
    ],
    ["an alias of a link", composeWith(COMPOSE, ["    depends_on: [api, web]", '    links: ["web:webs"]'])],
    ["included files", composeWith(COMPOSE, ["services:\n", "include: [other.yaml]\nservices:\n"])],
    [
      "a file that needs -f",
      { ...COMPOSE_FILES, "compose.yaml": "", "compose.prod.yaml": COMPOSE_FILES[COMPOSE] ?? "" },
    ],
    [
      "a service in another file",
      { ...COMPOSE_FILES, "compose.override.yaml": "services:\n  webs: { image: web }\n" },
    ],
  ])("%s: the name may resolve", async (_, files) => {
    const text = (files[CONFIG] ?? "").replace("web:3000", "webs:3000");
    const { "compose.yaml": main = "", ...others } = { ...files, [CONFIG]: text };
    const found = await findingsOf(main === "" ? others : { ...others, "compose.yaml": main });
    expect(found.filter((one) => one.includes("server-not-on-network"))).toEqual([]);
  });

  test("low ports: Docker lets every user bind them", async () => {
    const files = composeWith(CONFIG, ["bind *:8080", "bind *:80"]);
    const compose = (files[COMPOSE] ?? "").replace("80:8080", "80:80");
    expect(await findingsOf({ ...files, [COMPOSE]: compose })).toEqual([]);
  });

  test("what is not read is named", async () => {
    const files = composeWith(
      COMPOSE,
      [
        "    image: registry.example.com/web:1\n",
        "    extends: { file: base.yaml, service: web }\n    profiles: [full]\n",
      ],
      ["services:\n", "include: [other.yaml]\nservices:\n"],
    );
    const found = await findingsOf({ ...files, "compose.override.yaml": "services: {}\n" });
    expect(found).toEqual(
      expect.arrayContaining([
        "note layer-not-understood `include` is not read",
        "note layer-not-understood `extends` of the service web is not read",
        "note layer-not-understood `profiles` of the service web is not read",
        "note layer-not-understood `compose.override.yaml` is not merged into compose.yaml",
      ]),
    );
  });
});

test.each<readonly [string, Files, string, readonly string[]]>([
  [
    "a published port is shown once",
    composeWith(COMPOSE, ["443:8443", "443:8444"]),
    "port-mismatch",
    [`${COMPOSE}:5`, `${COMPOSE}:7`, `${COMPOSE}:6`],
  ],
  [
    "HAProxy's service is shown at its name",
    composeWith(CONFIG, ["web:3000", "webs:3000"]),
    "server-not-on-network",
    [`${COMPOSE}:2`],
  ],
])("%s", async (_, files, code, places) => {
  const layers = Object.entries(files).map(([file, text]) => ({ file, text }));
  const found = checkLayers(await readWiring(layers)).filter((one) => one.code === code);
  expect(
    found.flatMap(({ at }) =>
      at.filter(({ file }) => file === COMPOSE).map(({ file, line }) => `${file}:${line}`),
    ),
  ).toEqual(places);
});

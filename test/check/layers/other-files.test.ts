// Files of other tools, placeholders and templates next to the layers cause a note at most.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import { edge } from "./clean-edge.ts";

async function findingsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const wiring = await readWiring(Object.entries(files).map(([file, text]) => ({ file, text })));
  return checkLayers(wiring).map(({ severity, code, what }) => `${severity} ${code} ${what}`);
}

const HAPROXY = `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout http-request 10s
frontend web
  bind :80
  default_backend app
backend app
  server a 10.0.0.7:8080 check
`;

const pod = (image: string, extra = ""): string => `apiVersion: v1
kind: Pod
metadata: { name: edge, labels: { app: edge } }
spec:
  containers:
    - name: web
      image: ${image}
      ports: [{ containerPort: 80 }]
${extra}`;

describe("the templates of a Helm chart", () => {
  const chart = {
    "edge/Chart.yaml": "apiVersion: v2\nname: edge\nversion: 0.1.0\n",
    "edge/values.yaml": "replicas: 3\n",
    "edge/templates/edge.yaml":
      "apiVersion: v1\nkind: Service\nmetadata: { name: {{ .Release.Name }} }\nspec: { ports: [{ port: 80 }] }\n",
    "edge/charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
    "edge/charts/app/templates/app.yaml": "{{ if .Values.on }}\nkind: ConfigMap\n{{ end }}\n",
  };

  test("are one note with the command that renders them", async () => {
    const wiring = await readWiring(Object.entries(chart).map(([file, text]) => ({ file, text })));
    expect(checkLayers(wiring).map(({ what, why }) => `${what}: ${why}`)).toEqual([
      "`edge/templates/edge.yaml` and `edge/charts/app/templates/app.yaml` are templates of a Helm chart, which is not rendered: Its objects are not known. Write `helm template RELEASE edge > rendered/all.yaml`, and name the folder `rendered` instead.",
    ]);
  });

  test("may contain the Service of a node port, and that of a server", async () => {
    const { "nlb.tf": nlb = "", "edge.yaml": pods = "", "config.yaml": config = "" } = edge();
    const files = { ...chart, "nlb.tf": nlb, "edge.yaml": pods, "config.yaml": config };
    const others = {
      "other.yaml":
        "apiVersion: v1\nkind: Service\nmetadata: { name: other, namespace: web }\nspec: { selector: { app: other }, ports: [{ port: 80 }] }\n",
    };
    const errors = (found: readonly string[]) =>
      found.filter((one) => one.startsWith("error") || one.includes("server-service"));
    expect(errors(await findingsOf({ ...files, ...others }))).toEqual([]);
    // Without the chart they are missing.
    const own = Object.entries({ ...files, ...others }).filter(([file]) => !(file in chart));
    expect(errors(await findingsOf(Object.fromEntries(own)))).not.toEqual([]);
  });
});

describe("files that are no layers", () => {
  const other = "is not a layer: no `apiVersion` and `kind`, no HAProxy section";

  test.each([
    ["tasks of Ansible with a key twice", "tasks.yml", "- { name: x, run_once: true, run_once: false }\n"],
    ["YAML with tags of another tool", "mkdocs.yml", "a: [1\nb: !!python/name:x.y\n"],
    ["JSON with comments", "tsconfig.json", '{\n  // all\n  "a": 1,\n}\n'],
    [
      "a task that contains an object, and does not parse",
      "play.yml",
      "- k8s:\n    definition:\n      apiVersion: v1\n      kind: Service\n\t- x\n",
    ],
    [
      "large data",
      "words.json",
      `{ "words": [${Array.from({ length: 20_000 }, (_, index) => `"w${index}"`).join(",")}], }`,
    ],
    ["a configuration of another tool", "setup.cfg", "[flake8]\nmax-line-length = 100\n"],
  ])("%s", async (_, file, text) => {
    expect(await findingsOf({ [file]: text })).toEqual([`note layer-not-understood \`${file}\` ${other}`]);
  });

  test("are listed once, with their number", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`t${String(index).padStart(2, "0")}.yml`, "a: 1\n"]),
    );
    const [only, ...more] = await findingsOf(files);
    expect(more).toEqual([]);
    expect(only).toContain("`t09.yml` and 2 more are not a layer");
  });

  test("an object that does not parse is still an error", async () => {
    const [found] = await findingsOf({ "a.yaml": "apiVersion: v1\nkind: Service\n\tmetadata: {}\n" });
    expect(found).toMatch(/^error layer-unreadable .*does not parse/);
  });
});

describe("placeholders are unknown values", () => {
  test.each([["${REPLICAS}"], ["'{{ replicas }}'"], ["$(REPLICAS)"], ["__REPLICAS__"], ["{replicas}"]])(
    "replicas: %s",
    async (written) => {
      const text = `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge }
spec:
  replicas: ${written}
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      containers: [{ name: app, image: "registry.example.com/app:1" }]
`;
      const found = await findingsOf({ "a.yaml": text });
      expect(found).toEqual([expect.stringMatching(/^note layer-not-understood .* is a placeholder$/)]);
    },
  );

  test("ports, memory, types and probes of a HAProxy", async () => {
    const found = await findingsOf({
      "haproxy.cfg": HAPROXY,
      "a.yaml": pod(
        "haproxy:3.0.12",
        `      readinessProbe: { httpGet: { port: "\${PORT}" } }
      resources: { limits: { memory: "\${MEMORY}" } }
---
apiVersion: v1
kind: Service
metadata: { name: edge }
spec: { type: "\${TYPE}", selector: { app: edge }, ports: [{ port: "\${PORT}", targetPort: "\${TARGET}" }, { port: 80, targetPort: "\${TARGET}" }] }
`,
      ),
    });
    expect(found.filter((one) => one.startsWith("error"))).toEqual([]);
    expect(found).toContain("note layer-not-understood `${PORT}` is a placeholder");
  });

  test("a wrong type is still an error", async () => {
    const found = await findingsOf({
      "a.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: http }] }\n",
    });
    expect(found).toContain("error layer-unreadable `spec.ports[0].port` is not a whole number");
  });

  test.each([
    ["Jinja", "{% for host in hosts %}\n  server {{ host }} {{ host }}:80 check\n{% endfor %}\n"],
    ["Go's templates", '  {{range service "app"}}\n  server {{.ID}} {{.Address}}:{{.Port}}\n  {{end}}\n'],
    ["names between signs", "  server a @@HOST@@:80\n"],
    ["names that say so", "  server a BACKEND_HOST_PLACEHOLDER:80\n"],
    ["ERB", "<% @hosts.each do |host| %>\n  server <%= host %> <%= host %>:80\n<% end %>\n"],
  ])("a HAProxy configuration of %s is a template", async (_, lines) => {
    const found = await findingsOf({ "haproxy.cfg": HAPROXY + lines });
    expect(found).toEqual([
      "note layer-not-understood `haproxy.cfg` is a template of a HAProxy configuration",
    ]);
  });

  test("formats of HAProxy's logs are no templates", async () => {
    const found = await findingsOf({
      "haproxy.cfg": HAPROXY.replace(
        "  bind :80\n",
        `  bind :80\n  log-format "%ci [%tr] {%hrl} %{+Q}r"\n  http-request capture req.hdr(Host) len 10\n`,
      ),
    });
    expect(found.filter((one) => one.includes("template"))).toEqual([]);
  });
});

test.each([
  ["Dockerfile.md", "# Dockerfile\n\nSome text\n"],
  ["Dockerfile.j2", "FROM {{ base }}\nRUN x\n"],
])("%s is not read as a Dockerfile", async (file, text) => {
  const alone = await findingsOf({ "haproxy.cfg": HAPROXY });
  expect(await findingsOf({ "haproxy.cfg": HAPROXY, [file]: text })).toEqual(alone);
});

test("an image with a placeholder is not invalid", async () => {
  const found = await findingsOf({ "a.yaml": pod("${REGISTRY}/edge:1") });
  expect(found.filter((one) => one.startsWith("error"))).toEqual([]);
});

test("a pod of another folder without HAProxy in its name does not run a haproxy.cfg, whatever its ports", async () => {
  const text = pod("registry.example.com/server:1");
  const at = async (file: string): Promise<number> =>
    (
      await readWiring([
        { file: "one/haproxy.cfg", text: HAPROXY },
        { file, text },
      ])
    ).haproxies.filter(({ runBy }) => runBy !== undefined).length;
  expect([await at("two/pod.yaml"), await at("one/pod.yaml"), await at("one/k8s/pod.yaml")]).toEqual([
    0, 1, 1,
  ]);
});

test("a port of a sidecar is not one of HAProxy's", async () => {
  const text = `${pod(
    "haproxy:3.0.12",
    "    - { name: api, image: registry.example.com/api:1, ports: [{ containerPort: 5555 }] }\n",
  )}---
apiVersion: v1
kind: Service
metadata: { name: edge }
spec: { selector: { app: edge }, ports: [{ name: a, port: 80 }, { name: b, port: 5555 }] }
`;
  const found = await findingsOf({ "haproxy.cfg": HAPROXY, "pod.yaml": text });
  expect(found.filter((one) => one.startsWith("error"))).toEqual([]);
  const wrong = await findingsOf({
    "haproxy.cfg": HAPROXY,
    "pod.yaml": text.replace("port: 5555 }] }\n", "port: 5556 }] }\n"),
  });
  expect(wrong).toContain("error port-mismatch no bind of HAProxy has the port 5556");
});

describe("containers of another program do not run a haproxy.cfg next to them", () => {
  const runs = async (image: string): Promise<string | undefined> => {
    const wiring = await readWiring([
      { file: "haproxy.cfg", text: HAPROXY },
      { file: "pod.yaml", text: pod(image) },
    ]);
    return wiring.haproxies[0]?.runBy?.container.image?.value;
  };

  test.each([
    ["haproxytech/kubernetes-ingress:1.10"],
    ["quay.io/jcmoraisjr/haproxy-ingress:v0.14"],
    ["openshift/origin-haproxy-router:v4.0"],
    ["nginx:1.27"],
    ["docker.io/library/traefik:v3"],
    ["prom/haproxy-exporter"],
    ["haproxytech/http-echo"],
  ])("%s", async (image) => {
    expect(await runs(image)).toBeUndefined();
  });

  test.each([["haproxy:3.0.12"], ["haproxytech/haproxy-alpine:3.0"], ["registry.example.com/edge:1"]])(
    "%s may run it",
    async (image) => {
      expect(await runs(image)).toBe(image);
    },
  );
});

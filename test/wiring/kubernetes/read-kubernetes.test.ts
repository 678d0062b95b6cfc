// Hand-written Kubernetes objects and those of kustomize and Helm: valid parts are read, invalid parts are reported.
import { describe, expect, test } from "vitest";
import type { SourceFile } from "../../../src/source/source-file.ts";
import { readKubernetes } from "../../../src/wiring/kubernetes/read-kubernetes.ts";
import type { LeftOut } from "../../../src/wiring/wiring.ts";

const read = (text: string, file = "edge.yaml") => readKubernetes([{ file, text }]);
const readFiles = (files: Readonly<Record<string, string>>) =>
  readKubernetes(Object.entries(files).map(([file, text]): SourceFile => ({ file, text })));
const said = ({ leftOut }: { readonly leftOut: readonly LeftOut[] }) =>
  leftOut.map(({ severity, what, at }) => `${severity} ${at.file}:${at.line}:${at.column} ${what}`);
const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  selector: {app: x}\n  ports:\n    - port: 80\n`;

describe("several documents", () => {
  test("each value has its own line, after markers, comments and CRLF", () => {
    const text = `# a comment\n---\n${service("one")}--- # another\n${service("two")}...\n---\n\n---\n${service("three")}`;
    for (const source of [text, text.replaceAll("\n", "\r\n"), `\uFEFF${text}`]) {
      const { services, leftOut } = read(source);
      expect(services.map(({ name, ports }) => [name, ports[0]?.port.at?.line])).toEqual([
        ["one", 10],
        ["two", 19],
        ["three", 31],
      ]);
      expect(leftOut).toEqual([]);
    }
  });

  test("a tab makes only its own document invalid", () => {
    const broken = service("two").replace("  name", "\tname");
    const result = read(`${service("one")}---\n${broken}---\n${service("three")}`);
    expect(result.services.map(({ name }) => name)).toEqual(["one", "three"]);
    expect(said(result)).toEqual(["error edge.yaml:13:1 does not parse: the line is indented with a tab"]);
    expect(result.leftOut[0]?.why).toBe("The Service two is not read, and its content is not checked.");
  });

  test("lists of every kind, and JSON", () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } },
        {
          apiVersion: "v1",
          kind: "ServiceList",
          items: [{ metadata: { name: "b" }, spec: { ports: [{ port: 81 }] } }],
        },
      ],
    };
    const text = JSON.stringify(list, null, "\t");
    const { services, leftOut } = read(text, "all.json");
    expect(services.map(({ name, ports }) => [name, ports[0]?.port.value])).toEqual([
      ["a", 80],
      ["b", 81],
    ]);
    const at = services[1]?.ports[0]?.port.at;
    expect(text.split("\n")[(at?.line ?? 0) - 1]?.slice((at?.column ?? 0) - 1)).toBe("81");
    expect(leftOut).toEqual([]);
  });
});

describe("YAML that the grammar allows", () => {
  test("anchors and merge keys are resolved, and places are those of the anchor", () => {
    const { services } = read(
      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nx: &base\n  selector: &labels {app: edge}\n  type: NodePort\nspec:\n  <<: *base\n  ports: [{port: 80, nodePort: 30080}]\n",
    );
    expect(services[0]).toMatchObject({ type: "NodePort", selector: { app: "edge" } });
    expect(services[0]?.object.place(["spec", "type"])).toMatchObject({ line: 6, column: 9 });
  });

  test("a duplicate key is reported, and the last one applies", () => {
    const result = read(service("a").replace("spec:", "spec:\n  type: NodePort\n  type: ClusterIP"));
    expect(result.services[0]?.type).toBe("ClusterIP");
    expect(said(result)).toEqual(["error edge.yaml:7:3 the key `type` is written twice in the same map"]);
  });

  test("aliases of aliases are limited", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 12; level += 1)
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    const result = read(`${lines.join("\n")}\n---\n${service("a")}`);
    expect(result.services).toHaveLength(1);
    expect(said(result)).toHaveLength(1);
    expect(said(result)[0]).toContain("cannot be read: its aliases expand to more than 200,000 values");
  });

  test("an alias within its own anchor, and one without any", () => {
    const within = read(`kind: X\napiVersion: v1\na: &a [*a]\n---\n${service("a")}`);
    expect(said(within)).toEqual([
      "error edge.yaml:3:8 cannot be read: no anchor `&a` ends before this alias",
    ]);
    const without = read(`kind: X\napiVersion: v1\na: *none\n---\n${service("a")}`);
    expect(without.services).toHaveLength(1);
    expect(said(without)[0]).toMatch(/^error edge\.yaml:3:4 /);
  });

  test("nested brackets, deeper than the call stack", () => {
    const result = read(`a: ${"[".repeat(200_000)}\n---\n${service("a")}`);
    expect(result.services).toHaveLength(1);
    expect(said(result)[0]).toMatch(/^error edge\.yaml:1:\d+ cannot be read: it nests/);
  });

  test("scalars are read as by Go's YAML: yes is true, 0440 is octal, a time of day and a date are text", () => {
    const [object] = read("apiVersion: v1\nkind: X\na: yes\nb: 0440\nc: 12:30:45\nd: 2026-01-02\n").objects;
    expect(object?.data).toMatchObject({ a: true, b: 288, c: "12:30:45", d: "2026-01-02" });
  });

  test("a key `__proto__` is a key", () => {
    const [object] = read("apiVersion: v1\nkind: X\n__proto__: {polluted: true}\n").objects;
    expect(Object.keys(object?.data ?? {})).toContain("__proto__");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("values that are not objects, or invalid objects", () => {
  test.each([
    ["", []],
    ["---\n# nothing\n---\n", []],
    ["null\n", []],
    ["just words\n", ["note edge.yaml:1:1 is not a layer: no `apiVersion` and `kind`, no HAProxy section"]],
    ['- { get: "http://a/", status: 200 }\n- { request: "POST http://a/", backend: b }\n', []],
    [
      '- { get: "http://a/" }\n- { url: "http://a/" }\n',
      ["note edge.yaml:1:1 is not a layer: no `apiVersion` and `kind`, no HAProxy section"],
    ],
    ["[]\n", ["note edge.yaml:1:1 is not a layer: no `apiVersion` and `kind`, no HAProxy section"]],
    ["- a\n- b\n", ["note edge.yaml:1:1 is not a layer: no `apiVersion` and `kind`, no HAProxy section"]],
    [
      "kind: 7\napiVersion: v1\n",
      ["note edge.yaml:1:1 is not a layer: no `apiVersion` and `kind`, no HAProxy section"],
    ],
    [
      "apiVersion: v1\nkind: Service\nmetadata: {name: 7}\nspec: {ports: [{port: 80}]}\n",
      ["error edge.yaml:3:18 a name is not text"],
    ],
    [
      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n",
      ["error edge.yaml:4:1 Service a has no ports"],
    ],
    [
      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: http}]}\n",
      [
        "error edge.yaml:4:16 a port of Service a has no number",
        "error edge.yaml:4:15 Service a has no ports",
      ],
    ],
    [
      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: Nodeport, ports: [{port: '80'}, {port: 81}]}\n",
      [
        'error edge.yaml:4:14 "Nodeport" is not a type of Service',
        "error edge.yaml:4:39 `spec.ports[0].port` is not a whole number",
        "error edge.yaml:4:32 a port of Service a has no number",
      ],
    ],
    [
      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: 7}, ports: [{port: 80}]}\n",
      ["error edge.yaml:4:24 `spec.selector.app` is not text: put it in quotes"],
    ],
    [
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: three, template: {spec: {containers: }}}\n",
      [
        "error edge.yaml:4:18 `spec.replicas` is not a whole number",
        "error edge.yaml:4:43 Deployment a has no containers",
      ],
    ],
    [
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: b, resources: {limits: {memory: lots}}}]}\n",
      ['error edge.yaml:4:60 "lots" is not a quantity of memory'],
    ],
  ])("%j", (text, expected) => {
    expect(said(read(text))).toEqual(expected);
  });

  test("a Helm template is reported as one, whether or not it parses", () => {
    const parses = service("a").replace("name: a", "name: {{ .Release.Name }}");
    const loops = `{{- range .Values.ports }}\n${service("a")}{{- end }}\n`;
    for (const text of [parses, loops])
      expect(said(read(text)).map((line) => line.replace(/:\d+:\d+/, ""))).toEqual([
        "note edge.yaml is a template, not YAML",
      ]);
    expect(read(parses.replace(/\{\{.*\}\}/, "'{{ x }}'")).services[0]?.name).toBe("{{ x }}");
  });

  test("an object that is in two files is reported", () => {
    const result = readFiles({ "a.yaml": service("x"), "b.yaml": service("x") });
    expect(said(result)).toEqual(["note b.yaml:2:7 Service x is described twice, here and in a.yaml:2"]);
  });
});

describe("workloads", () => {
  test.each(["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "apps/v1"])("of %s", (apiVersion) => {
    const { workloads } = read(
      `apiVersion: ${apiVersion}\nkind: DaemonSet\nmetadata: {name: a}\nspec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: b}]}}}\n`,
    );
    expect(workloads[0]).toMatchObject({
      kind: "DaemonSet",
      labels: { app: "a" },
      hostNetwork: false,
    });
    expect(workloads[0]?.replicas).toBeUndefined();
    expect(workloads[0]?.gracePeriodS).toEqual({ value: 30 });
  });

  test("a container has Kubernetes' defaults without a place, and written values with one", () => {
    const { workloads } = read(`apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec:
  securityContext: {runAsUser: 99, runAsNonRoot: true}
  containers:
    - name: haproxy
      command: [haproxy, -f, /etc/haproxy/haproxy.cfg]
      securityContext: {runAsUser: 0}
      resources: {requests: {memory: 1Gi}, limits: {memory: 1500M}}
      lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 15; kill -USR1 1"]}}}
      readinessProbe: {httpGet: {port: health}}
      livenessProbe: {exec: {command: ["true"]}}
`);
    const [container] = workloads[0]?.containers ?? [];
    expect(container).toMatchObject({
      command: { value: ["haproxy", "-f", "/etc/haproxy/haproxy.cfg"], at: { line: 8, column: 16 } },
      runAsUser: { value: 0, at: { line: 9 } },
      runAsNonRoot: { value: true, at: { line: 5 } },
      memoryRequestBytes: { value: 1024 ** 3 },
      memoryLimitBytes: { value: 1.5e9 },
      preStop: { value: 15, at: { line: 11, column: 19 } },
    });
    expect(container?.args).toBeUndefined();
    const { readiness, liveness } = container?.probes ?? {};
    expect(readiness).toEqual({
      kind: "http",
      port: { value: "health", at: expect.objectContaining({ line: 12 }) },
      path: { value: "/" },
      initialDelayS: { value: 0 },
      periodS: { value: 10 },
      timeoutS: { value: 1 },
      successes: { value: 1 },
      failures: { value: 3 },
      at: expect.objectContaining({ line: 12 }),
    });
    expect([liveness?.kind, liveness?.port]).toEqual(["exec", undefined]);
  });
});

describe("policies", () => {
  const policy = (spec: string) =>
    read(`apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: ${spec}\n`)
      .networkPolicies[0];

  test.each([
    ["{podSelector: {}, policyTypes: [Egress]}", undefined],
    ["{podSelector: {}}", []],
    ["{podSelector: {}, ingress: [{}]}", [{}]],
    [
      "{podSelector: {}, ingress: [{ports: [{port: 80}, {port: dns, protocol: UDP}]}]}",
      [
        {
          ports: [
            { protocol: "TCP", port: 80 },
            { protocol: "UDP", port: "dns" },
          ],
        },
      ],
    ],
    [
      "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 83}]}]}",
      [{ ports: [{ protocol: "TCP", port: 80, last: 83 }] }],
    ],
    [
      "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]}",
      [{ peers: [{ namespaces: { labels: {}, expressions: [] } }, { network: "10.0.0.0/8" }] }],
    ],
  ])("%s has the rules %j for ingress", (spec, rules) => {
    expect(policy(spec)?.ingress).toEqual(rules);
  });

  test.each([
    ["{podSelector: {}}", undefined],
    ["{podSelector: {}, egress: [{}]}", [{}]],
    ["{podSelector: {}, policyTypes: [Ingress], egress: [{}]}", undefined],
    ["{podSelector: {}, policyTypes: [Egress]}", []],
  ])("%s has the rules %j for egress", (spec, rules) => {
    expect(policy(spec)?.egress).toEqual(rules);
  });
});

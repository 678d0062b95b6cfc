// Passwords that can be guessed, wherever the layers set the environment variable that haproxy.cfg reads.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const STATS = 'listen stats\n  bind :8404\n  stats enable\n  stats auth ops:"${PASSWORD}"\n';
const SECRET = "---\napiVersion: v1\nkind: Secret\nmetadata: { name: stats }\n";
const CONFIG_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: stats }\n";
const REFERENCE = "env: [{ name: PASSWORD, valueFrom: { secretKeyRef: { name: stats, key: word } } }]";
const STRONG = "stringData: { word: kEq9vT2mZx }\n";
const WEAK = "stringData: { word: letmein }\n";

interface Layers {
  readonly config?: string;
  readonly container?: string;
  readonly objects?: string;
  readonly dockerfile?: string;
}

async function found({ config = STATS, container = "", objects = "", dockerfile }: Layers) {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge }
spec:
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      containers:
        - name: haproxy
          image: ${dockerfile === undefined ? "haproxy:3.0.5" : "registry.example.com/edge:1"}
          ports: [{ containerPort: 8404 }]
          ${container}
${objects}`;
  const wiring = await readWiring([
    { file: "haproxy.cfg", text: `defaults\n  mode http\n${config}` },
    { file: "edge.yaml", text: deployment },
    ...(dockerfile === undefined ? [] : [{ file: "Dockerfile", text: dockerfile }]),
  ]);
  return checkLayers(wiring)
    .filter(({ code }) => code === "guessable-password")
    .map(({ at }) => `${at[0]?.file}:${at[0]?.line}`);
}

const image = (env: string) =>
  `FROM haproxy:3.0.5\n${env}COPY haproxy.cfg /usr/local/etc/haproxy/haproxy.cfg\n`;

describe("is found, at the line that sets it", () => {
  test.each<[string, Layers, string]>([
    ["setenv", { config: `global\n  setenv PASSWORD letmein\n${STATS}` }, "haproxy.cfg:4"],
    ["presetenv", { config: `global\n  presetenv PASSWORD letmein\n${STATS}` }, "haproxy.cfg:4"],
    ["a value of the container", { container: "env: [{ name: PASSWORD, value: letmein }]" }, "edge.yaml:13"],
    [
      "the last of two",
      { container: "env: [{ name: PASSWORD, value: kEq9vT2mZx }, { name: PASSWORD, value: ops }]" },
      "edge.yaml:13",
    ],
    ["a Secret's text", { container: REFERENCE, objects: `${SECRET}${WEAK}` }, "edge.yaml:18"],
    [
      "a Secret's data",
      { container: REFERENCE, objects: `${SECRET}data: { word: bGV0bWVpbg== }\n` },
      "edge.yaml:18",
    ],
    [
      "a ConfigMap",
      {
        container: "env: [{ name: PASSWORD, valueFrom: { configMapKeyRef: { name: stats, key: word } } }]",
        objects: `${CONFIG_MAP}data: { word: letmein }\n`,
      },
      "edge.yaml:18",
    ],
    [
      "all of a Secret, with a prefix",
      {
        container: "envFrom: [{ prefix: PASS, secretRef: { name: stats } }]",
        objects: `${SECRET}stringData: { WORD: letmein }\n`,
      },
      "edge.yaml:18",
    ],
    ["ENV of the image", { dockerfile: image("ENV PASSWORD=letmein\n") }, "Dockerfile:2"],
    [
      "a user of a list",
      {
        config:
          'userlist ops\n  user kim insecure-password "$PASSWORD"\nfrontend web\n  bind :80\n  http-request auth unless { http_auth(ops) }\n',
        container: "env: [{ name: PASSWORD, value: kim }]",
      },
      "edge.yaml:13",
    ],
  ])("%s", async (_, layers, place) => {
    expect(await found(layers)).toEqual([place]);
  });
});

describe("is not found", () => {
  test.each<[string, Layers]>([
    ["nothing sets it", {}],
    ["a long one", { container: REFERENCE, objects: `${SECRET}${STRONG}` }],
    ["a Secret that is not here", { container: REFERENCE }],
    [
      "a Secret of another namespace",
      { container: REFERENCE, objects: `${SECRET.replace("stats }", "stats, namespace: other }")}${WEAK}` },
    ],
    [
      "a key that the Secret lacks",
      { container: REFERENCE, objects: `${SECRET}stringData: { other: letmein }\n` },
    ],
    [
      "the container has another than the image",
      {
        container: "env: [{ name: PASSWORD, value: kEq9vT2mZx }]",
        dockerfile: image("ENV PASSWORD=letmein\n"),
      },
    ],
    [
      "an unknown one replaces that of the image",
      {
        container: "envFrom: [{ secretRef: { name: elsewhere } }]",
        dockerfile: image("ENV PASSWORD=letmein\n"),
      },
    ],
    [
      "presetenv, and the container has another",
      {
        config: `global\n  presetenv PASSWORD letmein\n${STATS}`,
        container: "env: [{ name: PASSWORD, value: kEq9vT2mZx }]",
      },
    ],
    [
      "setenv replaces that of the container",
      {
        config: `global\n  setenv PASSWORD kEq9vT2mZx\n${STATS}`,
        container: "env: [{ name: PASSWORD, value: letmein }]",
      },
    ],
  ])("%s", async (_, layers) => {
    expect(await found(layers)).toEqual([]);
  });
});

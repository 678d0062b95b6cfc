// Mutants of layers that a team writes by hand: `check` reports a new finding, or a request has another answer in the lab.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { incompleteServers } from "../../src/check/layers/incomplete-servers.ts";
import { startFailureOf } from "../../src/check/layers/start-failure.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyFailure } from "../../src/haproxy/process.ts";
import { withBindPaths } from "../../src/lab/bind-entrances.ts";
import { testedHaproxy } from "../../src/lab/entrances.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { CONFIG, configMap, edge, HTTP_CONFIG } from "../check/layers/clean-edge.ts";
import { COMPOSE_FILES } from "../check/layers/compose-edge.ts";
import { isEquivalentByHand } from "./equivalent.ts";
import type { Subject } from "./judge.ts";
import { applyMutant, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";

interface Base {
  /** The files whose values are changed. */
  readonly files: Readonly<Record<string, string>>;
  /** The layers: `haproxy.cfg` may be in a ConfigMap. */
  readonly layers: (files: ReadonlyMap<string, string>) => Readonly<Record<string, string>>;
  readonly requests: readonly string[];
}

const ALB_INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: edge
  namespace: web
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: instance
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS": 443}]'
    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-east-1:111122223333:certificate/abc
    alb.ingress.kubernetes.io/healthcheck-path: /x
    alb.ingress.kubernetes.io/healthcheck-interval-seconds: "10"
    alb.ingress.kubernetes.io/success-codes: "200"
spec:
  ingressClassName: alb
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: edge, port: { number: 443 } } } }] } }]
`;

const inConfigMap: Base["layers"] = (files) => {
  const { "haproxy.cfg": config = "", ...others } = Object.fromEntries(files);
  return { ...others, "config.yaml": configMap({ "haproxy.cfg": config }) };
};

function nlb(): Base {
  const { "config.yaml": _, ...others } = edge();
  return {
    files: { ...others, "haproxy.cfg": CONFIG },
    layers: inConfigMap,
    requests: ["https://app.example.com/x"],
  };
}

function albIngress(): Base {
  const { "config.yaml": _, "nlb.tf": __, ...others } = edge();
  return {
    files: { ...others, "ingress.yaml": ALB_INGRESS, "haproxy.cfg": HTTP_CONFIG },
    layers: inConfigMap,
    requests: ["https://app.example.com/x", "https://app.example.com/"],
  };
}

function compose(): Base {
  return {
    files: Object.fromEntries(Object.entries(COMPOSE_FILES).map(([file, text]) => [file, String(text)])),
    layers: Object.fromEntries,
    requests: [
      "http://app.example.com/",
      "http://other.example.com/",
      "https://app.example.com/",
      "https://app.example.com/api/x",
      "http://app.example.com:8404/",
    ],
  };
}

/** examples/hand-written, without the files that are no layers. */
function example(): Base {
  const folder = fileURLToPath(new URL("../../examples/hand-written/", import.meta.url));
  const names = readdirSync(folder).filter((name) => !/\.md$|^expect\.yaml$|^depots$/.test(name));
  return {
    files: Object.fromEntries(names.map((name) => [name, readFileSync(`${folder}${name}`, "utf8")])),
    layers: Object.fromEntries,
    requests: [
      "http://track.brightquay.example/parcels?id=7",
      "http://track.brightquay.example/ping",
      "https://track.brightquay.example/parcels?id=7",
      "https://track.brightquay.example/api/v2/parcels",
      "https://track.brightquay.example/api",
      "https://track.brightquay.example/trackandtrace",
      "https://shop.brightquay.example/help.php",
      "https://shop.brightquay.example/a",
      "https://track.brightquay.example:8443/",
    ],
  };
}

export const HAND_WRITTEN: Readonly<Record<string, () => Base>> = {
  "layers: hand-written": example,
  "layers: nlb": nlb,
  "layers: alb-ingress": albIngress,
  "layers: compose": compose,
};

export async function openHandWritten({ files, layers, requests }: Base, haproxy: Haproxy): Promise<Subject> {
  const sources: readonly EmittedFile[] = Object.entries(files).map(
    ([path, content]) => ({ path, content }) as EmittedFile,
  );
  const wiringOf = (all: readonly EmittedFile[]): Promise<Wiring> => {
    const made = layers(new Map(all.map(({ path, content }) => [path, content])));
    return readWiring(Object.entries(made).map(([file, text]) => ({ file, text })));
  };
  const clean = await wiringOf(sources);
  const known = new Set(findingsOf(clean));
  const expected = await answersOf(clean, haproxy, requests);
  return {
    mutants: mutantsOf(sources),
    async findingsOf(mutant: Mutant) {
      const wiring = await wiringOf(applyMutant(sources, mutant));
      if (findingsOf(wiring).some((finding) => !known.has(finding))) return "check";
      if ((await answersOf(wiring, haproxy, requests)) !== expected) return "test";
      return isEquivalentByHand(mutant) ? "same" : "survived";
    },
  };
}

function findingsOf(wiring: Wiring): readonly string[] {
  return checkLayers(wiring).map(({ code, what }) => `${code} ${what}`);
}

/** What `portico test` compares and prints: answers, requests as servers see them, health checks and probes. */
async function answersOf(layers: Wiring, haproxy: Haproxy, requests: readonly string[]): Promise<string> {
  const wiring = withBindPaths(layers);
  const layer = testedHaproxy(wiring);
  if (layer === undefined) return "no HAProxy";
  try {
    const lab = await openLabOfLayers(
      { ...wiring, serverPaths: [...wiring.serverPaths, ...incompleteServers(wiring)] },
      { haproxy, followServers: true, startFailure: startFailureOf(wiring, layer) },
    );
    try {
      const answers = [];
      for (const url of requests) {
        const { status, location, backend, refused, client, seen } = await lab.request(url);
        answers.push({ status, location, backend, refused: refused !== null, client, seen: seen?.headers });
      }
      const text = JSON.stringify([answers, lab.health.map(({ healthy }) => healthy)]);
      // Each lab has its own network.
      return text.replaceAll(/127\.\d+\.\d+\.(\d+)/g, "127.$1");
    } finally {
      await lab.close();
    }
  } catch (error) {
    if (error instanceof HaproxyFailure || error instanceof RangeError) return error.name;
    throw error;
  }
}

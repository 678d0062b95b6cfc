// The configuration in ConfigMaps: complete, below the API server's limit, and read by HAProxy as it was rendered.
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { emitKubernetes } from "../../../src/emit/kubernetes/emit-kubernetes.ts";
import type { Rendered } from "../../hostile/rendered.ts";
import { names, object, podSpec, shop } from "./objects.ts";

/** A ConfigMap's limit (Kubernetes, "ConfigMaps"). */
const LIMIT = 1024 * 1024;

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

function configMaps(rendered: Rendered): readonly ConfigMap[] {
  return names(rendered)
    .filter((name) => name.startsWith("configmap"))
    .map((name) => object(rendered, name));
}

function bytesOf({ data = {}, binaryData = {} }: ConfigMap): ReadonlyMap<string, Buffer> {
  return new Map([
    ...Object.entries(data).map(([key, text]) => [key, Buffer.from(text)] as const),
    ...Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, "base64")] as const),
  ]);
}

function renderedFiles({ files }: Rendered): Readonly<Record<string, string>> {
  return Object.fromEntries(
    files
      .filter(({ path }) => path.startsWith("haproxy/"))
      .map(({ path, content }) => [path.slice("haproxy/".length), content]),
  );
}

function withRoutes(count: number, tail = ""): Rendered {
  const routes = Array.from({ length: count }, (_, index) => ({
    path: `/shops/shop-${index}${tail}`,
    to: "shop",
  }));
  return shop({ sites: [{ host: "shop.example.com", routes }] });
}

/** A shop with these files as its configuration, because descriptions of such sizes are slow to render. */
function withFiles(
  config: Readonly<Record<string, string>>,
  more: Parameters<typeof shop>[0] = {},
): Rendered {
  const { plan } = shop(more);
  const files = Object.entries(config).map(([name, content]) => ({
    path: `haproxy/${name}`,
    content,
    origins: new Map(),
  }));
  return { plan, files: [...files, ...emitKubernetes(plan, { config: files, image: "shop-edge:1" })] };
}

function sizes(rendered: Rendered): readonly number[] {
  return configMaps(rendered).map((map) =>
    [...bytesOf(map).values()].reduce((sum, { length }) => sum + length, 0),
  );
}

/** The content of the pod's volumes when HAProxy starts: its projections, joined by the pod's own command if they are in parts. */
function filesInPod(rendered: Rendered): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "portico-pod-"));
  try {
    const spec = podSpec(rendered);
    const maps = new Map(configMaps(rendered).map((map) => [map.metadata.name, bytesOf(map)]));
    const source = join(folder, "config");
    for (const { configMap } of spec.volumes[0].projected.sources) {
      const entries = maps.get(configMap.name) ?? new Map<string, Buffer>();
      const paths: readonly { key: string; path: string }[] =
        configMap.items ?? [...entries.keys()].map((key) => ({ key, path: key }));
      for (const { key, path } of paths) {
        // Like the kubelet: a folder behind a link, and links into it.
        const file = join(source, "..data", path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, entries.get(key) ?? "");
      }
    }
    for (const top of readdirSync(join(source, "..data")))
      symlinkSync(join("..data", top), join(source, top));
    const [join_] = spec.initContainers ?? [];
    if (join_ === undefined) return contentOf(source);
    const target = join(folder, "etc");
    mkdirSync(target);
    const [shell, flags, script] = join_.command;
    // A pod whose sandbox was recreated runs it again, over the existing files.
    for (const _ of ["first", "second"])
      execFileSync(shell, [flags, script.replaceAll("/etc/haproxy", target).replaceAll("/config", source)]);
    return contentOf(target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function contentOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder).filter((name) => name !== "..data");
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("a small configuration is in one ConfigMap, byte for byte", () => {
  const rendered = shop();
  expect(configMaps(rendered)).toHaveLength(1);
  expect(filesInPod(rendered)).toEqual(renderedFiles(rendered));
});

test("10,000 routes fit", () => {
  const rendered = withRoutes(10_000);
  for (const size of sizes(rendered)) expect(size).toBeLessThan(LIMIT);
  expect(podSpec(rendered)).not.toHaveProperty("initContainers");
  expect(filesInPod(rendered)).toEqual(renderedFiles(rendered));
});

test("files that together exceed a ConfigMap are in several", () => {
  const body = "é".repeat(200_000);
  const rendered = withFiles({ "a.map": body, "b.map": body, "c.map": `${body}\r\u0085` });
  expect(configMaps(rendered).length).toBeGreaterThan(1);
  for (const size of sizes(rendered)) expect(size).toBeLessThan(LIMIT);
  expect(podSpec(rendered)).not.toHaveProperty("initContainers");
  expect(filesInPod(rendered)).toEqual(renderedFiles(rendered));
});

test("a file larger than a ConfigMap is split, and joined before HAProxy starts", () => {
  const rendered = withRoutes(10_000, "/abcdefghi".repeat(12));
  for (const size of sizes(rendered)) expect(size).toBeLessThan(LIMIT);
  expect(podSpec(rendered).initContainers).toHaveLength(1);
  expect(filesInPod(rendered)).toEqual(renderedFiles(rendered));
});

test("a file without line breaks is split between characters", () => {
  const rendered = withFiles({ "haproxy.cfg": "global\n", "a.map": `x${"€".repeat(700_000)}` });
  expect(configMaps(rendered).length).toBeGreaterThan(2);
  for (const { data = {} } of configMaps(rendered))
    for (const part of Object.values(data)) expect(part).not.toContain("\ufffd");
  expect(filesInPod(rendered)).toEqual(renderedFiles(rendered));
});

test("a certificate's Secret is joined with them", () => {
  const rendered = withFiles(
    { "a.map": "x".repeat(1_000_000) },
    {
      public: {
        loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
        tls: { terminatedAt: "haproxy", certificates: [{ secret: "shop-tls" }] },
      },
    },
  );
  expect(podSpec(rendered).volumes[0].projected.sources).toContainEqual({
    secret: {
      name: "shop-tls",
      items: [
        { key: "tls.crt", path: "whole/certificates/shop-tls.pem" },
        { key: "tls.key", path: "whole/certificates/shop-tls.pem.key" },
      ],
    },
  });
});

test("a name is a hash of the content: unchanged content, unchanged name", () => {
  const page = "x".repeat(600_000);
  const named = (body: string) =>
    configMaps(withFiles({ "a.map": page, "b.map": body })).map(({ metadata }) => metadata.name);
  const [before, after] = [named(`${page}1`), named(`${page}2`)];
  expect(named(`${page}1`)).toEqual(before);
  expect(before).toHaveLength(2);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  for (const name of before) expect(name).toMatch(/^shop-edge-[0-9a-f]{10}$/);
});

test("with the configuration in the image there is no ConfigMap", () => {
  const rendered = shop({ image: { config: "image" } });
  expect(configMaps(rendered)).toEqual([]);
  expect(podSpec(rendered).volumes.map(({ name }: { name: string }) => name)).toEqual(["run"]);
});

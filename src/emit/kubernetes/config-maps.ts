// The configuration in ConfigMaps: immutable, named by their content, each below the limit of the API server.
import { createHash } from "node:crypto";
import type { ConfigMap, VolumeProjection } from "kubernetes-types/core/v1.d.ts";
import type { Plan } from "../../plan/plan.ts";
import { type EmittedFile, placeOf } from "../file.ts";
import { carrying, type Manifest } from "./manifest.ts";
import { metadata } from "./metadata.ts";

export interface ConfigMaps {
  readonly manifests: readonly Manifest[];
  /** The projections of their files in a volume. */
  readonly projections: readonly VolumeProjection[];
  /** A file is larger than a ConfigMap: the volume contains `whole/` files and `parts/`, which are joined before HAProxy starts. */
  readonly inParts: boolean;
}

interface Entry {
  readonly key: string;
  /** Below the volume's root. */
  readonly path: string;
  readonly content: Buffer;
  readonly origins: EmittedFile["origins"];
}

/** A ConfigMap is limited to 1 MiB (Kubernetes, "ConfigMaps"); the rest is for the object's other fields. */
export const MOST_BYTES = 900_000;
const LAYER = "haproxy/";

/** Characters that are unchanged in a YAML block scalar, in YAML 1.1 and 1.2. */
const PLAIN = /^[\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

export function configMaps(plan: Plan, config: readonly EmittedFile[]): ConfigMaps {
  if (plan.image.config.value === "image") return { manifests: [], projections: [], inParts: false };
  const files = config.map(({ path, content, origins }) => {
    const name = path.slice(LAYER.length);
    return { key: name, path: name, content: Buffer.from(content), origins };
  });
  const inParts = files.some(({ content }) => content.length > MOST_BYTES);
  const entries = inParts ? files.flatMap(entriesOf) : files;
  const groups = grouped(entries).map((group) => ({
    group,
    name: `${plan.kubernetes.names.edge}-${hashOf(group)}`,
  }));
  return {
    manifests: groups.map(({ group, name }, index) => ({
      file: groups.length === 1 ? "configmap.yaml" : `configmap-${index + 1}.yaml`,
      about: `HAProxy's configuration${groups.length === 1 ? "" : `, ${index + 1} of ${groups.length}`}. Immutable: a changed configuration has another name and rolls out new pods.`,
      object: configMap(plan, name, group),
      ...placeOf(plan.image.config),
    })),
    projections: groups.map(({ group, name }) => ({
      configMap: inParts ? { name, items: group.map(({ key, path }) => ({ key, path })) } : { name },
    })),
    inParts,
  };
}

function entriesOf(file: Entry): readonly Entry[] {
  const { key: name, content, origins } = file;
  if (content.length <= MOST_BYTES) return [{ ...file, path: `whole/${name}` }];
  let line = 0;
  return partsOf(content).map((part, index) => {
    const number = String(index + 1).padStart(3, "0");
    const before = line;
    line += part.filter((byte) => byte === LINE_END).length;
    const own = [...origins].filter(([of]) => of > before).map(([of, at]) => [of - before, at] as const);
    return {
      key: `${name}.part-${number}`,
      path: `parts/${name}/${number}`,
      content: part,
      origins: new Map(own),
    };
  });
}

const LINE_END = 0x0a;

/** Split after a line, or before a character in a line that is longer than a part. */
function partsOf(content: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let from = 0; from < content.length; ) {
    let to = Math.min(from + MOST_BYTES, content.length);
    if (to < content.length) {
      const lineEnd = content.lastIndexOf(LINE_END, to - 1) + 1;
      if (lineEnd > from) to = lineEnd;
      // The bytes of a character after its first begin with the bits 10 (RFC 3629 section 3).
      else while (((content[to] ?? 0) & 0xc0) === 0x80) to -= 1;
    }
    parts.push(content.subarray(from, to));
    from = to;
  }
  return parts;
}

/** In their order, as many as fit. */
function grouped(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last === undefined || entry.content.length > room) {
      groups.push([entry]);
      room = MOST_BYTES - entry.content.length;
    } else {
      last.push(entry);
      room -= entry.content.length;
    }
  }
  return groups;
}

function hashOf(group: readonly Entry[]): string {
  const hash = createHash("sha256");
  for (const { key, content } of group) hash.update(`${key}\0${content.length}\0`).update(content);
  return hash.digest("hex").slice(0, 10);
}

function configMap(plan: Plan, name: string, group: readonly Entry[]): ConfigMap {
  const texts = group.map((entry) => ({ ...entry, text: entry.content.toString() }));
  const plain = texts.filter(({ text }) => PLAIN.test(text));
  const others = texts.filter(({ text }) => !PLAIN.test(text));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(plan, name),
    immutable: true,
    ...(plain.length > 0 && {
      data: Object.fromEntries(plain.map(({ key, text, origins }) => [key, carrying(text, origins)])),
    }),
    ...(others.length > 0 && {
      binaryData: Object.fromEntries(others.map(({ key, content }) => [key, content.toString("base64")])),
    }),
  };
}

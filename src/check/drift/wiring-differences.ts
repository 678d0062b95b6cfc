// Compares two wirings value by value: the setting, both values, and both places.
import type { Position } from "../../findings/finding.ts";
import { isRecord } from "../../source/data.ts";
import type { HaproxyLayer, KubernetesObject, Wiring } from "../../wiring/wiring.ts";

export interface WiringDifference {
  /** `spec.ports[https].nodePort of Service web/edge` */
  readonly what: string;
  /** undefined: no such value is rendered. */
  readonly planned: string | undefined;
  /** undefined: there is no such value. */
  readonly found: string | undefined;
  readonly plannedAt: Position | undefined;
  readonly at: Position | undefined;
}

/**
 * Every value of `planned` that differs in `found` or is missing there. `folder`: the prefix of file names in `found`. A value that is
 * not known in `planned` depends on the account that the files are applied to, and is skipped. Not compared: objects that only `found`
 * has, texts of ConfigMaps and Secrets, and conditions and rules of HAProxy; `textDrift` compares their lines.
 */
export function wiringDifferences(
  planned: Wiring,
  found: Wiring,
  folder: string,
): readonly WiringDifference[] {
  const prefix = folder === "." ? "" : `${folder}/`;
  const paths = new Set(planned.files.map(({ file }) => file));
  const others = new Map(partsOf(found, prefix, paths).map((part) => [part.name, part]));
  const differences = partsOf(planned, "", paths).flatMap((part) =>
    compared({ of: part.name, path: "" }, part.node, others.get(part.name)?.node),
  );
  return [...new Map(differences.map((one) => [identityOf(one), one])).values()];
}

/** The wiring has a setting several times: a timeout of `defaults` is also a timeout of each proxy. */
function identityOf({ planned, found, at }: WiringDifference): string {
  return JSON.stringify([planned, found, at?.file, at?.line, at?.column]);
}

interface Part {
  readonly name: string;
  readonly node: Node;
}

/** A value of the wiring, and where it is written; `place` finds places in a Kubernetes object. */
interface Node {
  readonly value: unknown;
  readonly at: Position | undefined;
  readonly place?: KubernetesObject["place"];
  readonly path?: readonly (string | number)[];
}

/** Those that are written below `prefix`. `paths`: of rendered files; a HAProxy configuration in another one is not the edge's. */
function partsOf(wiring: Wiring, prefix: string, paths: ReadonlySet<string>): readonly Part[] {
  const haproxy = wiring.haproxies.find(({ config }) => paths.has(config.file.slice(prefix.length)));
  const parts = [
    ...wiring.objects.map(({ kind, namespace, name, data, place, at }) => ({
      name: `${kind} ${namespace}/${name}`,
      node: { value: withoutTexts(kind, data), at, place, path: [] },
    })),
    ...wiring.loadBalancers
      .filter(({ kind }) => kind !== "service")
      .map((one) => ({ name: `load balancer ${one.id}`, node: { value: one, at: one.at } })),
    ...wiring.securityGroups.map((one) => ({
      name: `security group ${one.id}`,
      node: { value: one, at: one.at },
    })),
    ...wiring.images.map((one) => ({
      name: one.file.slice(prefix.length),
      node: { value: one, at: one.at },
    })),
    ...(haproxy === undefined ? [] : haproxyParts(haproxy)),
  ];
  return parts.filter(({ node }) => node.at?.file.startsWith(prefix));
}

function withoutTexts(kind: string, data: KubernetesObject["data"]): KubernetesObject["data"] {
  if (kind !== "ConfigMap" && kind !== "Secret") return data;
  return { ...data, data: undefined, binaryData: undefined, stringData: undefined };
}

function haproxyParts({ config, wiring }: HaproxyLayer): readonly Part[] {
  const at = { file: config.file, line: 1, column: 1 };
  return [
    ...[...wiring.defaults, ...wiring.proxies].map((proxy) => ({
      name: `${proxy.kind} ${proxy.name}`.trim(),
      node: { value: proxy, at: proxy.at },
    })),
    ...wiring.resolvers.map((one) => ({ name: `resolvers ${one.name}`, node: { value: one, at: one.at } })),
    { name: "haproxy.cfg", node: { value: { binds: wiring.binds, logs: wiring.logs }, at } },
  ];
}

interface Label {
  readonly of: string;
  readonly path: string;
}

function compared(label: Label, planned: Node, found: Node | undefined): readonly WiringDifference[] {
  if (holdsUnknown(planned.value)) return [];
  const [children, others] = [childrenOf(planned, found), found && childrenOf(found, planned)];
  if (children !== undefined && others !== undefined)
    return [...new Set([...children.keys(), ...others.keys()])].flatMap((key) => {
      const own = children.get(key) ?? { value: undefined, at: planned.at };
      const other = others.get(key) ?? { value: undefined, at: found?.at };
      return compared({ ...label, path: `${label.path}${key}` }, own, other);
    });
  const [wanted, there] = [textOf(planned.value), textOf(found?.value)];
  if (wanted === there) return [];
  const path = label.path.replace(/^\./, "");
  return [
    {
      what: path === "" ? label.of : `\`${path}\` of ${label.of}`,
      planned: wanted,
      found: there,
      plannedAt: planned.at,
      at: found?.at,
    },
  ];
}

/** By the suffix of their path; undefined: the node is a single value. */
function childrenOf(node: Node, other: Node | undefined): ReadonlyMap<string, Node> | undefined {
  const { value } = node;
  if (value instanceof Map)
    return new Map([...value].map(([key, one]) => [`[${key}]`, child(node, key, one)]));
  if (Array.isArray(value)) {
    const others: unknown = other?.value;
    if (![...value, ...(Array.isArray(others) ? others : [])].some(isBranch)) return undefined;
    const key = keyFor(value, others);
    return new Map(value.map((one, index) => [`[${key(one, index)}]`, child(node, index, one)]));
  }
  if (!isBranch(value)) return undefined;
  return new Map(
    Object.entries(value)
      .filter(
        ([key, one]) => one !== undefined && one !== null && (node.place !== undefined || !IGNORED.has(key)),
      )
      .map(([key, one]) => [`.${key}`, child(node, key, one)]),
  );
}

/**
 * Of the wiring: places, the text that a value was read from, derived values, and conditions and rules of HAProxy,
 * whose lines are compared.
 */
const IGNORED: ReadonlySet<string> = new Set([
  "acls",
  "at",
  "complete",
  "expectProxy",
  "file",
  "line",
  "parent",
  "prometheus",
  "section",
  "stats",
  "token",
  "useBackends",
]);

function child(node: Node, key: string | number, value: unknown): Node {
  const path = [...(node.path ?? []), key];
  if (node.place !== undefined) return { value, at: node.place(path) ?? node.at, place: node.place, path };
  const own = isRecord(value) ? (value.at as Position | undefined) : undefined;
  return { value, at: own ?? node.at };
}

/** Fields that identify the items of a list. */
const KEYS = ["name", "id", "containerPort", "port", "mountPath", "path", "topologyKey", "address", "to"];

/**
 * The name of an item in a list: the first field that is unique in both lists, else the index. In lists of the same length the field
 * must have the same values in both.
 */
function keyFor(items: readonly unknown[], others: unknown): (item: unknown, index: number) => string {
  const lists = [items, Array.isArray(others) ? (others as readonly unknown[]) : []];
  const field = KEYS.find((key) => {
    const [own, other] = lists.map((list) => new Set(list.map((item) => fieldOf(item, key))));
    if (own === undefined || other === undefined || own.has(undefined) || other.has(undefined)) return false;
    if (own.size !== items.length || other.size !== lists[1]?.length) return false;
    return own.size !== other.size || [...own].every((one) => other.has(one));
  });
  return (item, index) => (field === undefined ? String(index) : (fieldOf(item, field) ?? ""));
}

function fieldOf(item: unknown, key: string): string | undefined {
  return isRecord(item) ? textOf(item[key]) : undefined;
}

/** Whether a value has parts that can be compared; a place has none. */
function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value) || isWritten(value) || isAddress(value)) return false;
  return !("unknown" in value) && !("column" in value);
}

/** A value and its place (`Written`, `Setting`). */
function isWritten(value: Readonly<Record<string, unknown>>): boolean {
  return "value" in value && Object.keys(value).every((key) => ["value", "at", "from"].includes(key));
}

function isAddress(value: Readonly<Record<string, unknown>>): boolean {
  return "token" in value && "text" in value;
}

function holdsUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => !isBranch(one) && holdsUnknown(one));
  return isRecord(value) && "unknown" in value && "at" in value;
}

/** Replaces a value that has parts. */
export const BRANCH = "set";

/** undefined: there is nothing. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((one) => textOf(one) ?? "nothing").join(" ");
  if (!isRecord(value)) return String(value);
  if (isWritten(value)) return textOf(value.value);
  if ("unknown" in value) return `not known (${String(value.unknown)})`;
  return isAddress(value) ? String(value.text) : BRANCH;
}

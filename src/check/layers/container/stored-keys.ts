// The keys of ConfigMaps and Secrets, from the objects themselves and from the objects that controllers create Secrets of.
import type { Position } from "../../../findings/finding.ts";
import { isRecord, listAt, type Path, valueAt } from "../../../source/data.ts";
import type { KubernetesObject, Wiring } from "../../../wiring/wiring.ts";
import { memoized } from "../memoized.ts";

export interface Stored {
  readonly object: KubernetesObject;
  /** Texts by key; undefined if only a controller has the text. */
  readonly keys: ReadonlyMap<string, { readonly text?: string | undefined; readonly at: Position }>;
  /** Whether there may be other keys. */
  readonly more: boolean;
  /** A Secret of type kubernetes.io/tls. */
  readonly tls: boolean;
}

export type StoredKind = "ConfigMap" | "Secret";

/** undefined: the object is not in the folder. */
export function storedBy(
  wiring: Wiring,
  kind: StoredKind,
  namespace: string,
  name: string,
): Stored | undefined {
  return storedIn(wiring).get(keyOf(kind, namespace, name));
}

const storedIn = memoized((wiring: Wiring): ReadonlyMap<string, Stored> => {
  const found = new Map<string, Stored>();
  for (const object of wiring.objects) {
    const read = READERS[object.kind]?.(object);
    if (read === undefined) continue;
    const key = keyOf(read.kind, object.namespace, read.name);
    // The last of two objects takes effect, or they belong to different clusters: the keys of either may exist.
    const before = found.get(key);
    found.set(key, before === undefined ? read.stored : { ...read.stored, more: true });
  }
  return found;
});

function keyOf(kind: StoredKind, namespace: string, name: string): string {
  return `${kind}\0${namespace}\0${name}`;
}

interface Read {
  readonly kind: StoredKind;
  readonly name: string;
  readonly stored: Stored;
}

const READERS: Readonly<Record<string, (object: KubernetesObject) => Read>> = {
  ConfigMap: (object) => ({
    kind: "ConfigMap",
    name: object.name,
    stored: stored(object, [...entries(object, ["data"]), ...entries(object, ["binaryData"], decoded)]),
  }),
  Secret: (object) => ({
    kind: "Secret",
    name: object.name,
    stored: {
      ...stored(object, [...entries(object, ["data"], decoded), ...entries(object, ["stringData"])]),
      tls: object.data.type === "kubernetes.io/tls",
    },
  }),
  // cert-manager.io/docs/usage/certificate: a Secret of type kubernetes.io/tls.
  Certificate: (object) => ({
    kind: "Secret",
    name: textAt(object, ["spec", "secretName"]) ?? "",
    stored: {
      ...stored(object, certificateKeys(object)),
      more: valueAt(object.data, ["spec", "keystores"]) !== undefined,
      tls: true,
    },
  }),
  // external-secrets.io/latest/api/externalsecret.
  ExternalSecret: (object) => ({
    kind: "Secret",
    name: textAt(object, ["spec", "target", "name"]) ?? object.name,
    stored: {
      ...stored(object, externalKeys(object)),
      more:
        valueAt(object.data, ["spec", "dataFrom"]) !== undefined ||
        valueAt(object.data, ["spec", "target", "template"]) !== undefined,
      tls: false,
    },
  }),
  // github.com/bitnami-labs/sealed-secrets.
  SealedSecret: (object) => ({
    kind: "Secret",
    name: object.name,
    stored: {
      ...stored(object, [
        ...entries(object, ["spec", "encryptedData"], () => undefined),
        ...entries(object, ["spec", "template", "data"], () => undefined),
      ]),
      tls: textAt(object, ["spec", "template", "type"]) === "kubernetes.io/tls",
    },
  }),
};

type Entry = readonly [key: string, value: { readonly text?: string | undefined; readonly at: Position }];

function stored(object: KubernetesObject, keys: readonly Entry[]): Stored {
  return { object, keys: new Map(keys), more: false, tls: false };
}

function entries(
  object: KubernetesObject,
  path: Path,
  read: (value: string) => string | undefined = (value) => value,
): readonly Entry[] {
  const data = valueAt(object.data, path);
  return Object.entries(isRecord(data) ? data : {}).map(([key, value]) => [
    key,
    {
      text: typeof value === "string" ? read(value) : undefined,
      at: object.place([...path, key], { key: true }) ?? object.at,
    },
  ]);
}

function decoded(value: string): string {
  return Buffer.from(value, "base64").toString();
}

function certificateKeys(object: KubernetesObject): readonly Entry[] {
  const formats = listAt(object.data, ["spec", "additionalOutputFormats"]);
  const types = formats.map((format) => valueAt(format, ["type"]));
  return [
    ...["tls.crt", "tls.key", "ca.crt"],
    ...(types.includes("CombinedPEM") ? ["tls-combined.pem"] : []),
    ...(types.includes("DER") ? ["key.der"] : []),
  ].map((key) => [key, { at: object.at }]);
}

function externalKeys(object: KubernetesObject): readonly Entry[] {
  return listAt(object.data, ["spec", "data"]).flatMap((_, index): readonly Entry[] => {
    const path = ["spec", "data", index, "secretKey"];
    const key = textAt(object, path);
    return key === undefined ? [] : [[key, { at: object.place(path) ?? object.at }]];
  });
}

function textAt({ data }: KubernetesObject, path: Path): string | undefined {
  const value = valueAt(data, path);
  return typeof value === "string" ? value : undefined;
}

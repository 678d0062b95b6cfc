// The configuration that the cluster's pods run now, read back from the ConfigMaps that their volumes are made of.
import type { ConfigMap, PodSpec, Volume } from "kubernetes-types/core/v1.d.ts";
import type { TextFile } from "../emit/file.ts";
import type { ClusterApi } from "./api.ts";
import type { KubernetesObject } from "./objects.ts";
import { CONTAINER } from "./pods.ts";
import type { Workload } from "./workload.ts";

/**
 * As files of the haproxy layer; undefined where the pods have it from elsewhere: in the image, or not as Portico writes it.
 * Rejects with ClusterFailure.
 */
export async function deployedConfig(
  api: ClusterApi,
  workload: Workload,
): Promise<readonly TextFile[] | undefined> {
  const spec = workload.spec?.template.spec;
  const volume = configVolume(spec);
  if (volume === undefined) return undefined;
  const namespace = workload.metadata.namespace ?? "";
  const entries = await Promise.all(
    sourcesOf(volume).map(async ({ name, items }) => {
      const map = await api.find<ConfigMap & KubernetesObject>({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace },
      });
      return entriesOf(map, items);
    }),
  );
  const files = joined(entries.flat());
  return files.some(({ path }) => path === "haproxy/haproxy.cfg") ? files : undefined;
}

interface Source {
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly path: string }[] | undefined;
}

/** What the container has at /etc/haproxy, or an init container joins for it. */
function configVolume(spec: PodSpec | undefined): Volume | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const mounted = containers
    .filter(({ name }) => name === CONTAINER || (spec?.initContainers ?? []).some((one) => one.name === name))
    .flatMap(({ volumeMounts }) => volumeMounts ?? [])
    .map(({ name }) => name);
  return spec?.volumes?.find((volume) => mounted.includes(volume.name) && sourcesOf(volume).length > 0);
}

function sourcesOf({ configMap, projected }: Volume): readonly Source[] {
  return [
    ...(configMap?.name === undefined ? [] : [{ name: configMap.name, items: configMap.items }]),
    ...(projected?.sources ?? []).flatMap(({ configMap: source }) =>
      source?.name === undefined ? [] : [{ name: source.name, items: source.items }],
    ),
  ];
}

function entriesOf(map: ConfigMap | undefined, items: Source["items"]): readonly TextFile[] {
  const contents = new Map([
    ...Object.entries(map?.data ?? {}),
    ...Object.entries(map?.binaryData ?? {}).map(
      ([key, value]) => [key, Buffer.from(String(value), "base64").toString()] as const,
    ),
  ]);
  const named = items ?? [...contents.keys()].map((key) => ({ key, path: key }));
  return named.flatMap(({ key, path }) => {
    const content = contents.get(key);
    return content === undefined ? [] : [{ path, content }];
  });
}

/** A file too large for a ConfigMap lies in parts: `parts/NAME/001` …, and whole ones beside them: `whole/NAME`. */
function joined(entries: readonly TextFile[]): readonly TextFile[] {
  const files = new Map<string, string>();
  for (const { path, content } of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const [, part] = /^parts\/(.+)\/\d+$/.exec(path) ?? [];
    const name = part ?? path.replace(/^whole\//, "");
    files.set(name, (part === undefined ? "" : (files.get(name) ?? "")) + content);
  }
  return [...files].map(([name, content]) => ({ path: `haproxy/${name}`, content }));
}

// An HAProxy in a pod as Kubernetes objects: for the findings of rules, and to run the same container on this machine.

export interface EdgeOfOnePod {
  readonly config: string;
  readonly image: string;
  /** Fields of the container, in addition to its name, image and mounts. */
  readonly container: Readonly<Record<string, unknown>>;
  readonly mounts: readonly VolumeMount[];
  readonly volumes: readonly PodVolume[];
  /** Fields of the pod's spec, in addition to its containers and volumes. */
  readonly pod: Readonly<Record<string, unknown>>;
  /** ConfigMaps by name. */
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Secrets by name. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Further objects. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  readonly dockerfile?: string;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

interface KeyItem {
  readonly key: string;
  readonly path: string;
}

export type PodVolume = { readonly name: string } & (
  | { readonly configMap: { readonly name: string; readonly items?: readonly KeyItem[] } }
  | { readonly secret: { readonly secretName: string; readonly items?: readonly KeyItem[] } }
  | { readonly emptyDir: Readonly<Record<string, unknown>> }
);

const CONFIG = `global
  log stdout format raw local0
  maxconn 100
defaults
  mode http
  log global
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind 127.0.0.1:18080
  default_backend app
backend app
  server app 127.0.0.1:18081 check inter 100ms fall 1
`;

/** Its server is down, which HAProxy logs once it runs. It starts if the configuration is at the path that the official image reads. */
const RIGHT: EdgeOfOnePod = {
  config: CONFIG,
  image: "haproxy:3.2.4",
  container: {},
  mounts: [{ name: "config", mountPath: "/usr/local/etc/haproxy" }],
  volumes: [{ name: "config", configMap: { name: "haproxy" } }],
  pod: {},
  configMaps: {},
  secrets: {},
  objects: [],
};

/** `lines`: replaced or added lines of the configuration, by what they replace. */
export function edgeWith(
  changes: Partial<EdgeOfOnePod>,
  lines: Readonly<Record<string, string>> = {},
): EdgeOfOnePod {
  const config = Object.entries(lines).reduce((text, [old, written]) => {
    if (!text.includes(old)) throw new RangeError(`the configuration has no line ${old}`);
    return text.replace(old, written);
  }, CONFIG);
  return { ...RIGHT, config, ...changes };
}

export function withMount(
  mount: Omit<VolumeMount, "name">,
  volume: DistributiveOmit<PodVolume, "name">,
): Pick<EdgeOfOnePod, "mounts" | "volumes"> {
  return {
    mounts: [...RIGHT.mounts, { name: "more", ...mount }],
    volumes: [...RIGHT.volumes, { name: "more", ...volume } as PodVolume],
  };
}

type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

export function configMapsOf({ config, configMaps }: EdgeOfOnePod): EdgeOfOnePod["configMaps"] {
  return { haproxy: { "haproxy.cfg": config }, ...configMaps };
}

/** As files of a folder: JSON is YAML. */
export function layersOf(edge: EdgeOfOnePod): { readonly file: string; readonly text: string }[] {
  const metadata = (name: string) => ({ name, namespace: "web" });
  const objects = [
    ...Object.entries(configMapsOf(edge)).map(([name, data]) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata(name),
      data,
    })),
    ...Object.entries(edge.secrets).map(([name, stringData]) => ({
      apiVersion: "v1",
      kind: "Secret",
      type: "tls.crt" in stringData ? "kubernetes.io/tls" : "Opaque",
      metadata: metadata(name),
      stringData,
    })),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata("edge"),
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "edge" } },
        template: {
          metadata: { labels: { app: "edge" } },
          spec: {
            ...edge.pod,
            containers: [
              { name: "haproxy", image: edge.image, volumeMounts: edge.mounts, ...edge.container },
            ],
            volumes: edge.volumes,
          },
        },
      },
    },
    ...edge.objects,
  ];
  return [
    { file: "edge.yaml", text: objects.map((object) => JSON.stringify(object, null, 2)).join("\n---\n") },
    ...(edge.dockerfile === undefined ? [] : [{ file: "Dockerfile", text: edge.dockerfile }]),
  ];
}

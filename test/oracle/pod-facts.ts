// The plan's decisions about the pod other than ports and probes: user, mounts, DNS.
import { imageReference } from "../../src/emit/image/image-reference.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { secretsOf } from "../../src/plan/secrets.ts";
import { secretValue } from "../../src/wiring/environment.ts";
import { readQuantity } from "../../src/wiring/kubernetes/quantity.ts";
import type { Container, KubernetesObject, Wiring, Workload } from "../../src/wiring/wiring.ts";
import { type Fact, fact, said } from "./fact.ts";
import { at } from "./object-facts.ts";

export function podFacts(plan: Plan, wiring: Wiring): readonly Fact[] {
  const workload = wiring.workloads.find(({ name }) => name === plan.kubernetes.names.edge);
  const [container] = workload?.containers ?? [];
  // Its existence is another fact.
  if (workload === undefined || container === undefined) return [];
  return [
    ...identityFacts(plan, workload),
    ...spreadFacts(plan, workload.object, workload.podPath),
    ...dnsFacts(plan, workload),
    ...containerFacts(plan, container, workload.object),
    ...secretFacts(plan, container, wiring),
    ...imageFacts(plan, container, wiring),
    ...mountFacts(plan, workload, container, wiring),
  ];
}

function identityFacts(
  { kubernetes, image, edge }: Plan,
  { object, podPath, labels }: Workload,
): readonly Fact[] {
  const pod = (what: string, planned: string | number | boolean, ...path: readonly string[]) =>
    at(object, `${what} of the pod`, planned, ...podPath, ...path);
  const label = (name: string, planned: string) =>
    fact(`label ${name} of the pod`, planned, said(labels[`app.kubernetes.io/${name}`] ?? null, object.at));
  return [
    ...label("component", "edge"),
    ...label("managed-by", "portico"),
    ...label("part-of", edge),
    ...pod("ServiceAccount", kubernetes.names.edge, "serviceAccountName"),
    ...pod("token", false, "automountServiceAccountToken"),
    ...pod("Service variables", false, "enableServiceLinks"),
    ...pod("runAsNonRoot", true, "securityContext", "runAsNonRoot"),
    ...pod("group", image.user.value, "securityContext", "runAsGroup"),
    ...pod("group of mounted files", image.user.value, "securityContext", "fsGroup"),
    ...pod("seccomp profile", "RuntimeDefault", "securityContext", "seccompProfile", "type"),
  ];
}

/** Kubernetes' own labels of nodes ("Well-Known Labels, Annotations and Taints"). */
function spreadFacts(
  { kubernetes }: Plan,
  object: KubernetesObject,
  podPath: Workload["podPath"],
): readonly Fact[] {
  if (kubernetes.workload.value === "DaemonSet") return [];
  const spread = [...podPath, "topologySpreadConstraints", 0] as const;
  const affinity = [
    ...podPath,
    "affinity",
    "podAntiAffinity",
    "preferredDuringSchedulingIgnoredDuringExecution",
    0,
    "podAffinityTerm",
  ] as const;
  const name = "app.kubernetes.io/name";
  const instance = "app.kubernetes.io/instance";
  const rolling = ["spec", "strategy"] as const;
  return [
    ...at(object, "spread over nodes", "kubernetes.io/hostname", ...spread, "topologyKey"),
    ...at(object, "skew over nodes", 1, ...spread, "maxSkew"),
    ...at(
      object,
      "action when the spread constraint cannot be satisfied",
      "ScheduleAnyway",
      ...spread,
      "whenUnsatisfiable",
    ),
    ...at(object, "pods of a version", "pod-template-hash", ...spread, "matchLabelKeys", 0),
    ...at(object, "pods that are spread", "haproxy", ...spread, "labelSelector", "matchLabels", name),
    ...at(
      object,
      "edge that is spread",
      kubernetes.names.edge,
      ...spread,
      "labelSelector",
      "matchLabels",
      instance,
    ),
    ...at(object, "spread over zones", "topology.kubernetes.io/zone", ...affinity, "topologyKey"),
    ...at(object, "pods of the anti-affinity", "haproxy", ...affinity, "labelSelector", "matchLabels", name),
    ...at(
      object,
      "edge of the anti-affinity",
      kubernetes.names.edge,
      ...affinity,
      "labelSelector",
      "matchLabels",
      instance,
    ),
    ...at(object, "weight of the zones", 100, ...affinity.slice(0, -1), "weight"),
    ...at(object, "versions kept", 1, "spec", "revisionHistoryLimit"),
    ...at(object, "strategy", "RollingUpdate", ...rolling, "type"),
    ...at(object, "maximum surge", 1, ...rolling, "rollingUpdate", "maxSurge"),
    ...at(object, "maximum unavailable pods", 0, ...rolling, "rollingUpdate", "maxUnavailable"),
  ];
}

function dnsFacts({ dns }: Plan, { object, podPath }: Workload): readonly Fact[] {
  const path = [...podPath, "dnsConfig", "options"] as const;
  return dns.options.flatMap(({ name, value }, index) => [
    ...at(object, `DNS option ${index + 1} of the pod`, name, ...path, index, "name"),
    ...at(object, `value of the DNS option ${name}`, value, ...path, index, "value"),
  ]);
}

function containerFacts(
  { kubernetes }: Plan,
  { path }: Container,
  object: KubernetesObject,
): readonly Fact[] {
  const own = (what: string, planned: string | number | boolean, ...rest: readonly (string | number)[]) =>
    at(object, `${what} of the container`, planned, ...path, ...rest);
  return [
    ...own("name", "haproxy", "name"),
    ...own("CPU request", kubernetes.resources.cpuRequest.value, "resources", "requests", "cpu"),
    ...own("privilege escalation", false, "securityContext", "allowPrivilegeEscalation"),
    ...own("read-only root", true, "securityContext", "readOnlyRootFilesystem"),
    ...own("dropped capabilities", "ALL", "securityContext", "capabilities", "drop", 0),
    ...own("last words", "FallbackToLogsOnError", "terminationMessagePolicy"),
  ];
}

/** The source of HAProxy's secrets; a described one is compared, but not shown. */
function secretFacts(plan: Plan, { env, at: place }: Container, { objects }: Wiring): readonly Fact[] {
  return secretsOf(plan).flatMap(({ variable, from }) => {
    const found = env.get(variable);
    const what = `variable ${variable} of the container`;
    if (found === undefined || "value" in found)
      return fact(what, "of a Secret", found === undefined ? null : said("not of a Secret", place), place);
    if (from.kind === "secret")
      return fact(what, `${from.name} ${from.key}`, said(`${found.secret} ${found.key}`, place));
    const same = secretValue(objects, plan.namespace, found) === from.text.reveal();
    return fact(what, "as described", said(same ? "as described" : "another", place));
  });
}

/** The tag is a hash of the files that the image is built from. */
function imageFacts(
  { image }: Plan,
  { image: found, at: place }: Container,
  { files }: Wiring,
): readonly Fact[] {
  // Files in a subfolder have its name as a prefix.
  const under = (layer: string) =>
    files.flatMap(({ file, text }) => {
      const path = new RegExp(`(?:^|/)(${layer}/.*)$`).exec(file)?.[1];
      return path === undefined ? [] : [{ path, content: text }];
    });
  const sources = { image: under("image"), config: under("haproxy") };
  if (sources.image.length === 0) return [];
  return fact("image of the container", imageReference(image, sources), found, place);
}

function mountFacts(
  { image, kubernetes }: Plan,
  workload: Workload,
  { mounts, at: place }: Container,
  wiring: Wiring,
): readonly Fact[] {
  const { volumes, object, podPath } = workload;
  // By its path: a configuration larger than a ConfigMap is joined in another volume than that of its parts.
  const folder = (what: string, planned: string) => {
    const mount = mounts.find(({ path }) => path === planned);
    return [
      ...fact(
        `folder of the ${what}`,
        planned,
        mount === undefined ? null : said(mount.path, mount.at),
        place,
      ),
      ...fact(
        `volume of the ${what}`,
        true,
        said(
          volumes.some(({ name }) => name === mount?.volume),
          place,
        ),
      ),
    ];
  };
  const run = volumes.findIndex(
    ({ name }) => name === mounts.find(({ path }) => path === image.runFolder)?.volume,
  );
  const maps = volumes.flatMap(({ configMaps }) => configMaps);
  return [
    ...(image.config.value === "configMap" ? folder("configuration", image.configFolder) : []),
    ...folder("sockets", image.runFolder),
    ...at(object, "medium of the run folder", "Memory", ...podPath, "volumes", run, "emptyDir", "medium"),
    ...sizeFacts(kubernetes.runFolderBytes.value, object, [...podPath, "volumes", run]),
    ...(maps.length === 0
      ? []
      : at(
          object,
          "mode of the configuration's files",
          0o440,
          ...podPath,
          "volumes",
          volumes.findIndex(({ configMaps }) => configMaps.length > 0),
          "projected",
          "defaultMode",
        )),
    ...tlsFileFacts(kubernetes, mounts, workload, new Set(wiring.configMaps.map(({ name }) => name))),
    ...maps.flatMap((map) =>
      // A Secret of another owner: its mounts are separate facts.
      kubernetes.authorities.some(({ kind, name }) => kind === "configMap" && name === map.value)
        ? []
        : fact(
            "ConfigMap that is mounted",
            map.value,
            wiring.configMaps.some(({ name }) => name === map.value) ? map : null,
            map.at,
          ),
    ),
  ];
}

function sizeFacts(
  planned: number,
  object: KubernetesObject,
  volume: readonly (string | number)[],
): readonly Fact[] {
  const [size] = at(object, "size of the run folder in bytes", planned, ...volume, "emptyDir", "sizeLimit");
  return size === undefined
    ? []
    : [{ ...size, found: size.found === null ? null : String(readQuantity(size.found)) }];
}

/** Certificates and keys of Secrets, and CAs of backends, under their names in haproxy.cfg; not the layers' own ConfigMaps. */
function tlsFileFacts(
  { certificates, authorities }: Plan["kubernetes"],
  mounts: Container["mounts"],
  { object, podPath, initContainers }: Workload,
  own: ReadonlySet<string>,
): readonly Fact[] {
  const spec = podPath.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
    object.data,
  );
  const { volumes = [] } = spec as {
    readonly volumes?: readonly TlsFileVolume[];
  };
  const found = volumes.flatMap(({ name, projected }) =>
    (projected?.sources ?? [])
      .flatMap(({ secret, configMap }) => [secret, own.has(configMap?.name ?? "") ? undefined : configMap])
      .flatMap((source) =>
        (source?.items ?? []).map(
          ({ key, path }) =>
            `${source?.name} ${key} at ${pathInContainer(name, path, mounts, initContainers)}`,
        ),
      ),
  );
  const expected = [
    ...certificates.flatMap(({ secret, file }) => [
      `${secret} tls.crt at ${file}`,
      `${secret} tls.key at ${file}.key`,
    ]),
    ...authorities.map(({ name, key, file }) => `${name} ${key} at ${file}`),
  ];
  return fact(
    "certificates and CAs of the pod",
    expected.sort().join(", "),
    said(found.sort().join(", "), object.place(podPath)),
  );
}

/** Below the volume's mount, or, where an init container joins the configuration, in the folder that it copies `whole/` to. */
function pathInContainer(
  volume: string,
  path: string,
  mounts: Container["mounts"],
  initContainers: Workload["initContainers"],
): string {
  const mount = mounts.find((one) => one.volume === volume);
  if (mount !== undefined) return `${mount.path}/${path}`;
  const joining = initContainers.find((one) => one.mounts.some((own) => own.volume === volume));
  const joined = mounts.find((one) => joining?.mounts.some((own) => own.volume === one.volume));
  return joined === undefined || !path.startsWith(WHOLE)
    ? `nowhere/${path}`
    : `${joined.path}/${path.slice(WHOLE.length)}`;
}

const WHOLE = "whole/";

interface TlsFileVolume {
  readonly name: string;
  readonly projected?: {
    readonly sources?: readonly { readonly secret?: FileSource; readonly configMap?: FileSource }[];
  };
}

interface FileSource {
  readonly name: string;
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}

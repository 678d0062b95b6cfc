// Reads all layers of an edge into one Wiring, hand-written or rendered.
import { posix } from "node:path";
import type { SourceFile } from "../source/source-file.ts";
import { isCompose, readCompose } from "./compose/read-compose.ts";
import { isOtherDockerfile, readDockerfile } from "./dockerfile/read.ts";
import { imageHolds, indicatesHaproxy } from "./join/config-paths.ts";
import { haproxyLayers } from "./join/haproxy-layers.ts";
import { selectionOf } from "./join/select.ts";
import { readAlbIngresses } from "./kubernetes/alb-ingress.ts";
import { isKustomization } from "./kubernetes/kustomize/kustomization.ts";
import { readServiceLoadBalancer } from "./kubernetes/load-balancer-service.ts";
import { readKubernetes } from "./kubernetes/read-kubernetes.ts";
import { withBoundTargets } from "./kubernetes/target-group-binding.ts";
import { serverPathsOf } from "./server-paths.ts";
import { isModuleManifest } from "./terraform/installed-modules.ts";
import { readTerraform } from "./terraform/read.ts";
import { trafficPathsOf, type WiringParts } from "./traffic-paths.ts";
import type { ImageBuild, LayerFile, LeftOut, Wiring, WiringFile, Workload } from "./wiring.ts";

/** The same for the same files. Never fails: what cannot be read is in `leftOut`, after what `readFolder` left out already. */
export async function readWiring(
  files: readonly LayerFile[],
  leftOut: readonly LeftOut[] = [],
): Promise<Wiring> {
  const kinds = files.map((file): WiringFile => ({ ...file, kind: kindOf(file) }));
  const of = (kind: WiringFile["kind"]): readonly SourceFile[] => kinds.filter((file) => file.kind === kind);
  const terraform = await readTerraform(of("terraform"));
  const kubernetes = readKubernetes(of("kubernetes"), files, terraform.objects);
  const dockerfiles = of("dockerfile").map(readDockerfile);
  const images = dockerfiles.flatMap(({ image }) => image ?? []);
  const compose = readCompose(of("compose"), files);
  const composed = compose.projects.flatMap(({ services }) => services).filter(mayRunHaproxy(images));
  const selection = selectionOf(kubernetes.services, kubernetes.workloads);
  const haproxy = haproxyLayers({
    ...kubernetes,
    workloads: [...kubernetes.workloads, ...composed],
    files: kinds,
    images,
    selection,
  });
  const mapFiles = new Set(
    haproxy.haproxies.flatMap(({ maps }) => [...maps.values()].map(({ file }) => file)),
  );
  const ingresses: LeftOut[] = [];
  const albs = readAlbIngresses(kubernetes.objects, kubernetes.services, ingresses);
  const parts: WiringParts = {
    files: kinds.map((file) =>
      mapFiles.has(file.file) && file.kind === "other" ? { ...file, kind: "haproxy-map" } : file,
    ),
    loadBalancers: [
      ...withBoundTargets(terraform.loadBalancers, kubernetes.objects, kubernetes.services),
      ...albs,
      ...kubernetes.services.filter(({ type }) => type === "LoadBalancer").map(readServiceLoadBalancer),
    ],
    securityGroups: terraform.securityGroups,
    services: kubernetes.services,
    workloads: kubernetes.workloads,
    configMaps: kubernetes.configMaps,
    networkPolicies: kubernetes.networkPolicies,
    disruptionBudgets: kubernetes.disruptionBudgets,
    objects: kubernetes.objects,
    images,
    haproxies: haproxy.haproxies,
    leftOut: [leftOut, kubernetes, compose, terraform, ...dockerfiles, haproxy, ingresses].flatMap((read) =>
      "leftOut" in read ? read.leftOut : read,
    ),
  };
  return {
    ...parts,
    trafficPaths: trafficPathsOf(parts, selection),
    serverPaths: serverPathsOf(parts, selection),
  };
}

/** Other services are names for HAProxy's servers. */
function mayRunHaproxy(images: readonly ImageBuild[]): (workload: Workload) => boolean {
  const built = new Set(images.filter(imageHolds).map(({ file }) => file));
  return ({ containers, compose }) =>
    containers.some(indicatesHaproxy) || built.has(compose?.dockerfile ?? "");
}

function kindOf({ file, text, kind }: LayerFile): WiringFile["kind"] {
  if (kind === "haproxy") return kind;
  const name = posix.basename(file);
  if (/^resolv\.conf/.test(name)) return "resolv-conf";
  if (/\.cfg$/i.test(name) || /^haproxy.*\.conf$/i.test(name)) return "haproxy";
  if (/\.(?:tf|tfvars)(?:\.json)?$/.test(name)) return "terraform";
  if (isOtherDockerfile(name)) return "other";
  if (/^(?:Dockerfile|Containerfile)/i.test(name) || /\.(?:Dockerfile|Containerfile)$/i.test(name))
    return "dockerfile";
  if (/\.(?:map|lst)$/i.test(name)) return "haproxy-map";
  if (isCompose({ file, text })) return "compose";
  if (isKustomization({ file, text })) return "kubernetes";
  if (/\.json$/i.test(name))
    return isModuleManifest(file) || isTerraformJson(text) ? "terraform" : "kubernetes";
  return /\.ya?ml$/i.test(name) ? "kubernetes" : "other";
}

/** What `terraform show -json` writes. */
function isTerraformJson(text: string): boolean {
  return /^\s*\{/.test(text) && /"terraform_version"\s*:/.test(text.slice(0, 4096));
}

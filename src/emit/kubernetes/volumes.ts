// The volumes of the pod: configuration, certificates, and a folder for sockets.
import { posix } from "node:path";
import type { Container, Volume, VolumeMount, VolumeProjection } from "kubernetes-types/core/v1.d.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { type Place, placeOf } from "../file.ts";
import type { ConfigMaps } from "./config-maps.ts";
import { because } from "./manifest.ts";
import { quantity } from "./quantity.ts";

export interface PodVolumes {
  readonly volumes: Volume[];
  /** HAProxy's. */
  readonly mounts: VolumeMount[];
  /** The container that joins a split configuration; undefined: it is not split. */
  readonly join: Pick<Container, "name" | "command" | "volumeMounts"> | undefined;
}

/** Readable by HAProxy's group (fsGroup) only. */
const GROUP_READS = 0o440;
const PARTS_FOLDER = "/config";

export function podVolumes(plan: Plan, { projections, inParts }: ConfigMaps): PodVolumes {
  const { configFolder, runFolder, config } = plan.image;
  const folder = mountFolder(plan);
  const projected = [
    ...projections.map((source) => ({ source, ...placeOf(config) })),
    ...secretProjections(plan, inParts ? `${configFolder}/` : `${folder}/`, inParts),
  ];
  const { runFolderBytes: bytes } = plan.kubernetes;
  const run = because<Volume>(
    { name: "run", emptyDir: { medium: "Memory", sizeLimit: because(quantity(bytes.value), bytes) } },
    "HAProxy's sockets; everything else is read-only",
  );
  const runMount: VolumeMount = { name: "run", mountPath: runFolder };
  if (projected.length === 0) return { volumes: [run], mounts: [runMount], join: undefined };
  const files: Volume = {
    name: "config",
    projected: {
      defaultMode: because(GROUP_READS, "0440: readable by HAProxy's group only"),
      sources: projected.map(({ source, at }) => because(source, { at })),
    },
  };
  const inImage = config.value === "image";
  const volumes = [because(files, inImage ? "the configuration is in the image" : placeOf(config)), run];
  const mount: VolumeMount = { name: "config", mountPath: folder, readOnly: true };
  if (!inParts) return { volumes, mounts: [mount, runMount], join: undefined };
  return {
    volumes: [...volumes, { name: "joined", emptyDir: { medium: "Memory" } }],
    mounts: [{ ...mount, name: "joined" }, runMount],
    join: {
      name: "join-config",
      command: ["sh", "-ec", joining(configFolder)],
      volumeMounts: [
        { ...mount, mountPath: PARTS_FOLDER },
        { name: "joined", mountPath: configFolder },
      ],
    },
  };
}

/**
 * Copies whole files and joins each folder of parts into one file. `-L`: a projected volume contains links. `-f`: files of an earlier run
 * are read-only.
 */
function joining(configFolder: string): string {
  return [
    "umask 027",
    `cp -RLf ${PARTS_FOLDER}/whole/. ${configFolder}/`,
    `for file in ${PARTS_FOLDER}/parts/*; do cat "$file"/* > "${configFolder}/\${file##*/}"; done`,
    "",
  ].join("\n");
}

/** With the configuration in the image, no volume may cover its folder: only the certificates' subfolder is mounted. */
function mountFolder({ image, kubernetes }: Plan): string {
  const [first] = [...kubernetes.certificates, ...kubernetes.authorities];
  return image.config.value === "image" && first !== undefined
    ? posix.dirname(first.file)
    : image.configFolder;
}

/** CAs of backends; and a certificate and its key as HAProxy looks for them: X.pem and X.pem.key (manual 3.1, ssl-load-extra-files). */
function secretProjections(
  plan: Plan,
  root: string,
  inParts: boolean,
): readonly { readonly source: VolumeProjection; readonly at: Place }[] {
  const below = (file: string) => `${inParts ? "whole/" : ""}${file.slice(root.length)}`;
  const authorities = plan.kubernetes.authorities.map(({ kind, name, key, file, at }) => ({
    source: { [kind]: { name, items: [{ key, path: below(file) }] } },
    at,
  }));
  const certificates = plan.kubernetes.certificates.map(({ secret, file }) => {
    const path = below(file);
    const items = [
      { key: "tls.crt", path },
      { key: "tls.key", path: `${path}.key` },
    ];
    return { source: { secret: { name: secret, items } }, ...partOf(plan, "public.tls") };
  });
  return [...certificates, ...authorities];
}

// Every layer of a plan, in reading order.

import { isCredentialHeader } from "../findings/credentials.ts";
import { editsOf, linesIn } from "../plan/header-edits.ts";
import { literalText } from "../plan/message-text.ts";
import type { Plan } from "../plan/plan.ts";
import { emitCloud } from "./cloud/emit-cloud.ts";
import type { EmittedFile, TextFile } from "./file.ts";
import { emitHaproxy } from "./haproxy/emit-haproxy.ts";
import { emitImage } from "./image/emit-image.ts";
import { imageReference } from "./image/image-reference.ts";
import { emitKubernetes } from "./kubernetes/emit-kubernetes.ts";

/** Layers that exist already. */
export interface GivenLayers {
  /** Replaces the rendered haproxy layer, also in the other layers. */
  readonly haproxy?: readonly TextFile[];
}

/** The haproxy layer and the name of the image are passed to the other layers, which do not import each other. */
export function emitLayers(plan: Plan, given: GivenLayers = {}): readonly EmittedFile[] {
  const haproxy =
    given.haproxy?.map((file) => ({ ...file, origins: new Map<never, never>() })) ?? emitHaproxy(plan);
  const image = emitImage(plan);
  const layers = [
    ...haproxy,
    ...image,
    ...emitKubernetes(plan, {
      config: haproxy,
      image: imageReference(plan.image, { image, config: haproxy }),
    }),
    ...emitCloud(plan),
  ];
  const credentials = credentialsIn(plan);
  const holds = ({ content }: EmittedFile) => credentials.some((value) => content.includes(value));
  const inMaps = haproxy.some(holds);
  return layers.map((file) =>
    holds(file) || (inMaps && file.path.startsWith("kubernetes/configmap"))
      ? { ...file, secret: true }
      : file,
  );
}

/** Of headers that give access, which routes match or set, the longest part that is written the same with quotes and without. */
function credentialsIn({ sites }: Plan): readonly string[] {
  const headers = sites
    .flatMap(({ routes }) => routes)
    .flatMap((route) => [...route.match.headers, ...editsOf(route).flatMap(linesIn)]);
  return headers
    .filter(({ name, value }) => literalText(value) !== "" && isCredentialHeader(name))
    .map(({ value }) => longest(literalText(value).split(/[^-\w.+/=]/)));
}

function longest(parts: readonly string[]): string {
  return parts.reduce((best, part) => (part.length > best.length ? part : best), "");
}

// The name of the image: its tag is computed from its content, so that each content is built once and an old image never has a new name.
import { createHash } from "node:crypto";
import type { ImagePlan } from "../../plan/image-plan.ts";
import type { TextFile } from "../file.ts";

export interface ImageSources {
  /** The image layer. */
  readonly image: readonly TextFile[];
  /** The haproxy layer; part of the hash if it is in the image. */
  readonly config: readonly TextFile[];
}

/** `registry.example.com/web/app-edge:5f3c9e1a2b4d` */
export function imageReference(plan: ImagePlan, sources: ImageSources): string {
  const hash = createHash("sha256");
  for (const { path, content } of imageFiles(plan, sources))
    hash.update(`${path}\0${content.length}\0${content}`);
  return `${plan.repository.value}:${hash.digest("hex").slice(0, 12)}`;
}

/** Every input of the build. */
export function imageFiles(
  { config }: Pick<ImagePlan, "config">,
  sources: ImageSources,
): readonly TextFile[] {
  return config.value === "image" ? [...sources.image, ...sources.config] : sources.image;
}

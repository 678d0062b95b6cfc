// What the image is called: its tag follows from its content, so that nothing is built twice and nothing old is taken for new.
import { createHash } from "node:crypto";
import type { ImagePlan } from "../../plan/image-plan.ts";
import type { EmittedFile } from "../file.ts";

/** `registry.example.com/web/app-edge:5f3c9e1a2b4d`; `files`: all that goes into the image. */
export function imageReference({ repository }: ImagePlan, files: readonly EmittedFile[]): string {
  const hash = createHash("sha256");
  for (const { path, content } of files) hash.update(`${path}\0${content.length}\0${content}`);
  return `${repository.value}:${hash.digest("hex").slice(0, 12)}`;
}

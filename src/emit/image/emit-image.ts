// The image layer: a Dockerfile and what it copies. The build context is the folder that holds all layers.
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { type EmittedFile, emittedFile } from "../file.ts";
import { dockerfile } from "./dockerfile.ts";
import { rsyslogFiles } from "./rsyslog.ts";

/** `docker build -f image/Dockerfile OUT`. With `config: image` it copies the haproxy layer, which must be next to it. */
export function emitImage(plan: Plan): readonly EmittedFile[] {
  return [
    emittedFile("image/Dockerfile", dockerfile(plan), partOf(plan, "image").at),
    ...(plan.image.logs.value === "rsyslog" ? rsyslogFiles(plan) : []),
  ];
}

// The container image of HAProxy.
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { optional, text } from "./fields.ts";

/** A name without tag and digest (distribution's reference grammar): `registry.example.com:5000/web/app-edge`. */
const repository = text(
  () =>
    "write an image name without a tag, as in registry.example.com/web/app-edge: lower-case letters, digits and . _ - between slashes",
  /^(?=.{1,200}$)([a-zA-Z0-9]([a-zA-Z0-9-.]*[a-zA-Z0-9])?(:[0-9]{1,5})?\/)?[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*$/,
);

/** Debian Policy section 5.6.1; Alpine's names are of the same kind. */
const packageName = text(
  () => "write the name of a package, as in dnsutils: lower-case letters, digits, +, - and .",
  /^[a-z0-9][a-z0-9+.-]{1,60}$/,
);

/** OCI image specification, "Digests". */
const digest = text(
  () => "write a digest as registries show it: sha256: and 64 lower-case hexadecimal digits",
  /^sha256:[0-9a-f]{64}$/,
);

const revision = text(
  () => "write up to 40 letters, digits and ._-, as in 2026-11-30",
  /^[A-Za-z0-9._-]{1,40}$/,
);

export const image = z
  .strictObject({
    base: optional(
      z.enum(["debian", "ubuntu", "official", "minimal", "alpine"]),
      "The base image: `debian` (trixie-slim), `ubuntu` (24.04), `official` (the Docker Official Image of HAProxy), `minimal` (HAProxy and its libraries only), `alpine` (musl).",
      DEFAULTS.image.base,
    ),
    baseDigest: optional(
      digest,
      "The digest (sha256:…) that pins the base image. Default: none; the build uses the image that the tag refers to at that time.",
    ),
    revision: optional(
      revision,
      "A part of the image tag. A new revision builds a new image and reinstalls its packages. Change it after a security update of HAProxy or of the base image.",
    ),
    repository: optional(
      repository,
      "The image name with its registry and without a tag, as in registry.example.com/web/app-edge. The tag is derived from the content. Default: the name of the edge followed by -edge.",
    ),
    tools: optional(
      z.array(packageName).max(40),
      "Packages for debugging in the pod, as in [dnsutils, telnet]. Not with base `minimal`.",
    ),
    logs: optional(
      z.enum(["stdout", "rsyslog"]),
      "How log lines get to stdout of the container: `stdout`, written by HAProxy itself, or `rsyslog`, by an rsyslogd in the container that receives HAProxy's syslog messages.",
      DEFAULTS.image.logs,
    ),
    config: optional(
      z.enum(["configMap", "image"]),
      "Where haproxy.cfg is: in a ConfigMap, or part of the image.",
      DEFAULTS.image.config,
    ),
  })
  .describe("The container image.");

// The image: what HAProxy's container is built from.
import { z } from "zod";
import { text } from "./fields.ts";

/** A name without tag and digest (distribution's reference grammar): `registry.example.com:5000/web/app-edge`. */
const repository = text(
  () =>
    "write a name without tag, as in registry.example.com/web/app-edge: lower-case letters, digits and . _ - between slashes",
  /^(?=.{1,200}$)([a-zA-Z0-9]([a-zA-Z0-9-.]*[a-zA-Z0-9])?(:[0-9]{1,5})?\/)?[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*$/,
);

/** Debian Policy section 5.6.1; Alpine's names are of the same kind. */
const packageName = text(
  () => "a package's name, as in dnsutils: lower-case letters, digits, +, - and .",
  /^[a-z0-9][a-z0-9+.-]{1,60}$/,
);

/** OCI image specification, "Digests". */
const digest = text(
  () => "write a digest as registries show it, as in sha256: and 64 lower-case hexadecimal digits",
  /^sha256:[0-9a-f]{64}$/,
);

const revision = text(
  () => "write up to 40 letters, digits and ._-, as in 2026-11-30",
  /^[A-Za-z0-9._-]{1,40}$/,
);

export const image = z
  .strictObject({
    base: z
      .enum(["debian", "ubuntu", "official", "minimal", "alpine"])
      .optional()
      .describe(
        "What it is built on: debian (trixie-slim), ubuntu (24.04), official (the haproxy image), minimal (HAProxy and its libraries alone), alpine (musl). Default debian.",
      ),
    baseDigest: digest
      .optional()
      .describe(
        "The digest of the base, sha256:…, which pins it. Default: no digest; the base is the image that the build machine has under the tag.",
      ),
    revision: revision
      .optional()
      .describe(
        "Part of the image's tag. A new revision makes a new image and reinstalls its packages. Change it after a security update of HAProxy or of the base.",
      ),
    repository: repository
      .optional()
      .describe(
        "The image's name without tag, with its registry: registry.example.com/web/app-edge. The tag follows from the content. Default: the edge's name with -edge.",
      ),
    tools: z
      .array(packageName)
      .max(40)
      .optional()
      .describe("Packages for people who debug in the pod, as in [dnsutils, telnet]. Not with minimal."),
    logs: z
      .enum(["stdout", "rsyslog"])
      .optional()
      .describe(
        "rsyslog: an rsyslogd in the container takes HAProxy's syslog and writes it to stdout. Default stdout: no daemon.",
      ),
    config: z
      .enum(["configMap", "image"])
      .optional()
      .describe(
        "Where the configuration lies: mounted from ConfigMaps, or baked into the image. Default configMap.",
      ),
  })
  .describe("The container image.");

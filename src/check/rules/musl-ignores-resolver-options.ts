// musl-ignores-resolver-options: glibc resolver options in an image with musl.

import { isMusl } from "../../wiring/image-names.ts";
import { isKnown } from "../../wiring/written.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { podOptions, resolvConfOptions } from "../layers/resolver-options.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

/** The options that musl reads (src/network/resolvconf.c); it ignores others. */
const KNOWN: ReadonlySet<string> = new Set(["ndots", "attempts", "timeout"]);

export const muslIgnoresResolverOptions: Rule = {
  code: "musl-ignores-resolver-options",
  severity: "warning",
  check(wiring) {
    const pods = haproxyContainers(wiring);
    const musl = (name: string | undefined) => name !== undefined && isMusl(name) === true;
    const ofPods = pods.flatMap(({ workload, container, haproxies }): readonly RuleFinding[] => {
      const bases = haproxies.flatMap(({ image }) =>
        image !== undefined && isKnown(image.base) ? image.base : [],
      );
      const base =
        bases.find(({ value }) => musl(value)) ??
        (musl(container.image?.value) ? container.image : undefined);
      const ignored = podOptions(workload).filter(({ name }) => !KNOWN.has(name));
      return base === undefined || ignored.length === 0 ? [] : [findingOf(ignored, base.at ?? container.at)];
    });
    const image = wiring.images.find(({ base }) => isKnown(base) && musl(base.value));
    const inFiles = resolvConfOptions(wiring).filter(({ name }) => !KNOWN.has(name));
    return image === undefined || inFiles.length === 0
      ? ofPods
      : [...ofPods, findingOf(inFiles, (isKnown(image.base) ? image.base.at : undefined) ?? image.at)];
  },
};

function findingOf(ignored: ReturnType<typeof podOptions>, image: RuleFinding["at"][number]): RuleFinding {
  return {
    what: `musl ignores the resolver options ${listOf(ignored.map(({ name }) => name))}`,
    why: "The options have no effect on lookups: musl queries A and AAAA in parallel and waits for both.",
    remedy:
      "Build on Debian or Ubuntu, whose glibc reads these options, or let HAProxy resolve names itself: `resolvers` with `resolve-prefer ipv4`.",
    at: [...ignored.map(({ at }) => noted(at, "ignored")), noted(image, "uses musl")],
  };
}

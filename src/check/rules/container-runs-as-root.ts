// container-runs-as-root: HAProxy runs as root.

import { distributionOf } from "../../wiring/image-names.ts";
import type { ImageBuild } from "../../wiring/wiring.ts";
import { isKnown } from "../../wiring/written.ts";
import { type HaproxyPod, haproxyContainers } from "../layers/pods.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const containerRunsAsRoot: Rule = {
  code: "container-runs-as-root",
  severity: "warning",
  check(wiring) {
    const pods = haproxyContainers(wiring);
    const ran = new Set(pods.flatMap(({ haproxies }) => haproxies));
    return [
      ...pods.flatMap((pod) => faultOf(pod)),
      ...wiring.haproxies
        .filter((haproxy) => !ran.has(haproxy))
        .flatMap((haproxy) => (haproxy.image === undefined ? [] : faultOf({ haproxies: [haproxy] }))),
    ];
  },
};

function faultOf({ container, haproxies }: Partial<HaproxyPod> & Pick<HaproxyPod, "haproxies">) {
  const [haproxy] = haproxies;
  const image = haproxy?.image;
  const user = container?.runAsUser;
  // HAProxy itself switches to another user: `user`, `uid` (manual 3.2, section 3.1).
  const drops = haproxies.every(
    (one) => globalLine(one, "user") !== undefined || globalLine(one, "uid") !== undefined,
  );
  if (drops || container?.runAsNonRoot?.value === true || (user !== undefined && user.value !== 0)) return [];
  const byImage = image && rootOf(image);
  if (user === undefined && byImage !== true) return [];
  const at = user === undefined ? noted(image?.user?.at ?? image?.at, "root") : noted(user.at, "root");
  return [
    {
      what: "HAProxy runs as root",
      why: "A remote code execution bug in HAProxy would run as root in the container. HAProxy needs root at most for ports below 1024.",
      remedy:
        "Write `USER` with a number in the Dockerfile, or `runAsNonRoot: true` and `runAsUser` in the pod.",
      at: [at, noted(container?.at, "no `runAsUser`")],
    },
  ];
}

/** undefined: it depends on a base that is not known. A build that installs packages runs as root, and so does its image. */
function rootOf({ user, base, packages }: ImageBuild): boolean | undefined {
  if (user !== undefined) return /^(?:root|0)(?::|$)/.test(user.value);
  if (packages.length > 0) return true;
  return isKnown(base) && distributionOf(base.value) !== undefined ? true : undefined;
}

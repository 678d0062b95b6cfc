// non-root-not-verified: `runAsNonRoot` with a user that the kubelet refuses.
import { type HaproxyProcess, haproxyProcesses } from "../layers/container/process.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

export const nonRootNotVerified: Rule = {
  code: "non-root-not-verified",
  severity: "error",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingOf(process)),
};

/** SecurityContext of the kubelet, verifyRunAsNonRoot(): the image's user must be a number other than 0. */
function findingOf({ pod, image, haproxies }: HaproxyProcess): RuleFindings {
  const { runAsNonRoot, runAsUser } = pod?.container ?? {};
  if (pod === undefined || runAsNonRoot?.value !== true) return [];
  const at = noted(runAsNonRoot.at, "requires a user other than root");
  if (runAsUser !== undefined)
    return runAsUser.value === 0
      ? {
          what: "`runAsNonRoot` refuses `runAsUser: 0`",
          why: "The kubelet does not start the container: CreateContainerConfigError.",
          remedy: "Write the number of another user in `runAsUser`.",
          at: [noted(runAsUser.at, "root"), at],
          stops: haproxies,
        }
      : [];
  if (image === undefined) return [];
  const user = image.build?.user;
  const name = user?.value.split(":")[0] ?? (image.facts.namedUser ? "haproxy" : "0");
  if (/^\d+$/.test(name) && Number(name) !== 0) return [];
  const root = name === "0" || name === "root";
  return {
    what: root
      ? `\`runAsNonRoot\` refuses ${image.title}, which runs as root`
      : `\`runAsNonRoot\` refuses ${image.title}, whose user \`${name}\` is no number`,
    why: root
      ? "The kubelet does not start the container: CreateContainerConfigError."
      : "The kubelet cannot verify that a name is not root, and does not start the container: CreateContainerConfigError.",
    remedy: `Write \`runAsUser: ${image.facts.uid === 0 ? "NUMBER" : image.facts.uid}\` next to it.`,
    at: [at, noted(user?.at ?? pod.container.image?.at, root ? "root" : "a name")],
    stops: haproxies,
  };
}

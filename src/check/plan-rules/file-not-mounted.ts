// file-not-mounted: certificate or CA file that no rendered layer provides.
import { SYSTEM_CAS } from "../../plan/backend-tls.ts";
import type { CheckContext, PlanRule, RuleFinding } from "../rule.ts";

export const fileNotMounted: PlanRule = {
  code: "file-not-mounted",
  severity: "warning",
  check({ plan, at }) {
    // The http and https listeners may have the same certificates.
    const [listener] = plan.listeners.filter(({ tls }) => tls !== null);
    const certificates = (listener?.tls?.certificates ?? []).flatMap(({ file, secret }, index) =>
      secret === null
        ? [
            missing(
              file,
              "HAProxy exits at start if the file is missing: no pod becomes ready.",
              "Write `secret: NAME` with a Secret of type kubernetes.io/tls",
              at(["public", "tls", "certificates", index, "file"]),
            ),
          ]
        : [],
    );
    const authorities = plan.backends.flatMap(({ name, variantOf, tls }) =>
      variantOf === null &&
      tls !== null &&
      tls.verify !== "none" &&
      tls.verify.from === null &&
      tls.verify.caFile !== SYSTEM_CAS
        ? [
            missing(
              tls.verify.caFile,
              `HAProxy exits at start if the CA file of \`${name}\` is missing: no pod becomes ready.`,
              "Write `ca: { configMap: NAME }` or `ca: { secret: NAME }` instead of `verify`",
              at(["backends", name, "tls", "verify"]),
            ),
          ]
        : [],
    );
    return [...certificates, ...authorities];
  },
};

function missing(
  file: string,
  why: string,
  remedy: string,
  place: ReturnType<CheckContext["at"]>,
): RuleFinding {
  return {
    what: `no rendered layer provides \`${file}\``,
    why,
    remedy: `${remedy}. If a base image or a patch of your own provides the file, allow the finding with that reason.`,
    at: [place],
  };
}

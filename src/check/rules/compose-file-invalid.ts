// compose-file-invalid: Compose file that `docker compose` refuses.
import { onceEach } from "../groups.ts";
import type { Rule } from "../rule.ts";

export const composeFileInvalid: Rule = {
  code: "compose-file-invalid",
  severity: "error",
  check: (wiring) => {
    const run = wiring.haproxies.flatMap((layer) => {
      const project = layer.runBy?.workload.compose?.project;
      return project === undefined ? [] : [{ layer, project }];
    });
    return onceEach(run, ({ project }) => project.file).flatMap(({ project }) =>
      project.faults.map(({ what, at }) => ({
        what,
        why: "`docker compose up` refuses the file: no container starts.",
        remedy: "Correct the name or the port, or define what is missing at the top level of the file.",
        at: [at],
        stops: run.filter((one) => one.project === project).map(({ layer }) => layer),
      })),
    );
  },
};

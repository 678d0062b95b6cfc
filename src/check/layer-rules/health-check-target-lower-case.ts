// health-check-target-lower-case: a classic ELB's health check written in another form than AWS documents.
import { keyOf, onceEach } from "../groups.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { listenersOf } from "../layers/listeners.ts";

export const healthCheckTargetLowerCase: LayerRule = {
  code: "health-check-target-lower-case",
  severity: "note",
  about: "health check targets in lower case",
  check(wiring) {
    const checks = listenersOf(wiring).flatMap(({ loadBalancer, listener: { healthCheck } }) =>
      loadBalancer.kind === "classic-elb" && healthCheck !== null ? [healthCheck.at] : [],
    );
    return onceEach(checks, keyOf).flatMap((at) => {
      const line = wiring.files.find(({ file }) => file === at.file)?.text.split("\n")[at.line - 1] ?? "";
      const [, protocol] = /"(tcp|ssl|http|https):\d+/.exec(line) ?? [];
      if (protocol === undefined) return [];
      const column = line.indexOf(`"${protocol}:`) + 1;
      const proper = protocol.toUpperCase();
      return [
        {
          what: `the health check's protocol is written \`${protocol}\`, AWS' form is \`${proper}\``,
          why: "AWS documents TCP, SSL, HTTP and HTTPS; Terraform accepts both, but compares what is written with what AWS gives back, letter by letter.",
          remedy: `Write \`${proper}\`.`,
          at: [{ file: at.file, line: at.line, column: column + 1, length: protocol.length }],
          fix: {
            does: `writes \`${proper}\``,
            edits: [
              {
                file: at.file,
                line: at.line,
                column: column + 1,
                endLine: at.line,
                endColumn: column + 1 + protocol.length,
                text: proper,
              },
            ],
          },
        },
      ];
    });
  },
};

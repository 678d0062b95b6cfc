// health-check-target-lower-case: health check target in another form than AWS documents.
import { keyOf, onceEach } from "../groups.ts";
import { listenersOf } from "../layers/listeners.ts";
import type { Rule } from "../rule.ts";

export const healthCheckTargetLowerCase: Rule = {
  code: "health-check-target-lower-case",
  severity: "note",
  check(wiring) {
    const checks = listenersOf(wiring).flatMap(({ loadBalancer, listener: { healthCheck } }) =>
      loadBalancer.kind === "classic-elb" && healthCheck !== undefined ? [healthCheck.at] : [],
    );
    return onceEach(checks, keyOf).flatMap((at) => {
      const line = wiring.files.find(({ file }) => file === at.file)?.text.split("\n")[at.line - 1] ?? "";
      const [, protocol] = /"(tcp|ssl|http|https):\d+/.exec(line) ?? [];
      if (protocol === undefined) return [];
      const column = line.indexOf(`"${protocol}:`) + 1;
      const proper = protocol.toUpperCase();
      return {
        what: `the protocol of the health check is written \`${protocol}\` instead of \`${proper}\``,
        why: "AWS documents TCP, SSL, HTTP and HTTPS. Terraform accepts lower case, but compares it with the value that AWS returns, case-sensitively.",
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
      };
    });
  },
};

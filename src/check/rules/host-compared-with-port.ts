// host-compared-with-port: Host header compared without removing the port.

import { countOf } from "../../findings/count.ts";
import type { AclTest } from "../../wiring/haproxy/condition.ts";
import { type HaproxyConfig, tokenPosition } from "../../wiring/haproxy/config.ts";
import { groupsOf, onceEach } from "../groups.ts";
import { testsIn } from "../layers/conditions.ts";
import { clientSides, placeOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const hostComparedWithPort: Rule = {
  code: "host-compared-with-port",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ layer, proxy }) => {
      const uses = testsIn(proxy).filter(({ test }) => keepsPort(test, layer.config));
      const tests = onceEach(uses, ({ test }) => test);
      // The same effect is reported once: a table of hosts has one ACL per host.
      const alike = groupsOf(tests, ({ test, negated, line }) =>
        negated ? `not ${test.fetch.value} ${line.number}` : test.fetch.value,
      );
      return alike.map((group) => {
        const [first] = group;
        const { test } = first;
        const name = test.patterns[0]?.value ?? "";
        const plain = name.replace(/^\./, "");
        // The effect on the request is known only for a negated test.
        const lost =
          first.negated && /redirect location/.test(first.line.text) && !/%\[/.test(first.line.text);
        return {
          what: `a Host with a port, \`${plain}:443\`, does not match \`${name}\`${group.length > 1 ? `, and the same holds for ${countOf(group.length - 1, "other name")}` : ""}`,
          why: `A client may write the port (RFC 9110, 7.2), and \`${test.fetch.value}\` compares it too. Such a request, and one with a trailing dot in its host, ${first.negated ? `gets \`${first.line.text.trim()}\`` : "is routed differently from the other requests"}${lost ? ", and its path is lost" : ""}.`,
          remedy: `Write \`${test.fetch.value},host_only\`, which removes the port.`,
          at: group
            .slice(0, 5)
            .flatMap(({ test: { fetch, patterns }, line }) => [
              tokenPosition(layer.config, fetch, patterns.at(-1) ?? fetch),
              line.tokens.includes(fetch) ? undefined : placeOf(layer.config, line),
            ]),
        };
      });
    }),
};

/** The complete Host is compared with names without port. Prefixes, parts, domains and expressions may be intended. */
function keepsPort({ expression, patterns, files, fetch }: AclTest, config: HaproxyConfig): boolean {
  const [call, ...converters] = expression?.calls ?? [];
  if (call === undefined || call.arguments[0]?.value.toLowerCase() !== "host") return false;
  if (!/^(req\.)?f?hdr(_end)?$/.test(call.name)) return false;
  if (converters.some(({ name }) => !["lower", "upper"].includes(name)) || files.length > 0) return false;
  const words = config.lines[fetch.line - 1]?.tokens ?? [];
  const method = words.findIndex(
    ({ value, column }) => value === "-m" && column > fetch.column && column < (patterns[0]?.column ?? 0),
  );
  if (method >= 0 && !["str", "end"].includes(words[method + 1]?.value ?? "")) return false;
  return patterns.length > 0 && patterns.every(({ value }) => /^[a-z0-9.-]*\.[a-z-]+$/i.test(value));
}

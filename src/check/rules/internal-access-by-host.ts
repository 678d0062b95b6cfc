// internal-access-by-host: internal clients identified by a Host header that any client can send.

import type { AclTest } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine, tokenPosition } from "../../wiring/haproxy/config.ts";
import { actionOf, ENDINGS } from "../layers/actions.ts";
import { headerOf, type PlacedTest, testsIn } from "../layers/conditions.ts";
import { clientSides, placeOf, reachOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const internalAccessByHost: Rule = {
  code: "internal-access-by-host",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ layer, proxy }) => {
      const reach = reachOf(wiring, { layer, proxy });
      if (reach === "cluster" || reach === "itself") return [];
      const uses = testsIn(proxy).filter((placed) => identifiesInternal(placed.line, placed));
      const groups = Map.groupBy(uses, ({ test }) => test);
      return [...groups].map(([test, found]) => {
        const header =
          headerOf(test.expression) === "host" ? "Host" : `header ${headerOf(test.expression) ?? ""}`;
        const first = found[0]?.line;
        const names = test.patterns.map(({ value }) => value);
        const skipsHttps = found.some(({ line }) => REDIRECT_TO_HTTPS.test(line.text));
        return {
          what: `\`${proxy.name}\` identifies internal clients by a ${header} that any client can send`,
          why: `External clients reach the port too, and can forge the header: a request whose ${header} matches \`${names.join(" ")}\` gets the routes of internal clients${skipsHttps ? ", over plain HTTP and without the redirect to HTTPS" : ""}.`,
          remedy: "Bind a separate port for internal clients, and expose it by a ClusterIP Service only.",
          ...(areHosts(test) && {
            described: {
              remedy: `Remove the line, and write \`internal: { hosts: [${names.join(", ")}] }\`, which internal clients reach on a port of their own.`,
              replacesRaw: true,
            },
          }),
          at: [
            tokenPosition(layer.config, test.fetch, test.patterns.at(-1) ?? test.fetch),
            first === undefined ? undefined : placeOf(layer.config, first),
            proxy.binds[0]?.address.at,
          ],
        };
      });
    }),
};

const INTERNAL = /(^|[_.-])(intern(al)?s?|private|(in_?)?cluster|trusted|in_?house)([_.-]|$)/i;
const CLIENT_HEADER = /^(host|x-.*|user-agent|referer|origin)$/;

/**
 * Matching requests are exempt from a refusal or redirect, or have a backend of their own, and the ACL's name gives the reason. Without
 * such a name: whole host names that only a cluster's DNS has, exempt from the redirect to HTTPS. Other conditions on the Host are
 * routing: `hdr_beg(host) blog` is the start of a public name.
 */
function identifiesInternal(line: HaproxyLine, { test, acl, negated }: PlacedTest): boolean {
  const header = headerOf(test.expression);
  if (header === undefined || !CLIENT_HEADER.test(header)) return false;
  const spared = isSpared(line, negated);
  if (INTERNAL.test(acl ?? "")) return spared || (isRouted(line, negated) && !test.patterns.every(isPublic));
  return header === "host" && spared && REDIRECT_TO_HTTPS.test(line.text) && isOfCluster(test);
}

function isSpared(line: HaproxyLine, negated: boolean): boolean {
  const action = actionOf(line) ?? "";
  return action === "allow" ? !negated : negated && [...ENDINGS, "auth"].includes(action);
}

function isRouted(line: HaproxyLine, negated: boolean): boolean {
  return directiveOf(line).words[0]?.value === "use_backend" && !negated;
}

const REDIRECT_TO_HTTPS = /\bredirect scheme https\b|https:\/\//;

function isOfCluster(test: AclTest): boolean {
  return isWholeHost(test) && test.patterns.every(({ value }) => CLUSTER_NAME.test(value));
}

/** One label, as a Service's name within its namespace, or a domain that is not delegated. */
const CLUSTER_NAME = /^[a-z][a-z0-9-]+$|\.(local|internal|svc)(:\d+)?$/i;

/** Whole names, as `internal.hosts` has them. */
function areHosts(test: AclTest): boolean {
  return isWholeHost(test) && test.patterns.every(({ value }) => /^[a-z0-9][a-z0-9.-]*$/.test(value));
}

/** The test compares all of the header. */
function isWholeHost({ expression, patterns }: AclTest): boolean {
  return (
    headerOf(expression) === "host" &&
    /^(req\.)?f?hdr$/.test(expression?.calls[0]?.name ?? "") &&
    patterns.length > 0
  );
}

function isPublic({ value }: { readonly value: string }): boolean {
  return /^[a-z0-9.-]+\.[a-z]{2,}$/i.test(value) && !CLUSTER_NAME.test(value);
}

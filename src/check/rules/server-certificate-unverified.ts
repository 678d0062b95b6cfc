// server-certificate-unverified: server certificate that HAProxy does not verify.
import type { Position } from "../../findings/finding.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { groupsOf, keyOf, onceEach } from "../groups.ts";
import { isLocal, linesOf, type PlacedProxy, placeOf, serverSides } from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

interface Unverified extends PlacedProxy {
  readonly at: Position;
  /** The server's own `verify none`. */
  readonly own: boolean;
}

export const serverCertificateUnverified: Rule = {
  code: "server-certificate-unverified",
  severity: "warning",
  check(wiring) {
    const found = serverSides(wiring).flatMap(unverified);
    // `ssl-server-verify none` is one line for several backends; else each backend is a finding of its own.
    return groupsOf(found, ({ proxy, at, own }) => (own ? proxy : keyOf(at))).map((group): RuleFinding => {
      const names = [...new Set(group.map(({ proxy }) => proxy.name))];
      return {
        what: `HAProxy does not verify the certificates of the servers of ${listOf(names)}`,
        why: "With `verify none` HAProxy accepts any certificate: a host that takes over the address, or an attacker on the network path, can read and change every request and its credentials.",
        remedy:
          "Write `verify required ca-file FILE`, with the CA that signs the servers' certificates, and `verifyhost NAME`.",
        at: onceEach(
          group.map(({ at }) => at),
          keyOf,
        ).slice(0, 5),
        described: {
          remedy:
            "Write `tls: { ca: { secret: NAME } }` with the CA that signs the certificates; or remove `verify: false` if one of the system's CAs signs them.",
          field: ["backends", names[0] ?? "", "tls", "verify"],
        },
      };
    });
  },
};

function unverified(placed: PlacedProxy): readonly Unverified[] {
  return placed.proxy.servers.flatMap((server) => {
    const { ssl, disabled, address, settings } = server;
    if (!ssl || disabled || isLocal(address)) return [];
    const verify = settings.get("verify");
    const at = verify === undefined ? verifyNothing(placed.layer) : noneAt(server);
    return at === undefined ? [] : [{ ...placed, at, own: verify !== undefined }];
  });
}

function noneAt({ settings }: HaproxyServer): Position | undefined {
  const verify = settings.get("verify");
  return verify?.value === "none" ? verify.at : undefined;
}

/** `ssl-server-verify none` applies to every server without `verify` (manual 3.2, section 3.1). */
const verifyNothing = memoized(({ config }: HaproxyLayer): Position | undefined => {
  const line = config.sections
    .filter(({ kind }) => kind === "global")
    .flatMap((section) => linesOf(section, "ssl-server-verify", "none"))
    .at(-1);
  return line && placeOf(config, line);
});

// Stubs for the servers of a HAProxy configuration: each speaks the protocol that its server line requires.
import { directiveOf } from "../wiring/haproxy/config.ts";
import { poolOf } from "../wiring/haproxy/variants.ts";
import type { HaproxyProxy, HaproxyServer, HaproxyWiring } from "../wiring/haproxy/wiring.ts";
import { labCertificate } from "./certificates.ts";
import { ownBindOf } from "./own-binds.ts";
import type { BackendSpec } from "./stubs/backend.ts";

export interface StubServer {
  /** `backend/server`, by the backend that it is a variant of. */
  readonly key: string;
  readonly spec: Omit<BackendSpec, "listen">;
}

/** One stub per server; variants of a backend share theirs. `hosts` are the default names of certificates. */
export function stubServers(wiring: HaproxyWiring, hosts: readonly string[]): readonly StubServer[] {
  const simulators = new Map<string, StubServer>();
  for (const proxy of wiring.proxies)
    for (const server of proxy.servers) {
      const key = keyOf(wiring, server);
      if (isCalled(server) && ownBindOf(wiring, server) === undefined && !simulators.has(key))
        simulators.set(key, { key, spec: specOf(poolOf(wiring, proxy.name), proxy, server, hosts) });
    }
  return [...simulators.values()];
}

export function keyOf(
  wiring: Pick<HaproxyWiring, "proxies">,
  { owner, name }: Pick<HaproxyServer, "owner" | "name">,
): string {
  return `${poolOf(wiring, owner)}/${name}`;
}

/** Not a UNIX socket, nor a server that HAProxy itself provides (`rhttp@`). */
function isCalled({ kind, address }: HaproxyServer): boolean {
  return kind === "proxy" && address.kind !== "path" && address.kind !== "other";
}

function specOf(
  name: string,
  proxy: HaproxyProxy,
  server: HaproxyServer,
  hosts: readonly string[],
): Omit<BackendSpec, "listen"> {
  const healthPath = proxy.servers.some(({ check }) => check) ? healthPathOf(proxy) : undefined;
  return {
    name,
    ...(healthPath === undefined ? {} : { healthPath }),
    ...(server.ssl || proxy.mode.value === "tcp"
      ? {
          tls: {
            certificate: labCertificate(certificateNames(proxy, server, hosts)),
            ...(server.ssl ? {} : { optional: true }),
          },
        }
      : {}),
    expectProxy: server.sendProxy !== undefined,
  };
}

/** The names that HAProxy verifies in the server's certificate (manual section 5.2, verify): of requests, and of checks. */
function certificateNames(
  proxy: HaproxyProxy,
  { settings }: HaproxyServer,
  hosts: readonly string[],
): readonly string[] {
  const verified = settings.get("verifyhost")?.value;
  const [, named] = /^str\(['"]?([^'")]+)['"]?\)$/.exec(settings.get("sni")?.value ?? "") ?? [];
  const name = verified ?? named;
  const requested = name === undefined ? [...hosts, ...writtenHosts(proxy)] : [name];
  const checked = settings.get("check-sni")?.value;
  return [...new Set(checked === undefined ? requested : [...requested, checked])];
}

/** The Hosts that `http-request set-header Host NAME` sets in this section. */
function writtenHosts({ section }: HaproxyProxy): readonly string[] {
  return section.lines.flatMap((line) => {
    const [keyword, action, header, value = ""] = directiveOf(line).words.map(({ value }) => value);
    const sets = keyword === "http-request" && action === "set-header" && header?.toLowerCase() === "host";
    return sets && /^[-.\w]+$/.test(value) ? [value] : [];
  });
}

/** The URI of `http-check send`, or else of `option httpchk` (manual sections 4.2 and 5.2); undefined: no HTTP check. */
function healthPathOf(proxy: HaproxyProxy): string | undefined {
  const words = proxy.options.get("httpchk")?.value;
  if (words === undefined) return undefined;
  const sent = [...linesOf(proxy.parent), ...linesOf(proxy)].findLast((line) => line.includes("uri"));
  // `option httpchk URI`, `option httpchk METHOD URI [VERSION]`; HAProxy's default is `OPTIONS /`.
  return sent?.[sent.indexOf("uri") + 1] ?? (words.length === 1 ? words[0] : words[1]) ?? "/";
}

/** The words of a section's `http-check send` lines; without those of its `defaults` where it has its own. */
function linesOf(proxy: HaproxyProxy | undefined): readonly (readonly string[])[] {
  return (proxy?.section.lines ?? [])
    .map((line) => directiveOf(line).words.map(({ value }) => value))
    .filter(([keyword, what]) => keyword === "http-check" && what === "send");
}

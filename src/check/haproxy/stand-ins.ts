// A haproxy.cfg that HAProxy can check on any machine, with stand-ins for files and names of the container and its network.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { HaproxyAddress } from "../../wiring/haproxy/address.ts";
import {
  editHaproxyConfig,
  type HaproxyAddition,
  type HaproxyConfig,
  type HaproxyEdit,
  type HaproxyToken,
} from "../../wiring/haproxy/config.ts";
import {
  editPath,
  type FileReference,
  type FileRole,
  readFileReferences,
} from "../../wiring/haproxy/files.ts";
import { privilegedTokens } from "../../wiring/haproxy/privileges.ts";
import { quoteWord } from "../../wiring/haproxy/quoting.ts";
import { dispatchAddresses } from "../../wiring/haproxy/read-targets.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { STAND_IN_CERTIFICATE } from "./stand-in-certificate.ts";

/** The content of these files decides whether HAProxy loads the configuration: without them there is no verdict. */
const UNKNOWABLE: ReadonlySet<FileRole> = new Set(["lua", "filter", "keys", "data", "crl"]);

const PAGE = "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

/** The first file that the check requires and that this machine does not have, if any. */
export function unknowableFile({ config }: HaproxyLayer): FileReference | undefined {
  return readFileReferences(config).find(
    ({ role, path }) => UNKNOWABLE.has(role) && !(isAbsolute(path) && existsSync(path)),
  );
}

/** The configuration without the `left out` words; stand-in files are written to `folder`. Line numbers do not change. */
export async function withStandIns(
  layer: HaproxyLayer,
  folder: string,
  leftOut: readonly HaproxyToken[],
): Promise<HaproxyConfig> {
  const removed = new Set([...privilegedTokens(layer.config), ...leftOut]);
  const replaced = [...(await files(layer, folder)), ...addresses(layer)];
  return editHaproxyConfig(
    layer.config,
    [
      ...replaced.filter(({ token }) => !removed.has(token)),
      ...[...removed].map((token) => ({ token, value: undefined })),
    ],
    [...layer.wiring.servers.flatMap(unresolved), ...storedNames(layer.config)],
  );
}

async function files({ config, maps }: HaproxyLayer, folder: string): Promise<readonly HaproxyEdit[]> {
  const certificate = join(folder, "stand-in.pem");
  await writeFile(certificate, STAND_IN_CERTIFICATE, { mode: 0o600 });
  const edits: HaproxyEdit[] = [];
  for (const [index, reference] of readFileReferences(config).entries()) {
    const content = contentFor(reference.role, maps.get(reference.path)?.text, certificate);
    if (["certificate", "ca", "key"].includes(reference.role)) edits.push(editPath(reference, certificate));
    else if (content !== undefined) {
      const path = join(folder, `file-${index}`);
      await writeFile(path, content);
      edits.push(editPath(reference, path));
      // HAProxy starts without such a file.
    } else if (reference.role === "state") edits.push(editPath(reference, join(folder, `file-${index}`)));
    else if (reference.role === "base-directory") {
      const path = join(folder, `folder-${index}`);
      await mkdir(path);
      edits.push(editPath(reference, path));
    }
  }
  return edits;
}

/** A certificate of a store keeps the name by which `crt @store/NAME` refers to it (manual 3.2, section 3.11). */
function storedNames({ sections }: HaproxyConfig): readonly HaproxyAddition[] {
  const lines = sections.filter(({ kind }) => kind === "crt-store").flatMap((section) => section.lines);
  return lines.flatMap(({ tokens }) => {
    const words = tokens.map(({ value }) => value);
    const [after, name] = [tokens.at(-1), words[words.indexOf("crt") + 1]];
    if (words[0] !== "load" || !words.includes("crt") || words.includes("alias")) return [];
    return after === undefined || name === undefined ? [] : [{ after, words: `alias ${quoteWord(name)}` }];
  });
}

function contentFor(role: FileRole, known: string | undefined, certificate: string): string | undefined {
  if (role === "map" || role === "patterns" || role === "body") return known ?? "";
  if (role === "error-page") return known ?? PAGE;
  return role === "certificate-list" ? `${certificate}\n` : undefined;
}

/** Names outside of server lines, which HAProxy would look up in this machine's DNS. */
function addresses({ config, wiring }: HaproxyLayer): readonly HaproxyEdit[] {
  const { binds, servers, logs, resolvers, localAddresses, checkTargets, sources } = wiring;
  const all: readonly (HaproxyAddress | undefined)[] = [
    ...binds.map(({ address }) => address),
    ...servers.filter((server) => !canStartUnresolved(server)).map(({ address }) => address),
    ...logs.map(({ address }) => address),
    ...resolvers.flatMap(({ nameServers }) => nameServers.map(({ address }) => address)),
    ...localAddresses.map(({ address }) => address),
    ...dispatchAddresses(config),
  ];
  const named = all.filter((address) => address !== undefined).filter(isName);
  return [
    ...named.map(({ token, start, end, text, host }) => ({
      token,
      start,
      end,
      value: text.replace(host, "127.0.0.1"),
    })),
    ...checkTargets
      .filter(({ what, value, token }) => what.endsWith("addr") && !token.symbolic && /[g-z]/i.test(value))
      .map(({ token }) => ({ token, value: "127.0.0.1" })),
    ...sources
      .filter(
        ({ value, token }) =>
          !token.symbolic && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(value) && /[g-z]/i.test(value),
      )
      .map(({ token }) => ({ token, value: "127.0.0.1" })),
  ];
}

function isName({ kind, host }: HaproxyAddress): boolean {
  return kind === "name" && host !== "localhost";
}

/** `init-addr` is known on servers of proxies alone (manual 3.2, section 5.2). */
function canStartUnresolved({ kind }: HaproxyServer): boolean {
  return kind === "proxy";
}

/** A server keeps its name and is not resolved: an address in its place would be the same for several, or lack a SRV record's port. */
function unresolved(server: HaproxyServer): readonly HaproxyAddition[] {
  const after = server.line.tokens.at(-1);
  if (after === undefined || !canStartUnresolved(server) || !isName(server.address)) return [];
  return [{ after, words: "init-addr none" }];
}

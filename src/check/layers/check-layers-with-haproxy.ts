// Asks a real HAProxy whether it would load the haproxy.cfg of a folder, with stand-ins for what only the container has.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, Position } from "../../findings/finding.ts";
import type { Haproxy } from "../../haproxy/find.ts";
import type { Message } from "../../haproxy/messages.ts";
import { validateConfig } from "../../haproxy/validate.ts";
import type { HaproxyAddress } from "../../wiring/haproxy/address.ts";
import {
  directiveOf,
  editHaproxyConfig,
  type HaproxyEdit,
  placeInFile,
  printHaproxyConfig,
} from "../../wiring/haproxy/config.ts";
import { editPath, type FileRole, readFileReferences } from "../../wiring/haproxy/files.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { STAND_IN_CERTIFICATE } from "../stand-in-certificate.ts";
import { listOf } from "../wording.ts";
import { placeOf } from "./haproxy-view.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What this HAProxy refuses (`haproxy-refuses`) or warns of (`haproxy-warns`), each with its line. Certificates, maps, pages,
 * users and names need not exist here; environment variables that `env`, the process's own, does not hold are named. What the rules have said of a line already is not said again. Throws where HAProxy
 * cannot be run.
 */
export async function checkLayersWithHaproxy(
  wiring: Wiring,
  haproxy: Pick<Haproxy, "path" | "version">,
  env: Environment = {},
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const layer of wiring.haproxies) found.push(...(await ask(layer, haproxy, env)));
  return found;
}

/** Rules know more of a line than HAProxy's own words say; what HAProxy here and now refuses is said by HAProxy. */
export function withoutEchoes(ruled: readonly Finding[], asked: readonly Finding[]): readonly Finding[] {
  const same = (a: Finding, b: Finding) =>
    a.at.some((one) => b.at.some((other) => one.file === other.file && one.line === other.line));
  const aboutVersions = (finding: Finding) =>
    finding.code === "haproxy-upgrade-refuses" || finding.code === "haproxy-version-refuses";
  const refused = asked.filter(({ code }) => code === "haproxy-refuses");
  const kept = ruled.filter(
    (finding) => finding.code !== "haproxy-upgrade-refuses" || !refused.some((other) => same(finding, other)),
  );
  return [
    ...kept,
    ...asked.filter(
      (finding) =>
        !kept.some(
          (other) =>
            ((aboutVersions(other) || other.code === "layer-unreadable") && same(other, finding)) ||
            (isByteOrderMark(other) &&
              other.at[0]?.file === finding.at[0]?.file &&
              /out of section/.test(finding.what)) ||
            (other.code === "no-timeouts" && /missing timeouts/.test(finding.what)),
        ),
    ),
  ];
}

/** The mark hides the file's first section: HAProxy then refuses each of its lines. */
function isByteOrderMark({ code, what }: Finding): boolean {
  return code === "layer-unreadable" && /byte order mark/.test(what);
}

async function ask(
  layer: HaproxyLayer,
  haproxy: Pick<Haproxy, "path" | "version">,
  env: Environment,
): Promise<readonly Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), "portico-check-"));
  try {
    const edits = await standIns(layer, folder);
    if (edits === undefined) return [];
    const config = editHaproxyConfig(layer.config, edits);
    await writeFile(join(folder, CONFIGURATION), printHaproxyConfig(config));
    const { ok, errors, warnings, output } = await validateConfig(haproxy, CONFIGURATION, { cwd: folder });
    const refused =
      ok || errors.length > 0
        ? errors
        : [{ level: "alert", text: output.trim() || "it ended without a word" } as const];
    return [
      ...refused.map(
        (message) =>
          unknownVariable(layer, message, env) ?? finding("haproxy-refuses", layer, haproxy.version, message),
      ),
      ...warnings.map((message) => finding("haproxy-warns", layer, haproxy.version, message)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const CONFIGURATION = "haproxy.cfg";

/** What these hold decides whether HAProxy loads the file: without them nothing can be said. */
const UNKNOWABLE: readonly FileRole[] = ["lua", "filter", "keys", "data", "crl"];

const PAGE = "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

/** Edits that put stand-ins in the place of what only the container has; undefined: HAProxy cannot be asked without it. */
async function standIns(layer: HaproxyLayer, folder: string): Promise<readonly HaproxyEdit[] | undefined> {
  const { config } = layer;
  const references = readFileReferences(config);
  if (references.some(({ role }) => UNKNOWABLE.includes(role))) return undefined;
  const certificate = join(folder, "stand-in.pem");
  await writeFile(certificate, STAND_IN_CERTIFICATE, { mode: 0o600 });
  const edits: HaproxyEdit[] = [];
  for (const [index, reference] of references.entries()) {
    const content = contentFor(reference.role, layer.maps.get(reference.path)?.text, certificate);
    if (reference.role === "certificate" || reference.role === "ca")
      edits.push(editPath(reference, certificate));
    else if (content !== undefined) {
      const path = join(folder, `file-${index}`);
      await writeFile(path, content);
      edits.push(editPath(reference, path));
    } else if (reference.role === "base-directory") {
      const path = join(folder, `folder-${index}`);
      await mkdir(path);
      edits.push(editPath(reference, path));
    }
  }
  return [...edits, ...withoutUsers(layer), ...withoutNames(layer)];
}

function contentFor(role: FileRole, known: string | undefined, certificate: string): string | undefined {
  if (role === "map" || role === "patterns" || role === "body") return known ?? "";
  if (role === "error-page") return known ?? PAGE;
  return role === "certificate-list" ? `${certificate}\n` : undefined;
}

function withoutUsers({ config }: HaproxyLayer): readonly HaproxyEdit[] {
  return config.sections
    .filter(({ kind }) => kind === "global")
    .flatMap(({ lines }) =>
      lines.filter((line) => ["user", "group"].includes(directiveOf(line).words[0]?.value ?? "")),
    )
    .flatMap(({ tokens }) => tokens.map((token) => ({ token, value: undefined })));
}

/** The rule name-blocks-start is about names; here they would be asked of this machine's DNS. */
function withoutNames({ wiring: { binds, servers, logs, resolvers } }: HaproxyLayer): readonly HaproxyEdit[] {
  const addresses: readonly (HaproxyAddress | undefined)[] = [
    ...binds.map(({ address }) => address),
    ...servers.map(({ address }) => address),
    ...logs.map(({ address }) => address),
    ...resolvers.flatMap(({ nameServers }) => nameServers.map(({ address }) => address)),
  ];
  return addresses
    .filter((address) => address !== undefined)
    .filter(({ kind, host }) => kind === "name" && host !== "localhost")
    .map(({ token, start, end, text, host }) => ({
      token,
      start,
      end,
      value: text.replace(host, "127.0.0.1"),
    }));
}

function finding(
  code: "haproxy-refuses" | "haproxy-warns",
  { config }: HaproxyLayer,
  version: string,
  message: Message,
): Finding {
  const refuses = code === "haproxy-refuses";
  const words = message.text.split("\n")[0]?.trim().replace(/\.$/, "") ?? "";
  return {
    code,
    severity: refuses ? "error" : "warning",
    what: `HAProxy ${version}: ${words}`,
    why: refuses
      ? "HAProxy does not start with this file: no request is served."
      : "HAProxy starts, and may not do what the line says.",
    remedy: "Correct the line, or remove it.",
    at: [lineAt(config, message)],
  };
}

/** A line with environment variables: HAProxy refuses it without them, and what they hold where it runs is not known. */
function unknownVariable(
  { config }: HaproxyLayer,
  { file, line }: Message,
  env: Environment,
): Finding | undefined {
  const written = file === CONFIGURATION && line !== undefined ? config.lines[line - 1] : undefined;
  const names = (written?.tokens ?? [])
    .filter(({ symbolic }) => symbolic)
    .flatMap(({ value }) => [...value.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = ""]) => name))
    .filter((name) => env[name] === undefined);
  if (written === undefined || names.length === 0) return undefined;
  return {
    code: "layer-not-understood",
    severity: "note",
    what: `what ${listOf(names)} ${names.length === 1 ? "holds" : "hold"} is not known`,
    why: "The environment in which HAProxy runs says it, and HAProxy could not be asked about this line.",
    remedy: `Run the check with ${names.length === 1 ? "it" : "them"} set: \`${names[0]}=… portico check\`.`,
    at: [placeOf(config, written)],
  };
}

/** Edits leave every line where it was, but perhaps not its columns: the whole line is meant. */
function lineAt(config: HaproxyLayer["config"], { file, line }: Message): Position {
  const written = file === CONFIGURATION && line !== undefined ? config.lines[line - 1] : undefined;
  return written === undefined ? placeInFile(config, { line: 1, column: 1 }) : placeOf(config, written);
}

// certificate-without-key: certificate file whose private key HAProxy does not find.
import { posix } from "node:path";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { type ContainerFiles, containerFiles } from "../layers/container/container-files.ts";
import { type OpenedFile, openedFiles } from "../layers/container/opened-files.ts";
import { afterExit, type HaproxyProcess, haproxyProcesses } from "../layers/container/process.ts";
import type { VolumeFile } from "../layers/container/volumes.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const certificateWithoutKey: Rule = {
  code: "certificate-without-key",
  severity: "error",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingsOf(wiring, process)),
};

function findingsOf(wiring: Wiring, process: HaproxyProcess): readonly RuleFinding[] {
  const files = containerFiles(wiring, process);
  return process.haproxies.flatMap((layer) =>
    openedFiles(layer)
      .filter((file) => file.role === "certificate" && needsKey(layer, file))
      .flatMap((file) => findingOf(process, layer, files, file) ?? []),
  );
}

/** `issuer FILE` has no key, and `load crt FILE key FILE` names it. */
function needsKey({ config }: HaproxyLayer, { reference: { token } }: OpenedFile): boolean {
  const tokens = config.lines[token.line - 1]?.tokens ?? [];
  const option = tokens[tokens.indexOf(token) - 1]?.value;
  return (option === "crt" || option === "default-crt") && !tokens.some(({ value }) => value === "key");
}

function findingOf(
  process: HaproxyProcess,
  layer: HaproxyLayer,
  files: ContainerFiles,
  { path, reference }: OpenedFile,
): RuleFinding | undefined {
  const withoutExtension = globalLine(layer, "ssl-load-extra-del-ext") !== undefined;
  const [found] = certificatesAt(files, path).flatMap(({ path: certificate, file }) => {
    const key = keyPath(certificate, withoutExtension);
    const here = hasKey(file) ?? true;
    return here || files.at(key).kind !== "missing" ? [] : [{ certificate, key, file }];
  });
  if (found === undefined) return undefined;
  const { certificate, key, file } = found;
  const inFolder = certificate !== path;
  const besides = `${certificate.replace(/\.crt$/, "")}.key`;
  const hasOther = !withoutExtension && files.at(besides).kind === "file";
  return {
    what: `\`${certificate}\` has no private key, and HAProxy looks for it in \`${key}\``,
    why: `${inFolder ? `HAProxy loads every file of the folder \`${path}\` as a certificate with its key. ` : ""}HAProxy exits at start with "No Private Key found", and ${afterExit(process)}.`,
    remedy: hasOther
      ? `Write \`ssl-load-extra-del-ext\` in \`global\`: HAProxy then reads the key from \`${besides}\`${inFolder ? `; and \`crt ${certificate}\`, if the folder has other files` : ""}.`
      : remedyWithout(inFolder, certificate, key),
    at: [reference.at, noted(file.at, "the certificate"), files.mountOf(files.real(path))?.mount.at],
    stops: [layer],
  };
}

function remedyWithout(inFolder: boolean, certificate: string, key: string): string {
  return inFolder
    ? `Write the path of one certificate instead of the folder, or leave \`${posix.basename(certificate)}\` out of the volume with \`items\`.`
    : `Provide a file with certificate and key, or the key at \`${key}\` with \`items\` of the volume.`;
}

/** HAProxy ignores hidden files of a folder, and those with these extensions (manual 3.2, section 5.1, crt). */
function certificatesAt(
  files: ContainerFiles,
  path: string,
): readonly { readonly path: string; readonly file: VolumeFile }[] {
  const found = files.at(path);
  if (found.kind === "file") return [{ path, file: found.file }];
  if (found.kind !== "folder") return [];
  return [...(found.files ?? [])].flatMap(([name, file]) =>
    name.includes("/") || name.startsWith(".") || /\.(?:key|issuer|ocsp|sctl)$/.test(name)
      ? []
      : [{ path: posix.join(path, name), file }],
  );
}

/** Extensions of the key: manual 3.2, section 3.1, ssl-load-extra-files and ssl-load-extra-del-ext. */
function keyPath(certificate: string, withoutExtension: boolean): string {
  return `${withoutExtension ? certificate.replace(/\.crt$/, "") : certificate}.key`;
}

/** undefined: not known. */
function hasKey({ text, stored, key }: VolumeFile): boolean | undefined {
  if (text !== undefined && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return true;
  if (text?.includes("-----BEGIN CERTIFICATE-----")) return false;
  // If the text is a placeholder or a controller creates it: what a Secret of this type contains.
  return stored?.tls === true && (key === "tls.crt" || key === "ca.crt") ? false : undefined;
}

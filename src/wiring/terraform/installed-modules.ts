// Modules that `terraform init` installed: `.terraform/modules/modules.json` names the folder of each call.
import { posix } from "node:path";
import { isRecord } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";

export interface InstalledModule {
  /** Names of the module calls from the root, with dots: `edge.alb`. */
  readonly key: string;
  readonly source: string;
  /** Of modules of a registry. */
  readonly version?: string | undefined;
  /** From where the files are named, with `/`. */
  readonly path: string;
}

const MANIFEST = ".terraform/modules/modules.json";

export function isModuleManifest(file: string): boolean {
  return file === MANIFEST || file.endsWith(`/${MANIFEST}`);
}

/** Whether a folder, or a file, is of an installed module: it is no configuration of its own. */
export function isInstalled(path: string): boolean {
  return /(^|\/)\.terraform\/modules\//.test(path);
}

/** Modules that evidently create a part of an edge, by their source. */
const EDGE_MODULES =
  /(^|[/_-])(elb|alb|nlb|clb|lb|load-?balancer|loadbalancing|security-group)s?($|[/_.?-])/i;

/** The name of a registry module shows its purpose; a repository or an archive can contain anything. */
export function isOfOtherPurpose(source: string): boolean {
  return isOfRegistry(source) && !EDGE_MODULES.test(source);
}

/** `NAMESPACE/NAME/PROVIDER`, with a host in front where it is another registry's (Terraform, module sources). */
function isOfRegistry(source: string): boolean {
  return (
    /^([\w.-]+\.[\w.:-]+\/)?[\w-]+\/[\w-]+\/[\w-]+(\/\/.*)?$/.test(source) &&
    !/^(github\.com|bitbucket\.org)\//.test(source)
  );
}

/** Without those of another purpose and their own modules. Nothing of a text that Terraform did not write. */
export function installedModules({ file, text }: SourceFile): readonly InstalledModule[] {
  const root = rootOf(file);
  const all = entriesOf(text).flatMap((entry): readonly InstalledModule[] => {
    if (!isRecord(entry)) return [];
    const { Key: key, Source: source, Dir: dir, Version: version } = entry;
    if (typeof key !== "string" || typeof source !== "string" || typeof dir !== "string") return [];
    const inside = posix.normalize(dir);
    if (!isInstalled(inside) || inside.startsWith("../")) return [];
    const path = posix.join(root, inside);
    return [{ key, source, version: typeof version === "string" ? version : undefined, path }];
  });
  const others = all.filter(({ source }) => isOfOtherPurpose(source)).map(({ key }) => key);
  return all.filter(({ key }) => !others.some((other) => key === other || key.startsWith(`${other}.`)));
}

/** The folder of the configuration whose modules are installed; empty: where the files are named from. */
export function rootOf(manifest: string): string {
  return manifest.slice(0, -MANIFEST.length).replace(/\/$/, "");
}

function entriesOf(text: string): readonly unknown[] {
  try {
    const data: unknown = JSON.parse(text);
    return isRecord(data) && Array.isArray(data.Modules) ? data.Modules : [];
  } catch {
    return [];
  }
}

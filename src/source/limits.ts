// The limits on what Portico reads: files are untrusted, and must not exhaust the CPU time or the memory of a machine.
// Each is far above what an edge has; a finding names the limit that was exceeded and what was not examined because of it.

const KIB = 1024;
const MIB = 1024 * KIB;

/** Of a description and of a file of expectations; 10,000 routes take about 1 MB. */
export const MAX_DESCRIPTION_BYTES = 8 * MIB;

/** Lines of a description, with the brackets, braces and commas in them: what its YAML is parsed from. */
export const MAX_DESCRIPTION_PARTS = 400_000;

/** Of one file of a layer: a description has 8 MiB at most, and the largest map that it renders to is about twice as large. */
export const MAX_FILE_BYTES = 32 * MIB;

/** Of all files of a folder of layers together. */
export const MAX_FOLDER_BYTES = 128 * MIB;

/** Files of layers in a folder. */
export const MAX_FILES = 10_000;

/** Files and folders of any kind in a folder. */
export const MAX_ENTRIES = 50_000;

/** Depth of nested folders. */
export const MAX_FOLDER_DEPTH = 100;

/**
 * Lines of all files of a folder of layers together, in YAML and JSON with the brackets, braces and commas in them. Maps are not
 * parsed, and do not count.
 */
export const MAX_PARTS = 400_000;

/** Kubernetes objects in a folder of layers. */
export const MAX_OBJECTS = 20_000;

/** Sections of one haproxy.cfg. */
export const MAX_SECTIONS = 10_000;

/** Depth of nested lists and maps, in YAML and JSON. */
export const MAX_DEPTH = 100;

/** Values that the aliases of a description expand to: 10,000 routes are about 100,000 values. */
export const MAX_DESCRIPTION_ALIASED = 2_000_000;

/** Values that the aliases of one YAML document of a layer expand to: the API server has a similar limit (sigs.k8s.io/yaml, "excessive aliasing"). */
export const MAX_ALIASED_VALUES = 200_000;

/** Characters of a text that is made of variables: an ARG, an ENV, a local, a line with what `setenv` has set. */
export const MAX_EXPANDED = 64 * KIB;

/** Elements of one value in Terraform, those of its elements included. */
export const MAX_ELEMENTS = 50_000;

/** Expressions that are evaluated for the resources of one root module. */
export const MAX_EVALUATIONS = 500_000;

/** Resources of one block by `count` or `for_each`, and calls of modules below one root module. */
export const MAX_INSTANCES = 2_000;

/** Lines of a text, and with `entries` also the brackets, braces and commas in it, of which one line may hold millions. */
export function partsOf(text: string, { entries }: { readonly entries: boolean }): number {
  let count = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || (entries && ENTRIES.has(code))) count += 1;
  }
  return count;
}

const NEWLINE = 10;
const ENTRIES: ReadonlySet<number> = new Set([..."[{,"].map((sign) => sign.charCodeAt(0)));

/** `12,000`: as a finding writes a limit. */
export function shownLimit(limit: number): string {
  return limit.toLocaleString("en");
}

/** `32 MiB` */
export function shownBytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

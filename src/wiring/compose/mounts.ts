// Files of a Compose service's container: bind mounts, configs and secrets from files of the folder; other volumes have unknown content.
import { posix } from "node:path";
import type { Position } from "../../findings/finding.ts";
import { isRecord } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";
import type { MountedFile } from "../join/mounted-files.ts";
import type { Mount } from "../wiring.ts";
import type { ComposeMap } from "./values.ts";

export interface ComposeMounts {
  readonly mounts: readonly Mount[];
  /** Volumes in the form of a pod's. */
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  /** Files of the folder by their path in the container. */
  readonly bound: ReadonlyMap<string, MountedFile>;
}

interface Entry {
  readonly target: string;
  /** A file or folder of the project; undefined: a named volume, or a tmpfs. */
  readonly source?: string | undefined;
  readonly kind: "bind" | "volume" | "tmpfs" | "text";
  readonly text?: string;
  readonly readOnly: boolean;
  readonly at: Position;
}

/** `folder`: of the Compose file; `root`: the top level of the file, which has its configs and secrets. */
export function mountsOf(
  service: ComposeMap,
  root: ComposeMap,
  { folder, files }: { readonly folder: string; readonly files: readonly SourceFile[] },
): ComposeMounts {
  const entries = [
    ...volumesIn(service),
    ...storedIn(service, root, "configs", (name) => `/${name}`),
    ...storedIn(service, root, "secrets", (name) => `/run/secrets/${name}`),
  ].filter(({ target }) => target.startsWith("/"));
  const bound = new Map<string, MountedFile>();
  for (const { target, source, text, at } of entries) {
    if (text !== undefined) bound.set(target, { text, at, origin: { lines: 0, columns: 0, at } });
    if (source === undefined) continue;
    for (const [path, file] of filesAt(files, posix.join(folder, source), target)) bound.set(path, file);
  }
  return {
    mounts: entries.map(({ target, readOnly, at }, index) => ({
      volume: `volume ${index}`,
      path: target,
      variable: false,
      readOnly,
      at,
    })),
    volumes: entries.map(({ kind }, index) => ({
      name: `volume ${index}`,
      ...(kind === "tmpfs" ? { emptyDir: {} } : { hostPath: {} }),
    })),
    bound,
  };
}

function filesAt(
  files: readonly SourceFile[],
  source: string,
  target: string,
): readonly (readonly [string, MountedFile])[] {
  return files.flatMap(({ file, text }) => {
    const at = { file, line: 1, column: 1 };
    const mounted = { text, at, origin: { lines: 0, columns: 0 } };
    if (file === source) return [[posix.normalize(target), mounted] as const];
    const folder = source === "." ? "" : `${source.replace(/\/$/, "")}/`;
    return file.startsWith(folder) ? [[posix.join(target, file.slice(folder.length)), mounted] as const] : [];
  });
}

function volumesIn(service: ComposeMap): readonly Entry[] {
  const volumes = service.list("volumes").flatMap((written, index): readonly Entry[] => {
    const at = service.at("volumes", index);
    return isRecord(written) ? longVolume(written, at) : shortVolume(String(written), at);
  });
  const tmpfs = service.get("tmpfs");
  const temporary = (typeof tmpfs === "string" ? [tmpfs] : service.list("tmpfs")).map(
    (one): Entry => ({
      target: String(one).split(":")[0] ?? "",
      kind: "tmpfs",
      readOnly: false,
      at: service.at("tmpfs"),
    }),
  );
  return [...volumes, ...temporary];
}

/** `VOLUME:CONTAINER_PATH[:ACCESS_MODE]`; a source that begins with `.`, `/` or `~` is a path. */
function shortVolume(text: string, at: Position): readonly Entry[] {
  const [source = "", target, mode = ""] = text.split(":");
  if (target === undefined) return [{ target: source, kind: "volume", readOnly: false, at }];
  return [{ ...sourceOf(source), target, readOnly: mode.split(",").includes("ro"), at }];
}

function longVolume(
  { type, source, target, read_only }: Readonly<Record<string, unknown>>,
  at: Position,
): readonly Entry[] {
  if (typeof target !== "string") return [];
  const from = type === "bind" && typeof source === "string" ? sourceOf(source) : { kind: "volume" as const };
  return [{ ...from, ...(type === "tmpfs" && { kind: type }), target, readOnly: read_only === true, at }];
}

/** Only paths below the Compose file's folder, or next to it, are files that were read. */
function sourceOf(source: string): Pick<Entry, "kind" | "source"> {
  const path = source.replace(/^\$(?:PWD|\{PWD\})(?=\/|$)/, ".");
  if (/^\.{1,2}(?:\/|$)/.test(path)) return { kind: "bind", source: path };
  return { kind: /^[/~$]/.test(source) ? "bind" : "volume" };
}

/** `configs` and `secrets`: a name, or `{ source, target }`; their top-level entries name a file or have the content. */
function storedIn(
  service: ComposeMap,
  root: ComposeMap,
  field: "configs" | "secrets",
  usual: (name: string) => string,
): readonly Entry[] {
  return service.list(field).flatMap((written, index): readonly Entry[] => {
    const name = isRecord(written) ? written.source : written;
    if (typeof name !== "string") return [];
    const wanted = isRecord(written) && typeof written.target === "string" ? written.target : usual(name);
    const target = wanted.startsWith("/") ? wanted : usual(wanted);
    const stored = root.map(field).map(name);
    const [file, content] = [stored.get("file"), stored.get("content")];
    const at = typeof content === "string" ? stored.at("content") : service.at(field, index);
    return [
      {
        target,
        kind: "text",
        readOnly: true,
        at,
        ...(typeof file === "string" && sourceOf(file.startsWith(".") ? file : `./${file}`)),
        ...(typeof content === "string" && { text: content }),
      },
    ];
  });
}

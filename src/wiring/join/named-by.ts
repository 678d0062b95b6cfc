// Which other files a file names, so that they are read too.

import { listAt } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { parseHaproxyConfig } from "../haproxy/config.ts";
import { readFileReferences } from "../haproxy/files.ts";
import { readConfigMap } from "../kubernetes/config-map.ts";
import { isKustomization } from "../kubernetes/kustomize/kustomization.ts";
import { readDocuments } from "../kubernetes/read-documents.ts";
import { readObjects } from "../kubernetes/read-objects.ts";
import { looksLikeHaproxy } from "./config-paths.ts";
import { READ_ROLES } from "./named-files.ts";

/** Paths as they are written there. */
export function configFilesOf(source: SourceFile): readonly string[] {
  if (/\.(?:cfg|conf)$/i.test(source.file)) return namedByConfig(source);
  if (isKustomization(source)) return namedByKustomization(source);
  if (/\.ya?ml$/i.test(source.file) && /^kind:\s*ConfigMap\s*$/m.test(source.text))
    return readObjects(source).objects.flatMap((object) =>
      object.kind === "ConfigMap"
        ? [...readConfigMap(object, []).data.values()].flatMap(({ text }) =>
            namedByConfig({ ...source, text }),
          )
        : [],
    );
  return [];
}

/** Of a HAProxy configuration, whatever its file is called. */
export function namedByConfig({ file, text }: SourceFile): readonly string[] {
  if (!looksLikeHaproxy(text)) return [];
  return readFileReferences(parseHaproxyConfig(text, file)).flatMap(({ role, path }) =>
    READ_ROLES.has(role) ? [path] : [],
  );
}

/** The lists `files` of its generators: `haproxy.cfg`, `key=path`. */
function namedByKustomization(source: SourceFile): readonly string[] {
  return readDocuments(source)
    .documents.flatMap(({ data }) => listAt(data, ["configMapGenerator"]))
    .flatMap((generator) => listAt(generator, ["files"]))
    .flatMap((file) => (typeof file === "string" ? [file.replace(/^[^=]*=/, "")] : []));
}

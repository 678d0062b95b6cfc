// The objects of kustomizations are those that `kubectl kustomize` builds.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { CASES, type Files, read } from "./kustomizations.ts";

describe.each(Object.entries(CASES))("%s", (_, files) => {
  test("as `kubectl kustomize` makes them", () => {
    const own = read(files);
    const known = new Map(
      own.objects
        .filter(({ kind }) => kind !== "Kustomization")
        .map(({ kind, namespace, name, data }) => [`${kind} ${namespace}/${name}`, data]),
    );
    const wanted = new Map(
      kubectlKustomize(files).map((data) => [
        `${data.kind} ${data.metadata.namespace ?? "default"}/${data.metadata.name}`,
        data,
      ]),
    );
    expect([...known.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [title, data] of wanted) expect({ title, data: known.get(title) }).toEqual({ title, data });
    expect(own.leftOut).toEqual([]);
  });
});

interface Made {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function kubectlKustomize(files: Files): readonly Made[] {
  const folder = mkdtempSync(join(tmpdir(), "portico-kustomize-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const made = execFileSync("kubectl", ["kustomize", join(folder, "overlays/prod")], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    return parseAllDocuments(made.toString()).map((document) => document.toJS() as Made);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

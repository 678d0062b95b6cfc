// Kustomizations: each value has the place of its source, and fields that are not applied are reported.
import { describe, expect, test } from "vitest";
import { CASES, type Files, overlay, read, SERVICE } from "./kustomizations.ts";

const notesOf = (files: Files): readonly string[] =>
  read(files).leftOut.map(({ severity, what, at }) => `${severity} ${at.file}:${at.line} ${what}`);

test.each(Object.entries(CASES))("%s: without a finding", (_, files) => {
  expect(notesOf(files)).toEqual([]);
});

describe("places", () => {
  test("values are where they are written: base, patch or kustomization", () => {
    const { workloads } = read({
      ...overlay("images: [{ name: haproxy, newTag: 3.2.1 }]\npatches: [{ path: patch.yaml }]\n", {
        "patch.yaml":
          "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: edge }\nspec:\n  replicas: 4\n  template: { spec: { containers: [{ name: haproxy, ports: [{ containerPort: 8405 }] }] } }\n",
      }),
    });
    const [edge] = workloads;
    const [container] = edge?.containers ?? [];
    const place = (at: { readonly file: string; readonly line: number } | undefined) =>
      `${at?.file}:${at?.line}`;
    expect(place(edge?.replicas?.at)).toBe("overlays/prod/patch.yaml:5");
    expect(place(container?.image?.at)).toBe("overlays/prod/kustomization.yaml:2");
    expect(container?.ports.map(({ port }) => `${port.value} ${place(port.at)}`)).toEqual([
      "8405 overlays/prod/patch.yaml:6",
      "80 base/deployment.yaml:13",
      "443 base/deployment.yaml:13",
    ]);
    expect(place(container?.mounts[0]?.at)).toBe("base/deployment.yaml:16");
  });
});

describe("what is not applied is said", () => {
  test.each<readonly [string, Files, readonly string[]]>([
    [
      "fields that are not supported",
      overlay("replacements: []\nhelmCharts: [{ name: x }]\n"),
      [
        "note overlays/prod/kustomization.yaml:2 `replacements` of a kustomization is not applied",
        "note overlays/prod/kustomization.yaml:3 `helmCharts` of a kustomization is not applied",
      ],
    ],
    [
      "resources of another repository, and files that are not here",
      overlay("patches: [{ path: gone.yaml }]\n", {
        "kustomization.yaml":
          "resources: [../../base, 'https://example.com/x']\npatches: [{ path: gone.yaml }]\nconfigMapGenerator: [{ name: c, files: [gone.cfg] }]\n",
      }),
      [
        "note overlays/prod/kustomization.yaml:1 the resource https://example.com/x is not in this folder",
        "note overlays/prod/kustomization.yaml:3 the file gone.cfg is not in this folder",
        "note overlays/prod/kustomization.yaml:2 the patch gone.yaml is not in this folder",
      ],
    ],
    [
      "a patch without an object",
      overlay("patches: [{ patch: '{apiVersion: v1, kind: Service, metadata: {name: other}}' }]\n"),
      ["note overlays/prod/kustomization.yaml:2 the patch matches no object"],
    ],
    [
      "an operation that finds nothing",
      overlay(
        "patches: [{ target: { kind: Service }, patch: '[{op: replace, path: /spec/nothing, value: 1}]' }]\n",
      ),
      [
        "error overlays/prod/kustomization.yaml:2 a JSON patch cannot be applied: `replace` finds nothing at /spec/nothing",
      ],
    ],
  ])("%s", (_, files, expected) => {
    expect([...notesOf(files)].sort()).toEqual([...expected].sort());
  });

  test("of two overlays of the same objects one is examined: that of production", () => {
    const files = {
      ...overlay("replicas: [{ name: edge, count: 5 }]\n"),
      "overlays/staging/kustomization.yaml":
        "resources: [../../base]\nreplicas: [{ name: edge, count: 2 }]\n",
    };
    expect(read(files).workloads.map(({ replicas }) => replicas?.value)).toEqual([5]);
    expect(notesOf(files)).toEqual([
      "note overlays/staging/kustomization.yaml:1 the overlay overlays/staging is not examined: it changes the same objects as overlays/prod",
    ]);
  });

  test("a patch that no kustomization names is not an object", () => {
    const files = overlay("replicas: []\n", {
      "unused.yaml":
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: edge }\nspec: { replicas: 9 }\n",
    });
    expect(notesOf(files)).toEqual([
      "note overlays/prod/unused.yaml:2 is a part of an object that no kustomization uses",
    ]);
    expect(read(files).workloads).toHaveLength(1);
  });

  test("kustomizations that name each other, and themselves, end", () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        `k${index}/kustomization.yaml`,
        index === 29 ? "resources: [a.yaml]\n" : `resources: [../k${index + 1}, ../k${index + 1}]\n`,
      ]),
    );
    expect(notesOf({ ...doubling, "k29/a.yaml": SERVICE })).toContainEqual(
      expect.stringContaining("kustomizations change more than"),
    );
    expect(
      notesOf({
        "a/kustomization.yaml": "resources: [../a, ../b]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
      }),
    ).toEqual([]);
  });
});

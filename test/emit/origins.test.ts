// The origin of each line of rendered files, also in the ConfigMaps that contain other files.
import { describe, expect, test } from "vitest";
import { type EmittedFile, emittedFile, originOf } from "../../src/emit/file.ts";
import { emitKubernetes } from "../../src/emit/kubernetes/emit-kubernetes.ts";
import { shop } from "./kubernetes/objects.ts";

const LINES = 40_000;
const at = (line: number) => ({ file: "portico.yaml", line, column: 1 });

test("a line has the origin of its own file", () => {
  const one = emittedFile("a", [{ text: "two\nlines", at: at(7) }, { text: "without" }]);
  const whole = emittedFile("b", [{ text: "own", at: at(8) }, { text: "inherited" }], at(9));
  const origins = [1, 2, 3].map((line) => originOf([whole, one], { file: "a", line }));
  expect(origins).toEqual([at(7), at(7), undefined]);
  expect([1, 2].map((line) => originOf([one, whole], { file: "b", line }))).toEqual([at(8), at(9)]);
});

describe.each([
  ["as a whole", 3],
  ["in parts, because it is larger than a ConfigMap", LINES],
])("a ConfigMap contains a file %s", (_, length) => {
  const carried = emittedFile(
    "haproxy/haproxy.cfg",
    Array.from({ length }, (_line, index) => ({
      text: `# line ${index + 1} ${"x".repeat(40)}`,
      at: at(index + 1),
    })),
  );
  const files = emitKubernetes(shop().plan, { config: [carried], image: "shop-edge:1" });

  test("with lines of the same origins", () => {
    const maps = files.filter(({ path }) => path.startsWith("kubernetes/configmap"));
    const found = maps.flatMap(carriedLines).map(([text, origin]) => [text, origin?.line]);
    expect(found).toHaveLength(length);
    expect(found.filter(([text, line]) => Number(/\d+/.exec(String(text))?.[0]) !== line)).toEqual([]);
  });
});

function carriedLines(file: EmittedFile) {
  return file.content
    .split("\n")
    .flatMap((text, index) =>
      text.includes("# line ")
        ? [[text, originOf([file], { file: file.path, line: index + 1 })] as const]
        : [],
    );
}

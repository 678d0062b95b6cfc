// Every value that the description decides leads from the rendered file back to its line there.
import { expect, test } from "vitest";
import { originOf } from "../../src/emit/file.ts";

test("a line has the origin of its own file", () => {
  const at = { file: "edge.yaml", line: 4, column: 3 };
  const file = { path: "haproxy/haproxy.cfg", content: "global\n", origins: new Map([[1, at]]) };
  const other = { path: "haproxy/paths.map", content: "global\n", origins: new Map() };
  expect(originOf([other, file], { file: "haproxy/haproxy.cfg", line: 1 })).toBe(at);
  expect(originOf([other, file], { file: "haproxy/paths.map", line: 1 })).toBeUndefined();
});

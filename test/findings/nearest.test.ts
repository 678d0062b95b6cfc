// The known word nearest to a misspelt one.
import { expect, test } from "vitest";
import { nearest } from "../../src/findings/nearest.ts";

const KEYS = ["path", "method", "header", "to", "redirect", "respond", "requestHeaders", "responseHeaders"];

test.each([
  ["paht", "path"],
  ["pth", "path"],
  ["Path", "path"],
  ["headers", "header"],
  ["redirct", "redirect"],
  ["reqestHeaders", "requestHeaders"],
  ["too", "to"],
])("%s means %s", (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});

test.each(["wibble", "x", "", "completely-else", "x".repeat(100_000)])(
  "%.20s is near none of them",
  (word) => {
    expect(nearest(word, KEYS)).toBeUndefined();
  },
);

test("of two equally near words the first", () => {
  expect(nearest("bat", ["cat", "hat"])).toBe("cat");
});

// Items added to a list of a YAML text: the existing text stays, with its comments and its indentation.
import { expect, test } from "vitest";
import { appendItems } from "../../src/description/source/append-items.ts";

const ITEMS = [{ text: '{ get: "http://x/", status: 200 }', comment: "the root" }];

test.each([
  [
    "between other keys, behind a comment",
    "edge: a\nexpect:\n  # first\n  - { get: http://a/, status: 200 } # why\n\n# later\nsites: []\n",
    'edge: a\nexpect:\n  # first\n  - { get: http://a/, status: 200 } # why\n  # the root\n  - { get: "http://x/", status: 200 }\n\n# later\nsites: []\n',
  ],
  [
    "behind an item of several lines, without indentation",
    "expect:\n- get: http://a/\n  status: 200\ninvariants: []\n",
    'expect:\n- get: http://a/\n  status: 200\n# the root\n- { get: "http://x/", status: 200 }\ninvariants: []\n',
  ],
  [
    "without a line end",
    "expect:\n    - { get: http://a/, status: 200 }",
    'expect:\n    - { get: http://a/, status: 200 }\n    # the root\n    - { get: "http://x/", status: 200 }\n',
  ],
  [
    "a key that is missing",
    "edge: a\nsites: []\n\n",
    'edge: a\nsites: []\nexpect:\n  # the root\n  - { get: "http://x/", status: 200 }\n',
  ],
  ["nothing", "", 'expect:\n  # the root\n  - { get: "http://x/", status: 200 }\n'],
  ["only a comment", "# later\n", '# later\nexpect:\n  # the root\n  - { get: "http://x/", status: 200 }\n'],
])("%s", (_, before, after) => {
  expect(appendItems(before, ["expect"], ITEMS)).toBe(after);
});

test("the document is the list", () => {
  expect(appendItems("- { get: http://a/, status: 200 }\n", [], ITEMS)).toBe(
    '- { get: http://a/, status: 200 }\n# the root\n- { get: "http://x/", status: 200 }\n',
  );
});

test.each([
  ["a list in flow style", "expect: [{ get: http://a/, status: 200 }]\n"],
  ["JSON", '{ "expect": [{ "get": "http://a/", "status": 200 }] }\n'],
  ["an alias", "a: &a\n  - { get: http://a/, status: 200 }\nexpect: *a\n"],
  ["an empty list", "expect: []\n"],
  ["several documents", "expect:\n  - { get: http://a/, status: 200 }\n---\nb: 1\n"],
  ["no YAML", "expect: [\n"],
  ["a document that ends with `...`", "edge: a\n...\n"],
])("%s is not changed", (_, text) => {
  expect(appendItems(text, ["expect"], ITEMS)).toBeUndefined();
});

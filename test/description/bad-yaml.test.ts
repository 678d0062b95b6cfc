// Findings about invalid YAML.
import { expect, test } from "vitest";
import { load, shown } from "./written.ts";

const said = (text: string | Uint8Array) => shown({ "portico.yaml": text });

test("a tab as indentation", async () => {
  expect(await said("edge: app\nsites:\n\t- host: app.example.com\n")).toMatchInlineSnapshot(`
    "error  yaml-tab   the line is indented with a tab

       portico.yaml:3:1     - host: app.example.com
                          ^^

       The file is not valid YAML, and Portico reads none of it. Indent with spaces: YAML allows no tabs
       for indentation (YAML 1.2.2, 6.1).                                       portico finding yaml-tab
    "
  `);
});
test("a key twice", async () => {
  expect(await said("edge: app\nsites: []\nedge: other\n")).toMatchInlineSnapshot(`
    "error  yaml-duplicate-key   the key \`edge\` is written twice in the same map

       portico.yaml:3:1   edge: other
                          ^^^^
       portico.yaml:1:1   edge: app
                          ^^^^ the first one

       Only one of the two values can apply, and which one depends on the parser. Remove one of them, or
       merge their values.                                            portico finding yaml-duplicate-key
    "
  `);
});
test("an unclosed bracket", async () => {
  expect(await said("edge: app\nsites: [{ host: a.example }\nbackends: {}\n")).toMatchInlineSnapshot(`
    "error  yaml-syntax
       an earlier [ is not closed by ] before this place, or its content is not indented

       portico.yaml:3:1   backends: {}
                          ^

       The file is not valid YAML, and Portico reads none of it. Write ] at its end, and indent its
       content.                                                              portico finding yaml-syntax
    "
  `);
});
test("a missing colon", async () => {
  expect(await said("edge: app\nnamespace web\nsites: []\n")).toMatchInlineSnapshot(`
    "error  yaml-syntax   the key has no \`:\` after it on the same line

       portico.yaml:2:1   namespace web
                          ^^^^^^^^^^^^^

       The file is not valid YAML, and Portico reads none of it. Write \`key: value\`, or indent the line
       as part of the value above it.                                        portico finding yaml-syntax
    "
  `);
});
test("a second colon", async () => {
  expect(await said("edge: app: web\n")).toMatchInlineSnapshot(`
    "error  yaml-syntax   the value contains a second \`: \`

       portico.yaml:1:7   edge: app: web
                                ^

       The file is not valid YAML, and Portico reads none of it. Put the value in quotes. If it is a
       map, write it on indented lines of its own.                           portico finding yaml-syntax
    "
  `);
});
test("a reserved first character", async () => {
  expect(await said("edge: @app\n")).toMatchInlineSnapshot(`
    "error  yaml-syntax   a value cannot begin with @ unless it is in quotes

       portico.yaml:1:7   edge: @app
                                ^

       The file is not valid YAML, and Portico reads none of it. Put the whole value in quotes: "…".
                                                                             portico finding yaml-syntax
    "
  `);
});
test("a wildcard host without quotes is an alias", async () => {
  expect(await said("edge: app\nsites:\n  - host: *.example.com\n")).toMatchInlineSnapshot(`
    "error  yaml-alias-undefined
       \`*.example.com\` without quotes is an alias, and no anchor has that name

       portico.yaml:3:11   - host: *.example.com
                                   ^^^^^^^^^^^^^

       In YAML, a value that starts with \`*\` refers to another value. Put it in quotes: "*.example.com".
                                                                    portico finding yaml-alias-undefined
    "
  `);
});
test("a bad escape", async () => {
  expect(await said('edge: "\\q"\n')).toMatchInlineSnapshot(`
    "error  yaml-syntax   invalid escape sequence \\q in double quotes

       portico.yaml:1:8   edge: "\\q"
                                 ^

       The file is not valid YAML, and Portico reads none of it. Write \\\\ for a backslash, or use single
       quotes, which need no escape.                                         portico finding yaml-syntax
    "
  `);
});
test("wrong indentation", async () => {
  expect(
    await said("edge: app\nsites:\n    - host: a.example\n  - host: b.example\n"),
  ).toMatchInlineSnapshot(`
    "error  yaml-syntax
       this list entry is indented with 2 spaces, and no entry above has this indentation

       portico.yaml:4:3   - host: b.example
                          ^

       The file is not valid YAML, and Portico reads none of it. Indent it with 4 spaces, like the dash
       in line 3.                                                            portico finding yaml-syntax
    "
  `);
});
test.each([
  [
    "a key level with its dash",
    "sites:\n  - host: a.example\n  routes:\n    - { to: web }\n",
    "`routes` starts in the column of the dash in line 3, where only the next `-` of that list is allowed",
    "Indent it with 4 spaces to put it into the list entry of line 3, next to `host`, or with no spaces to put it after the list, next to `sites`.",
    "portico.yaml:4:3",
  ],
  [
    "a key between two columns",
    "sites:\n  - host: a.example\n   routes: []\n",
    "`routes` is indented with 3 spaces, and no entry above has this indentation",
    "Indent it with 4 spaces, like `host` (line 3), or with no spaces, like `sites` (line 2).",
    "portico.yaml:4:4",
  ],
  [
    "a key below a value",
    "sites:\n  - host: a.example\n      routes: []\n",
    "`routes` is indented more than `host` (line 3), which already has a value",
    "Indent it with 4 spaces, like `host`.",
    "portico.yaml:4:7",
  ],
  [
    "a list entry in the column of a key",
    "sites:\n  - host: a.example\n    - host: b.example\n",
    "this list entry starts in the column of the key `host` (line 3), and a map has only keys",
    "or with 2 spaces, like the dash in line 3.",
    "portico.yaml:4:5",
  ],
  [
    "a list entry below one that is complete",
    "sites:\n  - host: a.example\n    routes:\n     - { to: web }\n      - { path: /a, to: web }\n",
    "this list entry is indented more than the dash in line 5, and its entry ends on that line",
    "Indent it with 5 spaces, like the dash in line 5.",
    "portico.yaml:6:7",
  ],
  [
    "a key below a list entry that is complete",
    "sites:\n  - host: a.example\n    routes:\n     - { to: web }\n       path: /a\n",
    "`path` is indented more than the dash in line 5, and its entry ends on that line",
    "Indent it with 4 spaces, like `routes` (line 4), or with no spaces, like `sites` (line 2), or write it inside that entry.",
    "portico.yaml:6:8",
  ],
])("wrong indentation: %s", async (_, rest, what, remedy, place) => {
  const text = (await said(`edge: app\n${rest}`)).replace(/\s+/g, " ");
  expect(text).toContain(what);
  expect(text).toContain(remedy);
  expect(text).toContain(place);
});
test.each([
  ["the first key", "edge:app\nsites: []\n", "`edge:`", "Write `edge: app`.", "portico.yaml:1:1"],
  [
    "a key after a dash",
    "sites:\n  - host:a.example\n    routes: []\n",
    "`host:`",
    "Write `host: a.example`.",
    "portico.yaml:2:5",
  ],
  ["a path", "sites:\n  - path:/a\n    to: web\n", "`path:`", "Write `path: /a`.", "portico.yaml:2:5"],
  [
    "a map in braces",
    "sites:\n  - { host:a.example }\n",
    "`host:`",
    "Write `host: a.example`.",
    "portico.yaml:2:5",
  ],
])("no space after the colon: %s", async (_, yaml, key, remedy, place) => {
  const text = (await said(yaml)).replace(/\s+/g, " ");
  expect(text).toContain(`no space after the \`:\` of ${key}`);
  expect(text).toContain(remedy);
  expect(text).toContain(place);
});
test("a key that is an address is not taken for a colon without space", async () => {
  expect(await said("http://a.example\nsites: []\n")).not.toContain("no space");
});
test("an alias without anchor", async () => {
  expect(await said("edge: *name\n")).toMatchInlineSnapshot(`
    "error  yaml-alias-undefined   no anchor \`&name\` before this alias

       portico.yaml:1:7   edge: *name
                                ^^^^^

       The alias has no value. Name an anchor that ends before this place.
                                                                    portico finding yaml-alias-undefined
    "
  `);
});
test("an alias within its own anchor", async () => {
  expect(await said("edge: app\nsites: &all [*all]\n")).toMatchInlineSnapshot(`
    "error  yaml-alias-undefined   \`*all\` is inside the value that it repeats

       portico.yaml:2:14   sites: &all [*all]
                                        ^^^^

       The alias has no value. Name an anchor that ends before this place.
                                                                    portico finding yaml-alias-undefined
    "
  `);
});
test("a tag", async () => {
  expect(await said("edge: !secret app\n")).toMatchInlineSnapshot(`
    "error  yaml-tag   the tag !secret is not supported in a description

       portico.yaml:1:7   edge: !secret app
                                ^^^^^^^

       A description is plain data: text, numbers, true, false, lists and maps. Remove the tag, and
       write text in quotes.                                                    portico finding yaml-tag
    "
  `);
});
test("a key that is not text", async () => {
  expect(await said("edge: app\n? [a, b]\n: c\n")).toMatchInlineSnapshot(`
    "error  yaml-key-not-text   the key is a list, a map or an alias

       portico.yaml:2:3   ? [a, b]
                            ^

       Every key of a description is a name. Write the key as text.    portico finding yaml-key-not-text
    "
  `);
});
test("a merge key whose value is not a map", async () => {
  expect(await said("edge: app\nlimits:\n  <<: 5\n")).toMatchInlineSnapshot(`
    "error  yaml-alias-undefined   \`<<\` needs a map or a list of maps

       portico.yaml:3:3   <<: 5
                          ^^

       Only the entries of a map can be merged into another. Write \`<<: *anchor\` with the anchor of a
       map.                                                         portico finding yaml-alias-undefined
    "
  `);
});
test("several documents", async () => {
  expect(await said("edge: app\n---\nedge: other\n")).toMatchInlineSnapshot(`
    "error  yaml-multiple-documents   a second YAML document starts here

       portico.yaml:3:1   edge: other
                          ^

       A file describes one edge, and Portico would ignore everything after \`---\`. Move the second
       document to a file of its own.                            portico finding yaml-multiple-documents
    "
  `);
});
test("an empty file", async () => {
  expect(await said("")).toMatchInlineSnapshot(`
    "error  description-empty   portico.yaml is empty

       portico.yaml:1:1

       It contains only white space and comments. Start with \`edge:\` and \`sites:\`, or run \`portico init\`
       to write a first description.                                   portico finding description-empty
    "
  `);
});
test("only comments", async () => {
  expect(await said("# nothing yet\n---\n")).toContain("description-empty");
});
test("a list", async () => {
  expect(await said("- edge: app\n")).toMatchInlineSnapshot(`
    "error  wrong-type   a description is a map, not a list

       portico.yaml:1:1   - edge: app
                          ^^^^^^^^^^^

       One edge: the entrance of a Kubernetes cluster. Start with \`edge:\` and \`sites:\`.
                                                                              portico finding wrong-type
    "
  `);
});
test("a text", async () => {
  expect(await said("just some words\nover two lines\n")).toMatchInlineSnapshot(`
    "error  wrong-type   a description is a map, not the text "just some words over two lines"

       portico.yaml:1:1   just some words
                          ^^^^^^^^^^^^^^^

       One edge: the entrance of a Kubernetes cluster. Start with \`edge:\` and \`sites:\`.
                                                                              portico finding wrong-type
    "
  `);
});
test("a prototype as a key", async () => {
  expect(await said("edge: app\nbackends:\n  __proto__: { service: app }\n")).toMatchInlineSnapshot(`
    "error  unknown-key   \`__proto__\` cannot be a key

       portico.yaml:3:3   __proto__: { service: app }
                          ^^^^^^^^^

       In JavaScript it is the prototype of an object, not an entry. Use another name.
                                                                             portico finding unknown-key
    "
  `);
});
test("a NUL byte", async () => {
  expect(await said("edge: a\0b\n")).toMatchInlineSnapshot(`
    "error  description-not-text   a NUL byte is here: this is not text

       portico.yaml:1:8

       A description is text in UTF-8. Save the file as UTF-8, or name another file.
                                                                    portico finding description-not-text
    "
  `);
});
test("bytes that are not UTF-8", async () => {
  expect(
    await said(Uint8Array.of(0x65, 0x64, 0x67, 0x65, 0x3a, 0x0a, 0x20, 0xff, 0x0a)),
  ).toMatchInlineSnapshot(`
    "error  description-not-text   bytes here are not UTF-8

       portico.yaml:2:2

       A description is text in UTF-8. Save the file as UTF-8, or name another file.
                                                                    portico finding description-not-text
    "
  `);
});
test("UTF-16", async () => {
  expect(await said(Buffer.from("\ufeffedge: app\n", "utf16le"))).toMatchInlineSnapshot(`
    "error  description-not-text   this is UTF-16, not UTF-8

       portico.yaml:1:4

       A description is text in UTF-8. Save the file as UTF-8, or name another file.
                                                                    portico finding description-not-text
    "
  `);
});

test("an alias bomb is refused before it is followed", async () => {
  const levels = "bcdefghij"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(", ")}]`);
  expect(await said(`a: &a [x, x, x, x, x, x, x, x, x]\n${levels.join("\n")}\n`)).toMatchInlineSnapshot(`
    "error  yaml-alias-bomb   the aliases of the file expand to more than 2,000,000 values

       portico.yaml:7:16   g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]
                                          ^^

       Aliases of aliases multiply: a few lines can use all memory. Write the values without aliases, or
       generate them in \`portico.config.ts\`.                             portico finding yaml-alias-bomb
    "
  `);
});

test.each([
  ["brackets", `edge: ${"[".repeat(100_000)}`],
  ["braces", `edge: ${"{a: ".repeat(100_000)}`],
  ["dashes", "- ".repeat(100_000)],
  ["closed brackets", `edge: ${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["indentation", Array.from({ length: 3_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
])("a hundred thousand %s end in a finding", async (_, text) => {
  const { value, findings } = await load({ "portico.yaml": text });
  expect(value).toBeUndefined();
  expect(findings).toMatchObject([{ code: "yaml-too-deep", at: [{ file: "portico.yaml" }] }]);
});

test("50 MB are refused without being read", async () => {
  expect(await said(Buffer.alloc(50_000_000, "# x\n"))).toMatchInlineSnapshot(`
    "error  description-too-large   portico.yaml has 48 MiB

       A description has at most 8 MiB; ten thousand routes need about 1 MiB. Name another file, or
       generate the routes in \`portico.config.ts\`.                 portico finding description-too-large
    "
  `);
});

test("anchors and merge keys are allowed, and a map's own keys win", async () => {
  const text = [
    "edge: app",
    "sites: [{ host: a.example, routes: [{ to: app }] }]",
    "backends:",
    "  app: &defaults { service: app, port: 80, retries: 2 }",
    "  other:",
    "    <<: *defaults",
    "    service: other",
  ].join("\n");
  const { value } = await load({ "portico.yaml": text });
  expect(value?.edge.backends).toEqual({
    app: { service: "app", port: 80, retries: 2 },
    other: { service: "other", port: 80, retries: 2 },
  });
});

test("Windows line ends and a byte order mark change nothing", async () => {
  const { value, findings } = await load({
    "portico.yaml":
      "\ufeffedge: app\r\nsites:\r\n  - host: a.example\r\n    routes: [{ to: app }]\r\nbackends: { app: { service: app } }\r\n",
  });
  expect(findings).toEqual([]);
  expect(value?.edge.edge).toBe("app");
  expect(value?.positionOf(["sites", 0, "host"])).toEqual({
    file: "portico.yaml",
    line: 3,
    column: 11,
    length: 9,
  });
});

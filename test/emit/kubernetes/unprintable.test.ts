// Control characters: one-line values with them are refused, and every YAML parser reads bodies with them unchanged.
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { because, printManifest } from "../../../src/emit/kubernetes/manifest.ts";
import { load } from "../../description/written.ts";

/** Characters that YAML parsers do not accept unescaped (Go's yaml.v2 and yaml.v3 in kubectl, PyYAML), or treat as a line break. */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

const CHARACTERS = [
  ["a C0 control character", "\u0001"],
  ["ESC", "\u001b"],
  ["DEL", "\u007f"],
  ["the first C1 control character", "\u0080"],
  ["NEL", "\u0085"],
  ["CSI", "\u009b"],
  ["the last C1 control character", "\u009f"],
  ["a line separator", "\u2028"],
  ["a paragraph separator", "\u2029"],
  ["a byte order mark", "\ufeff"],
  ["a noncharacter", "\ufffe"],
  ["another noncharacter", "\uffff"],
] as const;
const LINES_ONLY = [
  ["a change of direction", "\u202e"],
  ["an isolate", "\u2066"],
  ["half a character", "\ud800"],
] as const;

describe.each([...CHARACTERS, ...LINES_ONLY])("%s", (_, character) => {
  test.each([
    ["an annotation", { public: { loadBalancer: { kind: "service", annotations: { "x.io/a": "TEXT" } } } }],
    ["a path", { sites: [{ host: "a.example", routes: [{ path: "/TEXT", to: "app" }] }] }],
    [
      "a header",
      { sites: [{ host: "a.example", routes: [{ to: "app", requestHeaders: { set: { a: "TEXT" } } }] }] },
    ],
    ["a host", { sites: [{ host: "TEXT.example", routes: [{ to: "app" }] }] }],
    ["a location", { sites: [{ host: "a.example", redirect: { to: "https://a.example/TEXT" } }] }],
    ["a raw line", { haproxy: { raw: ["# TEXT"] } }],
    ["the edge's name", { edge: "TEXT" }],
  ])("is refused in %s", async (_field, part) => {
    const described = {
      edge: "app",
      sites: [{ host: "a.example", routes: [{ to: "app" }] }],
      backends: { app: { service: "app", port: 8080 } },
      ...part,
    };
    // As a JSON escape, which is valid YAML: the description's own parser accepts it.
    const text = JSON.stringify(described).replace("TEXT", `x\\u${hex(character)}y`);
    const { value, findings } = await load({ "portico.yaml": text });
    expect(value).toBeUndefined();
    expect(findings.map(({ code }) => code)).toContain("invalid-value");
  });
});

describe.each(CHARACTERS)("a text of several lines with %s", (_, character) => {
  const text = `one ${character} two\n  three${character}\n`;
  const { content } = printManifest({
    file: "config-map.yaml",
    about: `about ${character}`,
    object: {
      kind: "ConfigMap",
      data: { body: text, plain: because(`x${character}`, `because ${character}`) },
    },
  });

  test("is in the file without the character itself", () => {
    expect(content).not.toMatch(UNPRINTABLE);
  });

  test.each(["1.1", "1.2"] as const)("is read back unchanged with YAML %s", (version) => {
    expect(parse(content, { version })).toMatchObject({ data: { body: text, plain: `x${character}` } });
  });
});

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}

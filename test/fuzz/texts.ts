// Texts that configuration files, HTTP and URLs interpret differently, and plain ones.
import fc from "fast-check";

/** Header values of a description: each must be sent unchanged. */
const nastyValues = [
  "",
  "1",
  "beta",
  "a b",
  "a,b",
  "a, b",
  "a|b",
  "a=b",
  "a:b",
  "100%",
  "%31",
  "%[src]",
  "%%[src]",
  "${HOME}",
  "$HOME",
  '"',
  '"quoted"',
  "'",
  "it's",
  "\\",
  "\\n",
  "a\\ b",
  "#",
  "a #b",
  "{",
  "}",
  "{ a }",
  "if TRUE",
  "unless FALSE",
  "é",
  "日本",
  "😀",
  "x;y",
  "a&b",
  "+",
  "a+b",
  "*",
  "<b>",
  "~",
  "!",
  "`id`",
  "(",
  "%",
  "-i",
  "-m",
  "--",
  "or",
  "||",
] as const;

export const headerValueText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...nastyValues) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 12 }).map((text) => text.trim()) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: "grapheme", maxLength: 6 })
      .map((text) => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, "").trim()),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("x", "é", "%"), fc.integer({ min: 200, max: 1000 }))
      .map(([unit, count]) => unit.repeat(count)),
  },
);

/** Header values with values of the request; `{{` is a brace. */
export const editedHeaderText: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: headerValueText.map((text) => text.replaceAll("{", "{{")) },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.constantFrom(
          "{client.ip}",
          "{request.host}",
          "{request.path}",
          "{request.query}",
          "{scheme}",
          "{listener.port}",
          "{header.x-a}",
          "{header.X_C}",
          "{header.Cookie}",
          "{header.x-forwarded-for}",
          "{header.user-agent}",
          "{{",
          "}",
          "%[src]",
          "é",
          " ",
          '"',
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((parts) => parts.join("").trim()),
  },
);

/** Names that hop-by-hop rules and framing do not affect, in several spellings. */
export const editedHeaderName = fc.constantFrom(
  "x-a",
  "X-A",
  "x-b",
  "X-Edge",
  "x-forwarded-for",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "Forwarded",
  "Cookie",
  "Accept",
  "x_y",
  "Via",
  "Server",
  "Strict-Transport-Security",
  "Location",
  "Cache-Control",
  "Vary",
  "X-Frame-Options",
);
export const matchedHeaderName = fc.constantFrom(
  "x-a",
  "X-A",
  "x-b",
  "x_c",
  "cookie",
  "accept",
  "User-Agent",
  "x-forwarded-proto",
  "host",
  "upgrade",
);
export const queryName = fc.constantFrom("q", "v", "Q", "a.b", "x~y", "x-y", "_", "qq");

export const bodyText = fc.oneof(
  fc.constantFrom("", "gone\n", "%[src] ${HOME} \"x\" 'y' # \\", "é😀", "a\0b", "\r\n\r\n"),
  fc.string({ unit: "grapheme", maxLength: 40 }),
);

const segment = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b", "ab", "A", "c") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "a.b",
      "~",
      "a+b",
      "-",
      "...",
      ".a",
      "x,y",
      "a;v=1",
      "a=b",
      "(a)",
      "a'b",
      "!$&*@:",
      "v1",
    ),
  },
);
/** Texts with a meaning only in the normal form. */
const encodedSegment = fc.constantFrom(
  "é",
  "a b",
  "a%2Fb",
  "a%2fb",
  "%61",
  "%25",
  "%22",
  "%5C",
  "日",
  "%7Bx%7D",
);
/** Texts that only `paths: as-is` distinguishes. */
const literalSegment = fc.constantFrom(
  "",
  ".",
  "..",
  "%61",
  "%zz",
  "%",
  "{a}",
  '"',
  "\\",
  "a|b",
  "<",
  "^",
  "`",
);

/** A path as a description may write it. */
export function describedPath(paths: "normal" | "as-is"): fc.Arbitrary<string> {
  const special = paths === "normal" ? encodedSegment : literalSegment;
  return fc
    .tuple(
      fc.array(fc.oneof({ weight: 9, arbitrary: segment }, { weight: 1, arbitrary: special }), {
        maxLength: 3,
      }),
      fc.nat(5),
    )
    .map(
      ([segments, slash]) =>
        `/${segments.join("/")}${slash === 0 && segments.length > 0 && segments.at(-1) !== "" ? "/" : ""}`,
    );
}

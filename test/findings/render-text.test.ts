// Findings as text: lines with carets, wrapped, whatever the content of the line.
import fc from "fast-check";
import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import { columnsOf } from "../../src/findings/columns.ts";
import type { Finding, Position } from "../../src/findings/finding.ts";
import { renderText } from "../../src/findings/render-text.ts";

const ELB = `${"\n".repeat(53)}  instance_ports = ["31001"]\n`;
const SERVICE = `${"\n".repeat(13)}    - { port: 9000, nodePort: 31001 }\n`;
const CFG = `${"\n".repeat(37)}  bind *:9000\n`;

const ONE_SIDED: Finding = {
  code: "proxy-protocol-one-sided",
  severity: "error",
  what: "the load balancer sends PROXY headers that HAProxy does not expect",
  why: "Every HTTPS request fails with 400.",
  remedy: "Write `bind *:9000 accept-proxy`, or remove 31001 from the policy.",
  at: [
    { file: "elb.tf", line: 54, column: 21, length: 7, note: "sent to node port 31001" },
    { file: "service.yaml", line: 14, column: 19, length: 15 },
    { file: "haproxy.cfg", line: 38, column: 3, length: 11, note: "reads them as a request" },
  ],
};
const SOURCES = new Map([
  ["elb.tf", ELB],
  ["service.yaml", SERVICE],
  ["haproxy.cfg", CFG],
]);

/** A finding about one place of one line. */
function about(line: string, at: Partial<Position>, width?: number): string {
  const finding: Finding = {
    code: "no-listener",
    severity: "warning",
    what: "what",
    why: "Why.",
    remedy: "Remedy.",
    at: [{ file: "f", line: 1, column: 1, ...at }],
  };
  return renderText([finding], {
    sources: new Map([["f", line]]),
    ...(width === undefined ? {} : { width }),
  });
}

/** The line and the carets under it. */
function frame(line: string, at: Partial<Position>, width?: number): string {
  return about(line, at, width).split("\n").slice(2, 4).join("\n");
}

test("several places, each with its role", () => {
  expect(renderText([ONE_SIDED], { sources: SOURCES })).toMatchInlineSnapshot(`
    "error  proxy-protocol-one-sided   the load balancer sends PROXY headers that HAProxy does not expect

       elb.tf:54:21         instance_ports = ["31001"]
                                              ^^^^^^^ sent to node port 31001
       service.yaml:14:19   - { port: 9000, nodePort: 31001 }
                                          ^^^^^^^^^^^^^^^
       haproxy.cfg:38:3     bind *:9000
                            ^^^^^^^^^^^ reads them as a request

       Every HTTPS request fails with 400. Write \`bind *:9000 accept-proxy\`, or remove 31001 from the
       policy.                                                  portico finding proxy-protocol-one-sided
    "
  `);
});

test("80 columns omit nothing", () => {
  const text = renderText([ONE_SIDED], { sources: SOURCES, width: 80 });
  expect(text).toMatchInlineSnapshot(`
    "error  proxy-protocol-one-sided
       the load balancer sends PROXY headers that HAProxy does not expect

       elb.tf:54:21         instance_ports = ["31001"]
                                              ^^^^^^^ sent to node port 31001
       service.yaml:14:19   - { port: 9000, nodePort: 31001 }
                                          ^^^^^^^^^^^^^^^
       haproxy.cfg:38:3     bind *:9000
                            ^^^^^^^^^^^ reads them as a request

       Every HTTPS request fails with 400. Write \`bind *:9000 accept-proxy\`, or
       remove 31001 from the policy.        portico finding proxy-protocol-one-sided
    "
  `);
  expect(Math.max(...text.split("\n").map(columnsOf))).toBeLessThanOrEqual(80);
});

test("a place whose text is unavailable is named", () => {
  expect(renderText([ONE_SIDED], { sources: new Map() })).toMatchInlineSnapshot(`
    "error  proxy-protocol-one-sided   the load balancer sends PROXY headers that HAProxy does not expect

       elb.tf:54:21   sent to node port 31001
       service.yaml:14:19
       haproxy.cfg:38:3   reads them as a request

       Every HTTPS request fails with 400. Write \`bind *:9000 accept-proxy\`, or remove 31001 from the
       policy.                                                  portico finding proxy-protocol-one-sided
    "
  `);
});

test("a finding without a place", () => {
  expect(renderText([{ ...ONE_SIDED, at: [] }], { sources: SOURCES })).toMatchInlineSnapshot(`
    "error  proxy-protocol-one-sided   the load balancer sends PROXY headers that HAProxy does not expect

       Every HTTPS request fails with 400. Write \`bind *:9000 accept-proxy\`, or remove 31001 from the
       policy.                                                  portico finding proxy-protocol-one-sided
    "
  `);
});

test("no findings, no text", () => {
  expect(renderText([], { sources: SOURCES })).toBe("");
});

test("findings over the limit are counted", () => {
  const text = renderText(Array(25).fill({ ...ONE_SIDED, at: [] }), { sources: SOURCES, limit: 3 });
  expect(text.match(/^error/gm)).toHaveLength(3);
  expect(text.endsWith("\n\n… and 22 more\n")).toBe(true);
});

describe("colour", () => {
  const redBegins = picocolors.createColors(true).red("").slice(0, 2);
  test("is present only on request", () => {
    expect(renderText([ONE_SIDED], { sources: SOURCES })).not.toContain(redBegins);
    expect(renderText([ONE_SIDED], { sources: SOURCES, colour: true })).toContain(redBegins);
  });
  test("changes only the colour", () => {
    const stripped = renderText([ONE_SIDED], { sources: SOURCES, colour: true }).replaceAll(
      new RegExp(`${redBegins.replace("[", "\\[")}\\d+m`, "g"),
      "",
    );
    expect(stripped).toBe(renderText([ONE_SIDED], { sources: SOURCES }));
  });
});

describe("a line", () => {
  test("is shown without its indentation", () => {
    expect(frame("      to: app", { column: 11, length: 3 })).toBe(
      "   f:1:11   to: app\n                ^^^",
    );
  });
  test("with tabs", () => {
    expect(frame("\ta:\tb", { column: 5 })).toBe("   f:1:5   a:  b\n               ^");
  });
  test("with wide characters", () => {
    expect(frame("漢字: 値", { column: 5 })).toBe("   f:1:5   漢字: 値\n                 ^^");
  });
  test("with an emoji of several code points", () => {
    expect(frame("👩‍🚀e\u0301: x", { column: 10 })).toBe(
      `   f:1:10   👩‍🚀e\u0301: x\n${" ".repeat("   f:1:10   ".length + "EEe: ".length)}^`,
    );
  });
  test("with terminal control sequences", () => {
    expect(frame("a: \u001b[31mred\u202e", { column: 4, length: 8 })).toBe(
      "   f:1:4   a: �[31mred�\n              ^^^^^^^^",
    );
  });
  test("that ends before the place", () => {
    expect(frame("ab", { column: 9 })).toBe("   f:1:9   ab\n             ^");
  });
  test("that does not exist", () => {
    expect(frame("ab", { line: 7 })).toBe("   f:7:1\n");
  });
  test("with a carriage return", () => {
    expect(frame("ab\r\ncd\r\n", { line: 2, column: 2 })).toBe("   f:2:2   cd\n            ^");
  });
  test("of 10,000 characters is cut around the place", () => {
    const line = `${"a".repeat(6_000)}HERE${"b".repeat(4_000)}`;
    const text = frame(line, { column: 6_001, length: 4 }, 60);
    expect(text).toMatchInlineSnapshot(`
      "   f:1:6001   …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaHEREbbbbbbbbbb…
                                                   ^^^^"
    `);
  });
  test("of 10,000 characters is cut at its end when the place is at its beginning", () => {
    expect(frame(`HERE${"b".repeat(9_996)}`, { length: 4 }, 40)).toMatchInlineSnapshot(`
      "   f:1:1   HEREbbbbbbbbbbbbbbbbbbbbbbb…
                 ^^^^"
    `);
  });
  test("that is marked completely is cut", () => {
    expect(frame("x".repeat(10_000), { length: 10_000 }, 40)).toMatchInlineSnapshot(`
      "   f:1:1   xxxxxxxxxxxxxxxxxxxxxxxxxxx…
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^"
    `);
  });
});

describe("for any texts", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 300 });
  const position = fc.record({
    file: fc.constantFrom("f", "some/long/folder/portico.yaml"),
    line: fc.integer({ min: 1, max: 4 }),
    column: fc.integer({ min: 1, max: 400 }),
    length: fc.integer({ min: 1, max: 400 }),
    note: anyText,
  });
  const finding = fc.record({
    code: fc.constant("no-listener"),
    severity: fc.constantFrom("error" as const, "warning" as const, "note" as const),
    what: anyText,
    why: anyText,
    remedy: anyText,
    at: fc.array(position, { maxLength: 3 }),
  });

  test("no line is wider than requested, and no control character is printed", () => {
    fc.assert(
      fc.property(
        fc.array(finding, { maxLength: 2 }),
        anyText,
        fc.integer({ min: 60, max: 120 }),
        (findings, source, width) => {
          const sources = new Map([
            ["f", source],
            ["some/long/folder/portico.yaml", `${source}\n${source}`],
          ]);
          const text = renderText(findings, { sources, width });
          // A tab, a carriage return, an escape or a change of direction would let a description rewrite the screen.
          expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
          for (const line of text.split("\n"))
            expect(columnsOf(line)).toBeLessThanOrEqual(Math.min(width, 100));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

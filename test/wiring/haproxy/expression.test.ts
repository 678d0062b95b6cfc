// Sample expressions and their second level of quoting, as HAProxy reads them.

import { describe, expect, test } from "vitest";
import { quoteArgument, readExpression, readFormat } from "../../../src/wiring/haproxy/expression.ts";
import { quoteWord } from "../../../src/wiring/haproxy/quoting.ts";
import { queryHaproxy } from "../haproxy-readings.ts";

const names = (text: string): unknown =>
  readExpression(text)?.calls.map((call) => [call.name, ...call.arguments.map((argument) => argument.value)]);

describe("expressions", () => {
  test.each([
    ["src", [["src"]]],
    ["req.hdr(host),lower,map_str(/a.map,x)", [["req.hdr", "host"], ["lower"], ["map_str", "/a.map", "x"]]],
    ["path,map_str('/a,b).map')", [["path"], ["map_str", "/a,b).map"]]],
    ['path,map_str(/a"x y"\\ z)', [["path"], ["map_str", "/ax y z"]]],
    ["path,map_str(/a(b)", [["path"], ["map_str", "/a(b"]]],
    ["var(),field(1,)", [["var"], ["field", "1", ""]]],
  ])("%s", (text, calls) => {
    expect(names(text)).toEqual(calls);
    expect(readExpression(text)?.end).toBe(text.length);
  });

  test.each(["", "(", "a(", "a(b", "a('b)"])("%j is not an expression", (text) => {
    expect(readExpression(text)).toBeUndefined();
  });

  test("formats may contain several; %% and names are not expressions", () => {
    const found = readFormat("%% %ci %[src] %%[no] %{+Q}[path,map(/a]b)]-%(n)[fc_pp_authority] %[");
    expect(found.map((one) => one.calls.map((call) => call.name))).toEqual([
      ["src"],
      ["path", "map"],
      ["fc_pp_authority"],
    ]);
  });
});

describe("arguments", () => {
  test.each([
    "/m/plain.map",
    "/m/a,b",
    "/m/a)b(c",
    "/m/it's",
    '/m/a"b',
    "/m/a\\nb",
    "/m/a b",
    "/m/a]b",
    "/m/$x",
    "/m/a#b",
    "/m/'\"'",
  ])("HAProxy opens the same file %s", (path) => {
    const expression = `path,map_str(${quoteArgument(path)},none)`;
    expect(names(expression)).toEqual([["path"], ["map_str", path, "none"]]);
    for (const rule of [
      `set-var(txn.a) ${quoteWord(expression)}`,
      `set-header a ${quoteWord(`%[${expression}]`)}`,
    ]) {
      const { output } = queryHaproxy(
        `frontend f\n mode http\n timeout client 1s\n bind 127.0.0.1:65000\n http-request ${rule}\n`,
      );
      expect(output).toContain(`open pattern file <${path}>`);
    }
  });
});

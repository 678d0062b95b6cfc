// Which regular expressions are refused because of exponential backtracking, and which are not.
import { describe, expect, test } from "vitest";
import { regexProblem } from "../../src/description/regex.ts";
import { growthOf } from "../../src/description/regex-explosion.ts";

describe("bounded", () => {
  test.each([
    String.raw`\.(?:js|css|png)$`,
    String.raw`^/static/(?:[a-z0-9_-]+/)*[a-z0-9_.-]+\.(?:js|css)$`,
    "^(/[a-z0-9-]+)+/edit$",
    "^/([a-z]+(-[a-z]+)*/)+x?$",
    String.raw`^/a/.*/b/.*\.html$`,
    "(?:[^/]+/)+x",
    String.raw`^([a-z]+\.)*example\.com$`,
    String.raw`^(?:/[^/]+)*/\d+(?:/[^/]+)*$`,
    String.raw`(\d+,)*\d+$`,
    "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    "^([0-9a-f]{2})+$",
    "^([0-9a-f]{2}){16}$",
    String.raw`^(?:[a-z]{1,63}\.)+[a-z]{2,63}$`,
    String.raw`^\S{1,400}$`,
    "a*a*a*b",
    "a{0,65535}",
    "(a|b|c|[0-9])*x",
    "(|a)*b",
    "(a+)?(b+)?",
    "((?=.*x)a)*",
    String.raw`[)(|]*[^\]()]+\(\)*`,
  ])("%s", (source) => {
    expect(growthOf(source)).toBe("bounded");
    expect(regexProblem(source)).toBeUndefined();
  });
});

describe("exponential", () => {
  test.each([
    "^/(a+)+$",
    "(a*)*b",
    "(a|a)*$",
    "(a|aa)+$",
    "(.*)*x",
    "(x+x+)+y",
    "(a?b?)*c",
    "((ab)*)*c",
    "(?:a{1,3})*b",
    "(?:a+){10,}$",
    "(a{1,20}){1,20}$",
    "(a*a*b)*c",
    "(?=(a+)+$)",
    "(?!(a+)+b)a",
    String.raw`^(\w+\s?)*$`,
    String.raw`(\w|\d)+$`,
    String.raw`([\w.-]+)+@`,
    "^(/[a-z/]+)+x$",
    "(.*a){12}",
    String.raw`((\x61|a)b)*c`,
  ])("%s", (source) => {
    expect(growthOf(source)).toBe("exponential");
    expect(regexProblem(source)).toContain("exponential backtracking");
  });
});

describe("too large to rule out exponential backtracking", () => {
  test.each([
    "(?:a{900}b{900})*",
    "(?:a{1,5000})*b",
    String.raw`(?:\w{1,400}\d{1,400})*x`,
    `(?:${"(a|b|c)?".repeat(60)}x)*`,
  ])("%s", (source) => {
    expect(growthOf(source)).toBe("unclear");
    expect(regexProblem(source)).toContain("too large to rule out exponential backtracking");
  });
});

// 200 characters that the loop matches, and then another: an exponential search would not end.
test("an engine that backtracks completes the search of a bounded expression", () => {
  for (const [source, text] of [
    ["^(/[a-z0-9-]+)+/edit$", `${"/ab".repeat(70)}!`],
    ["^/([a-z]+(-[a-z]+)*/)+x?$", `${"/ab-cd".repeat(40)}!`],
    ["^/static/(?:[a-z0-9_-]+/)*[a-z0-9_.-]+\\.(?:js|css)$", `/static/${"ab/".repeat(70)}a.jsx`],
    ["(\\d+,)*\\d+$", `${"12,".repeat(70)}!`],
  ] as const) {
    expect(new RegExp(source, "u").test(text)).toBe(false);
  }
});

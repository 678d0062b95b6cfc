// Headers with credentials, in JSON of every structure, and in differences.
import { expect, test } from "vitest";
import {
  changeText,
  isCredentialHeader,
  maskedDifference,
  maskedHeader,
  maskedJson,
} from "../../src/findings/credentials.ts";
import { HiddenText } from "../../src/findings/hidden-text.ts";

test.each([
  ["Authorization", "Basic YTpi", "Basic ***"],
  ["authorization", "Bearer a.b.c", "Bearer ***"],
  ["authorization", "my secret", "***"],
  ["proxy-authorization", "Digest username=x", "Digest ***"],
  ["cookie", "a=1; b=2", "a=***; b=***"],
  [
    "set-cookie",
    "srv=abc; Path=/; HttpOnly; Expires=Wed, 21 Oct 2026, t=x",
    "srv=***; Path=/; HttpOnly; Expires=Wed, 21 Oct 2026, t=***",
  ],
  ["x-api-key", "abc", "***"],
  ["X-Amz-Security-Token", "abc", "***"],
  ["ocp-apim-subscription-key", "abc", "***"],
  ["x-beta", "1", "1"],
  ["sec-websocket-key", "abc", "abc"],
  ["idempotency-key", "abc", "abc"],
])("%s: %s", (name, value, shown) => {
  expect(maskedHeader(name, value)).toBe(shown);
  expect(isCredentialHeader(name)).toBe(shown !== value);
});

test("JSON has them masked as pairs, as objects, as records, as lines and as secrets", () => {
  const data = {
    headers: [["authorization", "Basic abc"]],
    match: [{ name: "x-api-key", kind: "exact", value: "abc" }],
    seen: { cookie: "a=abc", "header authorization seen": "Bearer abc" },
    sticky: { cookie: "server" },
    raw: ["stats auth a:abc"],
    password: new HiddenText("abc"),
    differences: [{ what: "header authorization seen", expected: "Basic abc", got: "Basic abcd" }],
  };
  const text = maskedJson(data);
  expect(text).not.toContain("abc");
  expect(JSON.parse(text)).toEqual({
    headers: [["authorization", "Basic ***"]],
    match: [{ name: "x-api-key", kind: "exact", value: "***" }],
    seen: { cookie: "a=***", "header authorization seen": "Bearer ***" },
    sticky: { cookie: "server" },
    raw: ["stats auth a:***"],
    password: "***",
    differences: [{ what: "header authorization seen", expected: "Basic ***", got: "differs (masked)" }],
  });
});

test("a difference that is only in masked text is shown", () => {
  const differ = (expected: string, got: string) =>
    maskedDifference({ what: "header cookie seen", expected, got });
  expect(differ("a=1", "a=2")).toMatchObject({ expected: "a=***", got: "differs (masked)" });
  expect(differ('"a=1"', '"a=2", "b=3"')).toMatchObject({ expected: '"a=***"', got: '"a=***", "b=***"' });
  expect(differ("a=1", "none")).toMatchObject({ got: "none" });
  expect(changeText("header authorization seen", "Basic a", "Basic b")).toBe(
    "header authorization seen: Basic *** → differs (masked)",
  );
  expect(changeText("path seen", "/a", undefined)).toBe("path seen: /a → none");
});

// Values of the request in header values: what is one, what a brace is, and what is refused with the nearest name.
import { expect, test } from "vitest";
import { parseMessageText } from "../../src/description/message-text.ts";

test.each([
  ["", ""],
  ["a } b", "a } b"],
  ["{{a}", "{a}"],
  ["{{{{", "{{"],
  ["{client.ip}", [{ from: "client.ip" }]],
  ["{{{scheme}}", ["{", { from: "scheme" }, "}"]],
  ["a{header.X-B}c", ["a", { from: "header", name: "x-b" }, "c"]],
])("%j is %j", (text, expected) => {
  expect(parseMessageText(text)).toEqual({ text: expected });
});

test.each([
  ["{", "`{` without `}`"],
  ["a{b", "`{` without `}`"],
  ["{{{", "`{` without `}`"],
  ["{}", "there is no value {}: the values are {client.ip}, "],
  ["{request.pth}", "did you mean {request.path}?"],
  ["{ client.ip }", "did you mean {client.ip}?"],
  ["{Scheme}", "did you mean {scheme}?"],
  ["{header.Host}", "write {request.host}"],
  ["{header.Connection}", "frames the message"],
  ["{header.a b}", "there is no value"],
  ["{header.}", "there is no value"],
])("%j is refused: %s", (text, problem) => {
  const outcome = parseMessageText(text);
  expect("problem" in outcome ? outcome.problem : "").toContain(problem);
});

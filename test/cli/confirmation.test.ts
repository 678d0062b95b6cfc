// The question before a deploy, as a terminal sends its keys.
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { askConfirmation } from "../../src/cli/confirmation.ts";

test.each([
  { keys: "y\r", consent: "yes" },
  { keys: "YES\r", consent: "yes" },
  { keys: "n\r", consent: "no" },
  { keys: "\r", consent: "no" },
  { keys: "\u0004", consent: "ended" },
  { keys: "\u0003", consent: "interrupted" },
])("$keys: $consent", async ({ keys, consent }) => {
  const input = new PassThrough();
  const answer = askConfirmation(input, new PassThrough());
  input.write(keys);
  expect(await answer).toBe(consent);
});

test("end of input", async () => {
  const input = new PassThrough();
  const answer = askConfirmation(input, new PassThrough());
  input.end();
  expect(await answer).toBe("ended");
});

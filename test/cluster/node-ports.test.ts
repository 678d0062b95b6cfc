// Node ports of an edge: what is tried again, before a port counts as unreachable.
import { expect, test } from "vitest";
import { triedAgain } from "../../src/cluster/endpoints.ts";

type Reach = Awaited<ReturnType<typeof triedAgain>>;

/** The result, and the number of attempts with these results; the last one is repeated. */
async function after(results: readonly Reach[], given = false) {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    return results[Math.min(attempts, results.length) - 1] ?? "no";
  };
  return [await triedAgain(attempt, given, 0), attempts];
}

test.each<[Reach[], [Reach, number]]>([
  // kube-proxy may not know a new Service yet.
  [
    ["refused", "refused", "yes"],
    ["yes", 3],
  ],
  [["refused"], ["refused", 6]],
  [
    ["untrusted", "yes"],
    ["yes", 2],
  ],
  [["no"], ["no", 1]],
  [
    ["another service", "yes"],
    ["yes", 2],
  ],
  [["another service"], ["another service", 2]],
])("%j", async (results, expected) => {
  expect(await after(results)).toEqual(expected);
});

test("an address that was given is tried again if it does not answer", async () => {
  expect(await after(["no", "yes"], true)).toEqual(["yes", 2]);
});

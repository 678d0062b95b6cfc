// Requests confirmation on the terminal before anything is changed.
import { createInterface } from "node:readline/promises";

/** `interrupted`: Ctrl-C. `ended`: end of input, Ctrl-D. */
export type Confirmation = "yes" | "no" | "interrupted" | "ended";

export async function askConfirmation(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<Confirmation> {
  const { promise, resolve, reject } = Promise.withResolvers<Confirmation>();
  const prompt = createInterface({ input, output, terminal: true });
  prompt.once("SIGINT", () => resolve("interrupted"));
  prompt.once("close", () => resolve("ended"));
  prompt.question("  apply? y/N ").then(
    (answer) => resolve(/^y(es)?$/i.test(answer.trim()) ? "yes" : "no"),
    // The question was closed by one of the events above.
    (error: unknown) =>
      error instanceof Error && error.name === "AbortError" ? resolve("ended") : reject(error),
  );
  try {
    return await promise;
  } finally {
    prompt.close();
  }
}

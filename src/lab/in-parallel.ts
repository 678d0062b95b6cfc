// Many requests to a lab, several at once.

/** Enough to fill both cores of a small machine, few enough not to queue. */
const AT_ONCE = 16;

/** Calls `use` for each, and waits for all. */
export async function inParallel<T>(
  all: readonly T[],
  use: (one: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = all.entries();
  const worker = async () => {
    for (const [index, one] of queue) await use(one, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

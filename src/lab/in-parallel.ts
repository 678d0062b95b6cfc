// Many requests to a lab, several at once.

/** Enough to fill both cores of a small machine, few enough not to queue. */
const AT_ONCE = 16;

/** The results of all, in their order. */
export async function inParallel<T, R>(
  all: readonly T[],
  use: (one: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const queue = all.entries();
  const results: R[] = [];
  const worker = async () => {
    for (const [index, one] of queue) results[index] = await use(one, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

// Quantities of memory, `512Mi`, in bytes.

const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["m", 1e-3],
  ["", 1],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["T", 1e12],
  ["P", 1e15],
  ["E", 1e18],
  ["Ki", 2 ** 10],
  ["Mi", 2 ** 20],
  ["Gi", 2 ** 30],
  ["Ti", 2 ** 40],
  ["Pi", 2 ** 50],
  ["Ei", 2 ** 60],
]);

/** Kubernetes, "Quantity" (apimachinery): a decimal number with a suffix or an exponent; undefined if it is invalid. */
export function readQuantity(text: string): number | undefined {
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([a-zA-Z]*))$/.exec(text.trim());
  if (found === null) return undefined;
  const [, digits = "", exponent = "", suffix = ""] = found;
  const factor = SUFFIXES.get(suffix);
  return factor === undefined ? undefined : Math.ceil(Number(digits + exponent) * factor);
}

// Names in conditions that HAProxy looks up while it reads the file, also with `haproxy -c` (pat_parse_ip() in its src/pattern.c).
import { type AclTest, testsOf } from "../condition.ts";
import type { HaproxyConfig, HaproxyToken } from "../config.ts";
import type { HaproxyWiring } from "../wiring.ts";

/** The sample of each test whose patterns HAProxy may read as names: `-n` after it forbids lookups (manual section 7.1.6). */
export function unresolvedTests({ lines }: HaproxyConfig): readonly HaproxyToken[] {
  return lines.flatMap((line) =>
    testsOf(line)
      .filter((test) => test.resolvesNames && !comparesText(test) && mayName(test))
      .map(({ fetch }) => fetch),
  );
}

function mayName({ files, patterns }: AclTest): boolean {
  return files.length > 0 || patterns.some(({ value }) => !isNetwork(value));
}

/** By its method, or by a sample that is neither an address nor a variable. */
function comparesText({ method, expression }: AclTest): boolean {
  if (method !== undefined) return method !== "ip";
  const [first, ...others] = expression?.calls ?? [];
  return others.length === 0 && TEXTS.test(first?.name ?? "");
}

const TEXTS =
  /^(?:base|path|url|method|query|(?:req\.|res\.|s)?(?:hdr|cook|ver)|url_?param|urlp|ssl_fc_sni|req\.ssl_sni|status)(?:_(?!ip)[a-z]+)?$/;

/** Names where addresses are compared. */
export function namedPatterns(
  { lines }: HaproxyConfig,
  { sources }: Pick<HaproxyWiring, "sources">,
): readonly HaproxyToken[] {
  const compared = lines.flatMap((line) =>
    testsOf(line)
      .filter(comparesAddresses)
      .flatMap(({ patterns }) => patterns),
  );
  return [...new Set([...compared, ...sources.map(({ token }) => token)])].filter(
    ({ value }) => !isNetwork(value),
  );
}

function comparesAddresses({ expression, method }: AclTest): boolean {
  const calls = expression?.calls ?? [];
  const last = calls.at(-1)?.name ?? "";
  return (
    method === "ip" || (ADDRESSES.test(calls[0]?.name ?? "") && (calls.length === 1 || last === "ipmask"))
  );
}

const ADDRESSES = /^(?:(?:fc_|bc_)?(?:src|dst)|(?:req\.|res\.|s)?hdr_ip|url_ip)$/;

function isNetwork(value: string): boolean {
  return /^[\d.]+(?:\/[\d.]+)?$|^[\da-f:]*:[\da-f:.]*(?:\/\d+)?$/i.test(value);
}

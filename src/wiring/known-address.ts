// Addresses of servers that environment variables of the container complete: `"${API_HOST}:8080"`.
import { readAddress } from "./haproxy/address.ts";
import type { HaproxyServer } from "./haproxy/wiring.ts";
import { isPlaceholder } from "./placeholder.ts";
import type { HaproxyLayer } from "./wiring.ts";

/** The same server if its address has no variable, or one whose value is not known. HAProxy replaces them with and without quotes. */
export function withKnownAddress(
  { config, runBy }: Pick<HaproxyLayer, "config" | "runBy">,
  server: HaproxyServer,
): HaproxyServer {
  const { address } = server;
  if (address.kind !== "variable" || runBy === undefined) return server;
  const own = new Set(
    config.lines.flatMap(({ tokens: [keyword, name] }) =>
      /^(?:un|re|pre)?setenv$/.test(keyword?.value ?? "") && name !== undefined ? [name.value] : [],
    ),
  );
  let isKnown = true;
  const value = address.token.value.replace(VARIABLE, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    const variable = runBy.container.env.get(name);
    const text = variable !== undefined && "value" in variable && !own.has(name) ? variable.value : undefined;
    isKnown &&= text !== undefined && text !== "" && !isPlaceholder(text);
    return text ?? "";
  });
  if (!isKnown || value.includes("$")) return server;
  return { ...server, address: { ...readAddress(config, { ...address.token, value }), at: address.at } };
}

/** `${NAME}`, `${NAME-default}`, `$NAME` (manual 3.2, section 2.3). */
const VARIABLE = /\$\{(\w+)(?:-[^{}]*)?\}|\$(\w+)/g;

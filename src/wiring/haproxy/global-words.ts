// Words by keyword: lines of the global section, and options of the sockets that HAProxy listens on.
import { directiveOf, type HaproxyConfig, type HaproxyToken } from "./config.ts";
import { bindOptionArity, readOptions } from "./options.ts";

/** First words of lines that open a socket; an address follows, except for `unix-bind`. */
const OPENS_SOCKET: readonly (readonly string[])[] = [["bind"], ["unix-bind"], ["stats", "socket"]];

/** The words of each line that begins with one of the keywords, also after `no`. */
export function globalLines(
  config: HaproxyConfig,
  keywords: readonly string[],
): readonly (readonly HaproxyToken[])[] {
  return config.sections
    .filter(({ kind }) => kind === "global")
    .flatMap(({ lines }) => lines)
    .filter((line) => keywords.includes(directiveOf(line).words[0]?.value ?? ""))
    .map(({ tokens }) => tokens);
}

/** The options with their values. */
export function socketOptions(config: HaproxyConfig, keywords: readonly string[]): readonly HaproxyToken[] {
  return config.lines.flatMap((line) => {
    const { words } = directiveOf(line);
    const begins = OPENS_SOCKET.find((known) => known.every((word, at) => words[at]?.value === word));
    if (begins === undefined) return [];
    const address = begins[0] === "unix-bind" ? 0 : 1;
    return readOptions(words.slice(begins.length + address), { ...bindOptionArity, prefix: 1 })
      .filter(({ keyword }) => keywords.includes(keyword.value))
      .flatMap(({ keyword, values }) => [keyword, ...values]);
  });
}

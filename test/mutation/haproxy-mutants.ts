// Mutants of haproxy.cfg: every port, time, number, name and flag, one at a time.
import type { EmittedFile } from "../../src/emit/file.ts";
import { type HaproxyToken, parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";
import { type Change, type Mutant, mutantAt, otherNumber } from "./mutant.ts";

export function haproxyMutants(file: EmittedFile): readonly Mutant[] {
  const config = parseHaproxyConfig(file.content, file.path);
  let next = 0;
  return config.lines.flatMap((line) => {
    const start = next;
    next += line.text.length + line.end.length;
    return line.tokens.flatMap((token, index) =>
      changesOf(line.tokens, index).map((change) => {
        const from = start + token.column - 1;
        return mutantAt(file, from, from + token.length, change);
      }),
    );
  });
}

/** Flags: words without a value. */
const FLAGS: Readonly<Record<string, Change["kind"]>> = {
  "accept-proxy": "proxy",
  check: "health check",
  "check-ssl": "health check",
  ssl: "protocol",
  "send-proxy": "proxy",
  "send-proxy-v2": "proxy",
  backup: "name",
};

/** Keywords whose first word is a name, or defines one. */
const NAMED: ReadonlySet<string> = new Set([
  "frontend",
  "backend",
  "resolvers",
  "defaults",
  "server",
  "server-template",
  "default_backend",
  "use_backend",
  "acl",
]);

function changesOf(tokens: readonly HaproxyToken[], index: number): readonly Change[] {
  const token = tokens[index];
  const keyword = tokens[0]?.value ?? "";
  if (token === undefined || index === 0) return [];
  const { text } = token;
  const before = tokens[index - 1]?.value ?? "";
  const flag = FLAGS[text];
  if (flag !== undefined && ["bind", "server", "server-template", "default-server"].includes(keyword))
    return [{ kind: flag, after: "" }];
  if (keyword === "tcp-request" && text === "expect-proxy") return [{ kind: "proxy", after: "accept" }];
  if (keyword === "mode" && index === 1)
    return [{ kind: "protocol", after: text === "http" ? "tcp" : "http" }];
  const address = /^(.*:)(\d+)$/.exec(text);
  if (address !== null && ["bind", "server", "server-template"].includes(keyword))
    return [
      { kind: "port", after: `${address[1]}${Number(address[2]) + 1}` },
      ...(keyword === "bind" ? [] : [{ kind: "name" as const, after: `x${text}` }]),
    ];
  const number = otherNumber(text);
  if (number !== undefined)
    return [{ kind: /\d[a-z]+$/.test(text) || keyword === "timeout" ? "time" : "number", after: number }];
  if (keyword === "http-check" && before === "uri") return [{ kind: "health check", after: `${text}x` }];
  if (NAMED.has(keyword) && index === 1 && /^[\w:.-]+$/.test(text))
    return [{ kind: "name", after: `${text}x` }];
  if (keyword === "acl" && /^[\d.:a-f]+\/\d+$/.test(text)) return [{ kind: "proxy", after: "192.0.2.0/24" }];
  if (/\(([\w-]+\.map)/.test(text))
    return [{ kind: "name", after: text.replace(/([\w-]+)\.map/, "$1x.map") }];
  return [];
}

// Mutants of Terraform and of a Dockerfile: their literals, by plain patterns, without comments.
import type { EmittedFile } from "../../src/emit/file.ts";
import { type Change, type Mutant, mutantAt } from "./mutant.ts";

/** Literals after `=`: numbers, booleans and texts; references are changed too. */
export function terraformMutants(file: EmittedFile): readonly Mutant[] {
  // Without effect: variables for the account, outputs, versions.
  if (/(variables|outputs|versions)\.tf$/.test(file.path)) return [];
  const mutants: Mutant[] = [];
  for (const { text, start } of linesOf(file.content)) {
    const [, indent = "", key = ""] = /^(\s*)([\w:"-]+)\s*=\s/.exec(text) ?? [];
    if (key === "" || /^(description|tags|Name|error_message)$/.test(key)) continue;
    const from = text.indexOf("=", indent.length) + 1;
    for (const literal of text.slice(from).matchAll(/"([^"$]*)"|\b\d+\b|\btrue\b|\bfalse\b/g)) {
      const at = start + from + literal.index;
      for (const change of terraformChanges(key, literal[0]))
        mutants.push(mutantAt(file, at, at + literal[0].length, change));
    }
  }
  return mutants;
}

const OTHER_PROTOCOLS: Readonly<Record<string, string>> = {
  tcp: "http",
  ssl: "tcp",
  TCP: "TLS",
  TLS: "TCP",
  HTTP: "TCP",
  http: "tcp",
};

function terraformChanges(key: string, literal: string): readonly Change[] {
  if (literal === "true" || literal === "false")
    return [{ kind: /proxy/.test(key) ? "proxy" : "number", after: literal === "true" ? "false" : "true" }];
  if (/^\d+$/.test(literal))
    return [
      {
        kind: /port/.test(key)
          ? "port"
          : /interval|timeout|delay|draining/.test(key)
            ? "time"
            : /threshold/.test(key)
              ? "health check"
              : "number",
        after: String(Number(literal) + 1),
      },
    ];
  const text = literal.slice(1, -1);
  const protocol = OTHER_PROTOCOLS[text];
  if (protocol !== undefined) return [{ kind: "protocol", after: `"${protocol}"` }];
  if (/^\d+$/.test(text))
    return [{ kind: key === "instance_ports" ? "proxy" : "port", after: `"${Number(text) + 1}"` }];
  if (/^[A-Z]+:\d+/.test(text))
    return [
      { kind: "health check", after: `"${text.replace(/\d+/, (port) => String(Number(port) + 1))}"` },
      { kind: "health check", after: `"${text.replace(/^[A-Z]+/, "SSL")}"` },
    ];
  return [{ kind: "name", after: `"${text}x"` }];
}

/** Each instruction's value, one change per line. */
export function dockerfileMutants(file: EmittedFile): readonly Mutant[] {
  return linesOf(file.content).flatMap(({ text, start }) => {
    const whole = /^(FROM|USER|STOPSIGNAL|ENTRYPOINT|CMD)\s+(.*)$/.exec(text);
    if (whole === null) return [];
    const [, instruction = "", value = ""] = whole;
    const after = dockerfileChange(instruction, value);
    const from = start + text.length - value.length;
    return [mutantAt(file, from, from + value.length, { kind: "name", after })];
  });
}

function dockerfileChange(instruction: string, value: string): string {
  if (instruction === "USER") return "0:0";
  if (instruction === "STOPSIGNAL") return "SIGTERM";
  if (instruction === "FROM") return value.replace(/^(\S+)/, "$1x");
  return value.replace(/([\w.-]+)"\s*\]$/, '$1x"]');
}

/** Maximum number of lines of a map. */
const MOST_LINES = 40;

/** A key that no lookup finds, and another value. */
export function mapMutants(file: EmittedFile): readonly Mutant[] {
  return linesOf(file.content)
    .slice(0, MOST_LINES)
    .flatMap(({ text, start }) => {
      const [, key = "", gap = "", value = ""] = /^(\S+)(\s+)(\S+)/.exec(text) ?? [];
      if (value === "") return [];
      const at = start + key.length + gap.length;
      return [
        mutantAt(file, start, start + key.length, { kind: "name", after: `x${key}` }),
        mutantAt(file, at, at + value.length, { kind: "name", after: `x${value}` }),
      ];
    });
}

function linesOf(content: string): readonly { readonly text: string; readonly start: number }[] {
  let start = 0;
  return content.split("\n").flatMap((text) => {
    const line = { text, start };
    start += text.length + 1;
    return /^\s*(#|$)/.test(text) ? [] : [line];
  });
}

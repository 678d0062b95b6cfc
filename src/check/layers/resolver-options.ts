// Options of resolv.conf, from a pod's dnsConfig or from a file with such lines.
import type { Position } from "../../findings/finding.ts";
import { valueAt } from "../../source/data.ts";
import type { Wiring, Workload } from "../../wiring/wiring.ts";

export interface ResolverOption {
  readonly name: string;
  readonly at: Position;
}

export function podOptions({ object, podPath, at }: Workload): readonly ResolverOption[] {
  const path = [...podPath, "dnsConfig", "options"];
  const options = valueAt(object.data, path);
  if (!Array.isArray(options)) return [];
  return options.flatMap((option: unknown, index) => {
    const name = typeof option === "object" && option !== null && "name" in option ? option.name : undefined;
    return typeof name === "string"
      ? [{ name, at: object.place([...path, index, "name"]) ?? object.place(path) ?? at }]
      : [];
  });
}

/** `options single-request ndots:2` */
export function resolvConfOptions(wiring: Wiring): readonly ResolverOption[] {
  return wiring.files
    .filter(({ kind }) => kind === "resolv-conf")
    .flatMap(({ file, text }) =>
      text.split("\n").flatMap((line, index) => {
        const found = /^\s*options\s/.exec(line);
        if (found === null) return [];
        return [...line.matchAll(/\S+/g)].slice(1).map((word) => ({
          name: word[0].split(":")[0] ?? "",
          at: { file, line: index + 1, column: word.index + 1, length: word[0].length },
        }));
      }),
    );
}

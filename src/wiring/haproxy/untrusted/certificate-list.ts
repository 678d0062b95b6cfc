// Lines of a certificate list with the options that are allowed: `FILE [option …] filter …` (manual 3.2, section 5.1, crt-list).
import { bindOptionArity } from "../options.ts";
import { isCertificateListOption } from "./keywords.ts";

/** The line without options that open files or make HAProxy send requests. */
export function withAllowedOptions(line: string): string {
  return line.replace(/\[([^\]]*)\]/, (_, inner: string) => {
    const words = inner.trim().split(/\s+/);
    const remaining: string[] = [];
    for (let at = 0; at < words.length; at += 1) {
      const option = words[at] ?? "";
      const count = Object.hasOwn(bindOptionArity, option) || option === "ocsp-update" ? 1 : 0;
      if (isCertificateListOption(option)) remaining.push(...words.slice(at, at + 1 + count));
      at += count;
    }
    return `[${remaining.join(" ")}]`;
  });
}

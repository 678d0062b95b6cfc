// The text that a leaf represents, for one request.
import type { Dimension } from "../../../src/space/dimension.ts";
import type { Ask } from "../../../src/space/evaluate-request.ts";
import { urlDecoded, urlEncoded } from "../../../src/space/haproxy/pull-back.ts";

/** undefined: a part that is not followed. */
export function expectedText(template: string, ask: Ask): string | undefined {
  let text = "";
  for (let at = 0; at < template.length; ) {
    if (template.startsWith("%%", at)) {
      text += "%";
      at += 2;
    } else if (template.startsWith("%[", at)) {
      const [whole, id = "", converters = ""] =
        /^%\[([a-z-]+(?::[\w-]+)?)((?:,[a-z_]+(?:\([^)]*\))?)*)\]/.exec(template.slice(at)) ?? [];
      if (whole === undefined) return undefined;
      const value = ask({ id } as Dimension);
      if (typeof value !== "string" && typeof value !== "number") return undefined;
      const made = converted(String(value), converters);
      if (made === undefined) return undefined;
      text += made;
      at += whole.length;
    } else {
      text += template.charAt(at);
      at += 1;
    }
  }
  return text;
}

function converted(value: string, converters: string): string | undefined {
  return [...converters.matchAll(/,([a-z_]+)(?:\(([^)]*)\))?/g)].reduce<string | undefined>(
    (text, [, name, given = ""]) => {
      if (text === undefined) return undefined;
      if (name === "lower") return text.toLowerCase();
      if (name === "upper") return text.toUpperCase();
      if (name === "url_enc") return urlEncoded(text);
      if (name === "url_dec") return urlDecoded(text, given === "1");
      if (name === "bytes") return text.slice(Number(given));
      if (name === "rtrim") return text.replace(new RegExp(`[${given}]+$`), "");
      return name === "field" ? text.split(given.slice(2))[0] : undefined;
    },
    value,
  );
}

// The page of a finding, docs/findings/CODE.md, which is part of the package.
import { readFileSync } from "node:fs";
import type { FindingCode } from "./codes.ts";

export const HOMEPAGE = "https://github.com/portico-edge/portico";

export interface FindingPage {
  /** The whole page as Markdown. */
  readonly markdown: string;
  /** What the finding is about, in a few words: `load balancer does not send the client address`. */
  readonly title: string;
  /** The complete sentences of the first paragraph, on one line. */
  readonly summary: string;
  /** The page on the web, for formats that need an absolute address. */
  readonly url: string;
}

export function findingPage(code: FindingCode): FindingPage {
  const markdown = readFileSync(new URL(`../../docs/findings/${code}.md`, import.meta.url), "utf8");
  const [, heading = "", paragraph = ""] = markdown.split("\n\n");
  const [sentences = paragraph] = /^[\s\S]*\.(?=\s|$)/.exec(paragraph) ?? [];
  return {
    markdown,
    title: heading.replace(/^.* · /, ""),
    summary: sentences.replaceAll("\n", " "),
    url: `${HOMEPAGE}/blob/main/docs/findings/${code}.md`,
  };
}

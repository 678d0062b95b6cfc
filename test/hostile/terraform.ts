// The tokens of a Terraform file, each with its place in Terraform's syntax tree.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Language, type Node, Parser } from "web-tree-sitter";

const require = createRequire(import.meta.url);
await Parser.init();
const parser = new Parser().setLanguage(
  await Language.load(
    readFileSync(require.resolve("@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm")),
  ),
);

export interface TerraformWords {
  /** `cloud/main.tf: body 0, block 2, …`, with its text. */
  readonly words: ReadonlyMap<string, string>;
  /** Places of syntax errors. */
  readonly wrong: readonly string[];
}

export function terraformWords(path: string, content: string): TerraformWords {
  const tree = parser.parse(content);
  if (tree === null) throw new Error(`${path}: the parser gave nothing`);
  const words = new Map<string, string>();
  const wrong: string[] = [];
  walk(tree.rootNode, `${path}:`, (node, place) => {
    if (node.isError || node.isMissing) wrong.push(`${place} is no Terraform: ${node.text.slice(0, 80)}`);
    if (node.childCount === 0) words.set(place, node.text);
  });
  tree.delete();
  return { words, wrong };
}

function walk(node: Node, place: string, see: (node: Node, place: string) => void): void {
  see(node, place);
  node.children.forEach((child, index) => {
    if (child !== null) walk(child, `${place} ${child.type} ${index}`, see);
  });
}

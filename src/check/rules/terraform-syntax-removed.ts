// terraform-syntax-removed: map written as a block, which Terraform rejects.
import type { Rule } from "../rule.ts";

/** Terraform, "Upgrading to Terraform v0.12": attributes that are maps are set with `=`. */
const MAP_AS_BLOCK = /^([ \t]*)(tags)[ \t]*\{/;

export const terraformSyntaxRemoved: Rule = {
  code: "terraform-syntax-removed",
  severity: "error",
  check: (wiring) =>
    wiring.files
      .filter(({ kind, file }) => kind === "terraform" && file.endsWith(".tf"))
      .flatMap(({ file, text }) =>
        text.split("\n").flatMap((line, index) => {
          const found = MAP_AS_BLOCK.exec(line);
          if (found === null) return [];
          const [, indent = "", name = ""] = found;
          const column = indent.length + 1;
          const at = { file, line: index + 1, column, length: name.length };
          const end = { endLine: at.line, endColumn: column + name.length };
          return {
            what: `\`${name} {\` is a block, and Terraform 0.12 and newer require \`${name} = {\``,
            why: '`terraform plan` fails (Blocks of type "tags" are not expected here), and no resource of this folder can be changed.',
            remedy: `Write \`${name} = {\`.`,
            at: [at],
            fix: {
              does: `writes \`${name} = {\``,
              edits: [{ file, line: at.line, column, ...end, text: `${name} =` }],
            },
          };
        }),
      ),
};

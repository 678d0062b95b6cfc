// The rows of the table under a heading of a page, cell by cell, whatever the alignment of its columns.

/** Without the header row and its delimiter row; empty if there is no such heading or no table. */
export function rowsUnder(heading: string, page: string): readonly (readonly string[])[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return rowsOf(section.split("\n")).slice(2);
}

export function rowsOf(lines: readonly string[]): readonly (readonly string[])[] {
  return lines
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

// A phrase as a sentence.

/** With a capital letter, and a full stop where it has no other end. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.:;]$/.test(text) ? "" : "."}`;
}

// A phrase as a sentence.

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** With a capital letter, and a full stop where it has no other end. */
export function sentence(text: string): string {
  return `${capitalized(text)}${/[.:;]$/.test(text) ? "" : "."}`;
}

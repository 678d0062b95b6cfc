// The closed list of what can be wrong with a description before it is planned. Each code has a page in docs/findings/.

export const DESCRIPTION_CODES = [
  // Finding and reading the file.
  "description-not-found",
  "description-ambiguous",
  "description-unreadable",
  "description-too-large",
  "description-not-text",
  "description-empty",
  // YAML.
  "yaml-syntax",
  "yaml-tab",
  "yaml-duplicate-key",
  "yaml-alias",
  "yaml-alias-bomb",
  "yaml-several-documents",
  "yaml-too-deep",
  "yaml-key",
  "yaml-tag",
  // portico.config.ts.
  "config-syntax",
  "config-import",
  "config-throws",
  "config-never-ends",
  "config-ends-early",
  "config-export",
  "config-not-data",
  // The schema.
  "unknown-key",
  "missing-key",
  "wrong-type",
  "unknown-value",
  "invalid-value",
] as const;

export type DescriptionCode = (typeof DESCRIPTION_CODES)[number];

// Names of credentials: headers, keys of files, variables.

/** Words of a header's or key's name between hyphens: `x-auth-token`, `x-amz-security-token`, `x-session-id`. */
export const CREDENTIAL_WORDS: readonly string[] = [
  "credential",
  "credentials",
  "jwt",
  "passwd",
  "password",
  "secret",
  "session",
  "token",
];

/** In front of `-key`: `x-api-key`, `ocp-apim-subscription-key`, `x-functions-key`. */
export const CREDENTIAL_KEYS: readonly string[] = [
  "access",
  "api",
  "functions",
  "master",
  "private",
  "subscription",
];

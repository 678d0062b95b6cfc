// Findings about a password, a key or a credential name the mistake, but not the value.
import { isCredentialHeader } from "../../findings/credentials.ts";
import type { Finding } from "../../findings/finding.ts";
import { MASK } from "../../findings/hidden-text.ts";
import type { Path } from "../../source/data.ts";
import { isMap } from "./schema-shape.ts";
import { pathText, shorten } from "./words.ts";

/** If the finding is at the place of such a value in the description, its text is masked with asterisks. */
export function withoutSecrets(findings: readonly Finding[], value: unknown): readonly Finding[] {
  const secrets = secretsIn(value, [], false);
  return findings.map((finding) => {
    const about = secrets.filter(({ place }) => finding.what.includes(`\`${place}`));
    return about.reduce((shown, { texts }) => withoutTexts(shown, texts), finding);
  });
}

interface SecretValue {
  readonly place: string;
  /** As it may appear in messages. */
  readonly texts: readonly string[];
}

function secretsIn(value: unknown, path: Path, secret: boolean): readonly SecretValue[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => secretsIn(one, [...path, index], secret));
  if (isMap(value))
    return Object.entries(value).flatMap(([key, one]) =>
      secretsIn(one, [...path, key], secret || isSecretKey(key, one)),
    );
  if (!secret || value === null || value === undefined || value === "") return [];
  const text = String(value);
  return [{ place: pathText(path), texts: [text, shorten(text, 40), shorten(text, 60)] }];
}

/** `cookie` is the name of a cookie too, where it is not a header. */
function isSecretKey(key: string, value: unknown): boolean {
  if (key === "cookie") return typeof value === "string" && value.includes("=");
  return key === "password" || key === "stickyKey" || isCredentialHeader(key);
}

function withoutTexts(finding: Finding, texts: readonly string[]): Finding {
  const shown = (text: string) => texts.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  return {
    ...finding,
    what: shown(finding.what),
    why: shown(finding.why),
    remedy: shown(finding.remedy),
  };
}

// Text as HAProxy's converter `url_enc` writes it: a key of the routing tables has that length.

/** As HAProxy's url_enc (manual 7.3.1): every byte but letters, digits and -._~ as %XX. */
export function urlEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Parts of an address that are this long may be secrets by themselves: tokens, signatures. */
const TOKEN_MIN = 16;
/** Shorter ones would blot out words of the receiver's answer. */
const SECRET_MIN = 4;

/** The text without an address and its parts, and without the secrets: receivers like to repeat what they were sent. */
export function withoutSecrets(
  text: string,
  { url, secrets = [] }: { readonly url: string; readonly secrets?: readonly string[] },
): string {
  const { href, pathname, search, searchParams } = new URL(url);
  const whole = [url, href, pathname + search, pathname].filter((part) => part.length > 1);
  const parts = [...pathname.split("/"), ...searchParams.values()].filter(
    (part) => part.length >= TOKEN_MIN,
  );
  // Words too: of "Bearer …" it is the second that must not be shown.
  const words = secrets.flatMap((secret) => [secret, ...secret.split(/\s+/)]);
  const hidden = [...whole, ...parts, ...words.filter((word) => word.length >= SECRET_MIN)];
  return hidden.reduce((kept, secret) => kept.replaceAll(secret, "…"), text);
}

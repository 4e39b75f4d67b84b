/** What the IDs of a Cryptomatte identify, and how programs name Cryptomattes accordingly. */
export const cryptomatteKinds = ['object', 'material', 'asset'] as const;
/** What the IDs of a Cryptomatte stand for. */
export type CryptomatteKind = (typeof cryptomatteKinds)[number];

const kinds = cryptomatteKinds.join('|');
const capitalised = cryptomatteKinds.map((kind) => kind[0]?.toUpperCase() + kind.slice(1)).join('|');

export function isKind(text: string): text is CryptomatteKind {
  return cryptomatteKinds.some((kind) => kind === text);
}

/** A pass as Blender names it, with or without the number of a rank layer: `CryptoObject`, `CryptoObject00`. */
export const blenderPass = new RegExp(`^Crypto(${capitalised})(\\d\\d)?$`);

/** A Cryptomatte as Arnold names it: `crypto_object`. */
export const arnoldName = new RegExp(`^crypto_(${kinds})$`);

const endsInKind = new RegExp(`^(?<before>.*?)[._]?crypto_?(?<kind>${kinds})$`, 'is');

/** `main.CryptoObject`, `main_crypto_object`: the kind, in lower case, and what precedes it. Undefined for other names. */
export function splitKind(name: string): { readonly kind: string; readonly before: string } | undefined {
  const { kind, before } = endsInKind.exec(name)?.groups ?? {};
  return kind === undefined || before === undefined ? undefined : { kind: kind.toLowerCase(), before };
}

/** Random secrets, from the machine's cryptographic generator. */
export interface Secrets {
  /** 256 random bits as 43 letters of base64url (RFC 4648, section 5): what a device shows at each request. */
  token(): string;
  /** Six decimal digits, each of the 1,000,000 as likely: what a person types once. */
  code(): string;
}

/** As `Secrets.token` makes them. */
export const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** As `Secrets.code` makes them. */
export const CODE = /^\d{6}$/;

/** A text in each language; the same braces in both. */
export interface Text {
  readonly en: string;
  readonly de: string;
}

import { SaxesParser, type SaxesTagNS } from 'saxes';
import { ManifestError } from './manifest-error.ts';

/** Manifests nest six deep; `metadata` of other tools may go further. */
export const MAX_DEPTH = 64;
/** Twice the longest path that Linux knows, with room for text in metadata. */
export const MAX_TEXT_CHARS = 65_536;

/** Attribute values by local name. */
export type Attributes = ReadonlyMap<string, string>;

export interface XmlHandler {
  /** `path` is the chain of local names from the root: `hashlist/hashes/hash`. */
  open(path: string, attributes: Attributes): void;
  close(path: string, text: string): void;
}

interface Frame {
  readonly path: string;
  text: string;
}

/**
 * Elements of one namespace out of XML that comes in pieces; other namespaces (metadata of other tools) are passed
 * over with all they hold. A document type is refused: no manifest has one, and entities are what XML bombs are made
 * of. Throws `ManifestError`.
 */
export class XmlReader {
  readonly #parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  readonly #handler: XmlHandler;
  readonly #namespace: string;
  readonly #frames: Frame[] = [];
  /** Depth below an element of another namespace; 0 outside. */
  #foreign = 0;

  constructor(namespace: string, handler: XmlHandler) {
    this.#namespace = namespace;
    this.#handler = handler;
    const parser = this.#parser;
    parser.on('error', (error) => {
      throw new ManifestError('damaged', `XML is damaged at ${error.message}`, error);
    });
    parser.on('doctype', () => {
      throw new ManifestError('damaged', 'a document type is not allowed');
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', () => this.#close());
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  /** The document must be complete. */
  end(): void {
    this.#parser.close();
  }

  #open(tag: SaxesTagNS): void {
    if (this.#frames.length + this.#foreign >= MAX_DEPTH) {
      throw new ManifestError('limit', `elements nest deeper than ${MAX_DEPTH}`);
    }
    if (this.#foreign > 0 || tag.uri !== this.#namespace) {
      if (this.#frames.length === 0) {
        throw new ManifestError('damaged', `<${tag.local}> is not of the namespace ${this.#namespace}`);
      }
      this.#foreign += 1;
      return;
    }
    const above = this.#frames.at(-1);
    // Only leaves have text that matters; the blanks between 50,000 elements would pass the limit.
    if (above !== undefined) above.text = '';
    const path = above === undefined ? tag.local : `${above.path}/${tag.local}`;
    this.#frames.push({ path, text: '' });
    this.#handler.open(path, attributesOf(tag));
  }

  #close(): void {
    if (this.#foreign > 0) {
      this.#foreign -= 1;
      return;
    }
    const frame = this.#frames.pop();
    if (frame !== undefined) this.#handler.close(frame.path, frame.text);
  }

  #text(text: string): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined || this.#foreign > 0) return;
    frame.text += text;
    if (frame.text.length > MAX_TEXT_CHARS) {
      throw new ManifestError('limit', `a text is longer than ${MAX_TEXT_CHARS} characters`);
    }
  }
}

/** Without those of other namespaces, which may repeat a name. */
function attributesOf(tag: SaxesTagNS): Attributes {
  const own = Object.values(tag.attributes).filter((attribute) => attribute.uri === '');
  return new Map(own.map(({ local, value }) => [local, value]));
}

const CHUNK_CHARS = 65_536;

/** Pieces of a text, so that the parser works on little at a time and its caller can stop in between. */
export function* inChunks(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += CHUNK_CHARS) {
    yield text.slice(start, start + CHUNK_CHARS);
  }
}

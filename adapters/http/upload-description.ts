import * as z from 'zod';
import type { Api } from './api.ts';
import { UPLOAD_TYPE } from './upload-paths.ts';

/** Of tus. */
export const VERSION = '1.0.0';
export const EXTENSIONS = 'creation,expiration,termination';

const bytes = z.number().int().nonnegative();
const version = { 'tus-resumable': z.literal(VERSION) };
const Versioned = z.object(version);
const spoken = { ...version, 'tus-version': z.literal(VERSION) };
const metadata = z
  .string()
  .optional()
  .describe('filename and lastModified (ms since 1970), each with its value in base64, with commas between');
const expires = z.string().optional().describe('RFC 9110 date; missing when it is whole');
const offset = bytes.describe('so many bytes are safe; all of them only when it lies in the inbox');
const kept = { ...spoken, 'upload-offset': offset, 'upload-expires': expires };
const Features = z.object({
  ...spoken,
  'tus-extension': z.literal(EXTENSIONS),
  'tus-max-size': bytes,
});

/** The routes of tus for the description: what they read and answer are headers and bytes. */
export function describeUploads(api: Api): void {
  const need = 'owner';
  for (const path of ['/uploads', '/uploads/:id']) {
    const summary = path === '/uploads' ? 'What of tus is spoken here' : 'The same, asked of an upload';
    api.describe(path, { method: 'options', summary, need, answer: { status: 204, headers: Features } });
  }
  api.describe('/uploads', {
    method: 'post',
    summary: 'Begin an upload (tus 1.0.0); it has no body',
    headers: z.object({ ...version, 'upload-length': bytes, 'upload-metadata': metadata }),
    answer: { status: 201, headers: z.object({ ...kept, location: z.string() }) },
  });
  api.describe('/uploads/:id', {
    method: 'head',
    summary: 'How far an upload is',
    need,
    headers: Versioned,
    answer: {
      status: 200,
      headers: z.object({ ...kept, 'upload-length': bytes, 'upload-metadata': metadata }),
    },
  });
  api.describe('/uploads/:id', {
    method: 'patch',
    summary: 'Send bytes of an upload, from where it stands',
    description: 'What came is kept when the connection breaks: ask with HEAD and go on there.',
    headers: z.object({ ...version, 'upload-offset': bytes }),
    takes: UPLOAD_TYPE,
    answer: { status: 204, headers: z.object(kept) },
  });
  api.describe('/uploads/:id', {
    method: 'delete',
    summary: 'Give an upload up',
    headers: Versioned,
    answer: { status: 204, headers: z.object(spoken) },
  });
}

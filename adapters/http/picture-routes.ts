import { readFile } from 'node:fs/promises';
import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { UserError } from '../../services/errors.ts';
import type { Library } from '../../services/library/library.ts';
import { PhotoDetail } from '../../services/library/shapes.ts';
import { away, type Originals, unknownPhoto } from '../../services/pictures/originals.ts';
import { PHOTO_ID, type Pictures } from '../../services/pictures/pictures.ts';
import type { PictureSize } from '../../services/pictures/ports.ts';
import { MAX_SELECTED, type Selections } from '../../services/pictures/selections.ts';
import type { Api, Asked } from './api.ts';
import { archiveOf } from './archive.ts';
import { disposition } from './attachment.ts';
import { deviceOf } from './callers.ts';
import type { Downloads } from './downloads.ts';
import { isKnown, portionOf, tagOf } from './original.ts';

/** Photos to look at and to take along. */
export interface Gallery {
  readonly pictures: Pick<Pictures, 'get'>;
  readonly originals: Pick<Originals, 'open' | 'find'>;
  readonly selections: Pick<Selections, 'make' | 'find'>;
}

interface Parts extends Gallery {
  readonly library: Pick<Library, 'photo'>;
  readonly downloads: Downloads;
}

/** Copies take minutes. */
const LATER_SECONDS = 30;
/** The content has its name from a hash: whatever is found under it stays so. Not in caches that others share. */
const FOR_EVER = 'private, max-age=31536000, immutable';
/** Of the body that names `MAX_SELECTED` photos of 33 letters, quotes and comma. */
const SELECTION_BYTES = MAX_SELECTED * 40;

const photoId = z.string().regex(PHOTO_ID, 'it is not the id of a photo');
const PhotoParams = z.strictObject({ id: photoId });
const OriginalQuery = z.strictObject({ download: z.string().max(5).optional() });
const SelectionBody = z.strictObject({ ids: z.array(photoId).min(1).max(MAX_SELECTED) });
const SelectionParams = z.strictObject({ id: z.string().max(64) });
const SelectionShape = z.object({ id: z.string(), files: z.number(), bytes: z.number() });

export function addPictureRoutes(api: Api, parts: Parts): void {
  const photo = { summary: 'What is known of one photo', params: PhotoParams };
  api.get('/photos/:id', { ...photo, answer: { json: PhotoDetail } }, ({ params }) =>
    parts.library.photo(params.id),
  );
  for (const size of ['thumb', 'preview'] as const) {
    const summary = size === 'thumb' ? 'A small picture of a photo or film' : 'A picture for a whole screen';
    const about = { summary, params: PhotoParams, answer: { type: 'image/jpeg' } };
    api.get(`/photos/:id/${size}`, about, (asked) => sendPicture(parts.pictures, size, asked));
  }
  addOriginalRoute(api, parts);
  addSelectionRoutes(api, parts);
}

type OfPhoto = Pick<Asked<z.output<typeof PhotoParams>, unknown, unknown>, 'params' | 'request' | 'reply'>;

async function sendPicture(
  pictures: Gallery['pictures'],
  size: PictureSize,
  asked: OfPhoto,
): Promise<unknown> {
  const { params, request, reply } = asked;
  const tag = tagOf(`${params.id}-${size}`);
  const answer = await pictures.get(params.id, size);
  if (answer === 'unknown') throw unknownPhoto(params.id);
  if (answer === 'away') throw away(params.id);
  if (answer === 'none') throw noPicture();
  // A picture that was made may have had to make room again.
  const jpeg = answer === 'later' ? null : await readFile(answer.path).catch(() => null);
  if (jpeg === null) throw later(reply);
  reply.headers({ etag: tag, 'cache-control': FOR_EVER, 'x-content-type-options': 'nosniff' });
  return isKnown(request.headers, tag) ? reply.code(304).send() : jpeg;
}

function addOriginalRoute(api: Api, { originals, downloads }: Parts): void {
  const about = {
    summary: 'The photo or film itself, or a range of its bytes',
    params: PhotoParams,
    query: OriginalQuery,
    answer: { type: 'application/octet-stream' },
  };
  api.get('/photos/:id/original', about, ({ params, query, request, reply }) =>
    downloads.during(request, reply, async (closed) => {
      const original = await originals.open(params.id);
      try {
        const portion = portionOf(original.photo, request, query.download !== undefined);
        if (closed.aborted) return void reply.hijack();
        const { bytes } = portion;
        const read = bytes === null ? null : original.read(bytes.first, bytes.last);
        await downloads.send(request, reply, portion, read);
      } finally {
        await original.close();
      }
    }),
  );
}

function addSelectionRoutes(api: Api, { originals, selections, downloads }: Parts): void {
  const making = {
    summary: 'Photos that are to be one archive, for an hour',
    need: 'viewer' as const,
    body: SelectionBody,
    bodyLimit: SELECTION_BYTES,
    answer: { status: 201, json: SelectionShape },
  };
  api.post('/selections', making, async ({ body, request }) => {
    const owner = deviceOf(request.raw)?.id ?? null;
    const { id, photos, bytes } = await selections.make(body.ids, owner);
    return { id, files: photos.length, bytes };
  });
  const taking = {
    summary: 'The selected photos as one ZIP archive',
    params: SelectionParams,
    answer: { type: 'application/zip' },
  };
  api.get('/selections/:id/archive', taking, ({ params, request, reply }) => {
    const selection = selections.find(params.id, deviceOf(request.raw)?.id ?? null);
    if (selection === null) throw unknownSelection();
    return downloads.during(request, reply, async (closed) => {
      const archive = await archiveOf(selection, originals);
      try {
        const headers = {
          'content-type': 'application/zip',
          'content-length': archive.sizeBytes,
          'content-disposition': disposition('attachment', `imagetank-${selection.photos.length}-photos.zip`),
          'x-content-type-options': 'nosniff',
        };
        if (closed.aborted) return void reply.hijack();
        const read = request.method === 'HEAD' ? null : archive.bytes;
        await downloads.send(request, reply, { status: 200, headers }, read);
      } finally {
        await archive.close();
      }
    });
  });
}

const noPicture = () =>
  new UserError(
    'no-picture',
    66,
    'no picture can be made of it',
    'take the original; imagetank doctor tells whether a tool is missing',
  );

function later(reply: FastifyReply): UserError {
  reply.header('retry-after', LATER_SECONDS);
  return new UserError(
    'later',
    75,
    'no picture is made now: a backup runs, or too many wait',
    `try again in ${LATER_SECONDS} s`,
  );
}

const unknownSelection = () =>
  new UserError('unknown-selection', 66, 'no such selection, or its hour is over', 'select the photos again');

import { UPLOAD_ID } from '../../services/uploads/ports.ts';

export const UPLOADS_PATH = '/api/v1/uploads';
export const UPLOAD_PATH = new RegExp(`^${UPLOADS_PATH}/${UPLOAD_ID.source.slice(1)}`);
/** Of tus 1.0.0, for the bytes of a piece. */
export const UPLOAD_TYPE = 'application/offset+octet-stream';

/**
 * Stands in the bundle for `node:https` and `node:http2`, which fastify loads for servers that we do not ask it for:
 * 2.6 MB with TLS. Whoever asks for one after all gets an error, and nothing that is not encrypted.
 */
export {};

/** A line of progress is short; the result of a check may list every file of a card. */
const MAX_LINE = 64_000_000;

/** Values of a JSON Lines body, as they come. Throws `SyntaxError` for what is not JSON, `RangeError` for a line without an end. */
export async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let waiting = '';
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      const lines = (waiting + decoder.decode(step.value, { stream: true })).split('\n');
      waiting = lines.pop() ?? '';
      if (waiting.length > MAX_LINE) throw new RangeError('a line without an end');
      for (const line of lines) if (line !== '') yield JSON.parse(line);
    }
    if (waiting !== '') yield JSON.parse(waiting);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

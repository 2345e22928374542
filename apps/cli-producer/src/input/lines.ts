const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A line was longer than any message can be. */
export class LineTooLongError extends Error {}

/**
 * The lines of a byte stream, without LF or CRLF and without empty ones; all that arrived together come in one array, so that
 * nothing waits for lines that may never come. Throws LineTooLongError for a line of more than `longest` bytes.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer[]> {
  let unfinished: Buffer[] = []
  let unfinishedBytes = 0
  for await (const chunk of chunks) {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      lines.push(Buffer.concat([...unfinished, chunk.subarray(start, end)]))
      unfinished = []
      unfinishedBytes = 0
      start = end + 1
    }
    if (start < chunk.length) unfinished.push(chunk.subarray(start))
    unfinishedBytes += chunk.length - start
    if (unfinishedBytes > longest)
      throw new LineTooLongError(`a line has more than ${longest} bytes: is the input text?`)
    yield* nonEmpty(lines)
  }
  yield* nonEmpty([Buffer.concat(unfinished)])
}

function* nonEmpty(lines: readonly Buffer[]): Generator<Buffer[]> {
  const bodies = lines.map(withoutCarriageReturn).filter((line) => line.length > 0)
  if (bodies.length > 0) yield bodies
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
}

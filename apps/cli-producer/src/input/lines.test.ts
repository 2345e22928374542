import { describe, expect, it } from 'vitest'
import { LineTooLongError, readLines } from './lines.js'

async function* chunksOf(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

async function read(...texts: string[]): Promise<string[][]> {
  const arrays: string[][] = []
  for await (const lines of readLines(chunksOf(...texts), 10)) arrays.push(lines.map(String))
  return arrays
}

describe('readLines', () => {
  it.each<readonly [name: string, texts: string[], expected: string[][]]>([
    ['lines end with LF or CRLF', ['a\nb\r\nc\n'], [['a', 'b', 'c']]],
    ['a last line needs no end', ['a\nb'], [['a'], ['b']]],
    ['empty lines are left out', ['\n\na\n\r\n\nb\n'], [['a', 'b']]],
    ['a CR inside a line stays', ['a\rb\n'], [['a\rb']]],
    ['lines are put together from many chunks', ['a', 'b', 'c\nd', 'e\n'], [['abc'], ['de']]],
    ['a CRLF split between chunks is one end', ['a\r', '\nb\n'], [['a', 'b']]],
    ['what arrives together comes together', ['a\nb\n', 'c\n'], [['a', 'b'], ['c']]],
    ['no input has no lines', [], []],
  ])('%s', async (_name, texts, expected) => {
    expect(await read(...texts)).toEqual(expected)
  })

  it('puts a character together whose bytes came in two chunks', async () => {
    const [first, second] = Buffer.from('é')
    async function* halves(): AsyncGenerator<Buffer> {
      yield Buffer.from([first!])
      yield Buffer.from([second!, 0x0a])
    }
    for await (const lines of readLines(halves(), 10)) expect(lines.map(String)).toEqual(['é'])
  })

  it('refuses a line that grows beyond the bound', async () => {
    await expect(read('123456', '78901')).rejects.toThrow(LineTooLongError)
    expect(await read('1234567890')).toEqual([['1234567890']])
  })

  it('reads on only when asked for more', async () => {
    let given = 0
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        given++
        yield Buffer.from(`${given}\n`)
      }
    }
    const lines = readLines(endless(), 10)
    await lines.next()
    await lines.next()
    expect(given).toBe(2)
  })
})

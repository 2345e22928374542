import { describe, expect, it } from 'vitest'
import { parseProperties } from './properties.js'

/** Expected values are those of java.util.Properties#load for the same text. */
const cases: ReadonlyArray<readonly [name: string, text: string, expected: ReadonlyArray<readonly [string, string]>]> =
  [
    ['an equals sign parts key and value', 'a=b', [['a', 'b']]],
    ['a colon parts key and value', 'a:b', [['a', 'b']]],
    ['blanks part key and value', 'a \t b c', [['a', 'b c']]],
    ['blanks around the separator are dropped', 'a \f=\t b', [['a', 'b']]],
    [
      'a second separator belongs to the value',
      'a==b\nc=:d\ne : = f',
      [
        ['a', '=b'],
        ['c', ':d'],
        ['e', '= f'],
      ],
    ],
    ['blanks at the end of a value stay', 'a = b \t', [['a', 'b \t']]],
    [
      'a key alone has an empty value',
      'a\nb=\nc :',
      [
        ['a', ''],
        ['b', ''],
        ['c', ''],
      ],
    ],
    ['an empty key is a key', '=v', [['', 'v']]],
    ['comments and blank lines hold no property', '# a=1\n  ! b=2\n\n \t\nc=3', [['c', '3']]],
    ['a # inside a value is part of it', 'a=b#c', [['a', 'b#c']]],
    ['a continued line is joined without its indent', 'a=b,\\\n   c,\\\r\n\td', [['a', 'b,c,d']]],
    ['a comment sign on a continued line is text', 'a=b\\\n#c', [['a', 'b#c']]],
    [
      'an even number of backslashes does not continue the line',
      'a=b\\\\\nc=d',
      [
        ['a', 'b\\'],
        ['c', 'd'],
      ],
    ],
    ['a comment line cannot be continued', '# a \\\nb=1', [['b', '1']]],
    ['a backslash at the end of the file is dropped', 'a=b\\', [['a', 'b']]],
    ['escaped separators belong to the key', 'a\\=b\\:c\\ d=e', [['a=b:c d', 'e']]],
    ['\\uXXXX stands for its character', 'a=\\u00e9\\u4E2d', [['a', 'é中']]],
    ['\\t, \\n, \\r and \\f stand for control characters', 'a=\\t\\n\\r\\f', [['a', '\t\n\r\f']]],
    ['any other escaped character stands for itself', 'a=C:\\\\store\\q\\"', [['a', 'C:\\storeq"']]],
    [
      'lines end with LF, CR or CRLF',
      'a=1\rb=2\r\nc=3\nd=4',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
        ['d', '4'],
      ],
    ],
    [
      'a key that comes twice is given twice',
      'a=1\na=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['a byte order mark is no part of the first key', '\uFEFFa=1', [['a', '1']]],
  ]

describe('parseProperties', () => {
  it.each(cases)('%s', (_name, text, expected) => {
    expect(parseProperties(text).map(({ key, value }) => [key, value])).toEqual(expected)
  })

  it('gives the line on which each key starts', () => {
    const text = '# comment\n\na=1,\\\n  2\n\nb=3\r\rc=4'
    expect(parseProperties(text).map(({ key, line }) => [key, line])).toEqual([
      ['a', 3],
      ['b', 6],
      ['c', 8],
    ])
  })

  it('refuses a \\u without four digits, naming the line', () => {
    expect(() => parseProperties('a=1\nb=\\u12x4')).toThrow(expect.objectContaining({ line: 2 }))
  })
})
